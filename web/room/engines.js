/** Engines: how each is, and what can be done with it. */

import { el } from "../dom.js";
import { engineCard } from "./engine.js";

const ROLES = {
  vad: "Find speech",
  asr: "Write down words",
  aligner: "Time words",
  diarizer: "Tell speakers apart",
  embed: "Compare texts",
  chat: "Write text",
};
const MOVES = new Set(["downloading", "loading", "unloading"]);

/** Whether an engine is on its way from one state to another. */
export const moving = (engine) => MOVES.has(engine.runtime.state);

/** Make the section; `changed` is called when something was asked of an engine. */
export function engines(changed) {
  const list = el("div", { class: "roles" });
  const heading = el("h2", { id: "room-engines" }, "Engines");
  const note = el("p", { class: "hint", hidden: true });
  const element = el("section", { "aria-labelledby": "room-engines" }, heading, note, list);
  const cards = new Map();
  const show = ({ engines: found, gpus, node, others }) => {
    heading.textContent = others.length ? `Engines of ${node}` : "Engines";
    note.hidden = others.length === 0;
    note.textContent = `These are the engines of the server ${node} alone. Each server has its own: choose it above.`;
    for (const engine of found) {
      const id = `${engine.role} ${engine.key}`;
      if (!cards.has(id)) {
        cards.set(id, engineCard(changed));
        place(list, engine.role).append(cards.get(id).element);
      }
      cards.get(id).show(engine, gpus);
    }
  };
  return { element, show };
}

function place(list, role) {
  const there = list.querySelector(`[data-role="${CSS.escape(role)}"] ul`);
  if (there) return there;
  const made = el("ul", { class: "rows" });
  list.append(el("div", { data: { role } }, el("h3", { class: "role" }, ROLES[role] ?? role), made));
  return made;
}
