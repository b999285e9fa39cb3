/** The playground: a chat, a transcription and embeddings, with the models of this server. */

import * as v1 from "../v1.js";
import { el } from "../dom.js";
import { empty, skeleton } from "../empty.js";
import { me } from "../me.js";
import { note } from "../router.js";
import { chat } from "./chat.js";
import { embed } from "./embed.js";
import { transcribe } from "./transcribe.js";

const TABS = [
  { name: "chat", text: "Chat", types: ["text-generation", "image-text-to-text"], show: chat },
  { name: "transcribe", text: "Transcribe", types: ["automatic-speech-recognition"], show: transcribe },
  { name: "embeddings", text: "Embeddings", types: ["text-embeddings-inference"], show: embed },
];

/** Show it in `place` until `signal` aborts. */
export async function show(place, _, signal) {
  document.title = "Playground – Parley";
  const page = el("div", { class: "page playground" }, el("h1", {}, "Playground"), skeleton(5, "Loading models"));
  place.append(page);
  try {
    const [{ role, keyed }, models] = await Promise.all([me(), v1.models(signal)]);
    if (signal.aborted) return;
    page.lastChild.replaceWith(role === "read" ? readsOnly() : tabs(models, keyed, signal));
  } catch (problem) {
    if (problem.name === "AbortError" || problem.status === 401) return;
    const again = () => (place.replaceChildren(), show(place, _, signal));
    page.lastChild.replaceWith(empty({ drawing: "warning", bad: true, title: "The models cannot be shown", text: problem.message, actions: [{ label: "Try again", main: true, run: again }] }));
  }
}

const readsOnly = () => empty({ drawing: "key", bad: true, title: "This key only reads", text: "Sign in with a key that may use models, then try them here.", actions: [{ label: "All meetings", href: "/", main: true }] });

/** Tabs by the tab pattern: arrows move, the panel follows. */
function tabs(models, keyed, signal) {
  const panel = el("div", { id: "play-panel", role: "tabpanel", class: "play-panel" });
  const panels = new Map();
  const buttons = TABS.map(({ name, text }) => el("button", { type: "button", role: "tab", id: `play-${name}`, class: "tab", "aria-controls": "play-panel", on: { click: () => choose(name) } }, text));
  const list = el("div", { role: "tablist", class: "tabs", "aria-label": "What to try" }, ...buttons);
  list.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const number = (to + TABS.length) % TABS.length;
    choose(TABS[number].name);
    buttons[number].focus();
  });
  const choose = (name) => {
    const chosen = TABS.find((tab) => tab.name === name) ?? TABS[0];
    TABS.forEach((tab, number) => {
      buttons[number].setAttribute("aria-selected", String(tab === chosen));
      buttons[number].tabIndex = tab === chosen ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", `play-${chosen.name}`);
    if (!panels.has(chosen.name)) panels.set(chosen.name, made(chosen, models, keyed, signal));
    panel.replaceChildren(panels.get(chosen.name));
    note(chosen === TABS[0] ? `/playground${wanted()}` : `/playground?try=${chosen.name}${wanted("&")}`);
  };
  const asked = new URLSearchParams(location.search);
  const wanted = (mark = "?") => (asked.get("model") ? `${mark}model=${encodeURIComponent(asked.get("model"))}` : "");
  choose(asked.get("try") ?? TABS[0].name);
  return el("div", {}, list, panel);
}

function made({ types, show: build }, models, keyed, signal) {
  return build(models.filter((model) => types.includes(model.type)), { keyed, signal });
}
