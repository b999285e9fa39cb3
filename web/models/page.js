/** What is served here: each model, who serves it, how they are, and a line that uses it. */

import * as v1 from "../v1.js";
import { el } from "../dom.js";
import { empty, skeleton } from "../empty.js";
import { me } from "../me.js";
import { tell } from "../notice.js";
import { card } from "./card.js";
import { Serving } from "./serving.js";

const FRESH = 10_000;
const KINDS = [
  ["text-generation", "Write text"],
  ["image-text-to-text", "Write text about pictures"],
  ["automatic-speech-recognition", "Turn speech into text"],
  ["text-embeddings-inference", "Turn texts into vectors"],
  ["text-classification", "Rank texts"],
  ["image-generation", "Make pictures"],
];

/** Show them in `place` until `signal` aborts; how they are is looked at again every few seconds. */
export async function show(place, _, signal) {
  document.title = "Models – Parley";
  const list = el("div", { class: "models" }, skeleton(6, "Loading models"));
  place.append(el("div", { class: "page" }, el("div", { class: "list-head" }, el("h1", {}, "Models")), list));
  const fill = async () => {
    try {
      const [models, health, { keyed, role }] = await Promise.all([v1.models(signal), v1.health(signal), me()]);
      if (signal.aborted) return;
      const serving = new Serving(health);
      list.replaceChildren(serving.trouble(), ...parts(models, serving, { keyed, tries: role !== "read" }));
      tell(`${models.length} names of models`);
      again(list, signal);
    } catch (problem) {
      if (problem.name === "AbortError" || problem.status === 401) return;
      list.replaceChildren(empty({ drawing: "warning", bad: true, title: "The models cannot be shown", text: problem.message, actions: [{ label: "Try again", main: true, run: fill }] }));
    }
  };
  await fill();
}

function parts(models, serving, how) {
  const own = models.filter((model) => !model.root);
  if (own.length === 0) return [empty({ drawing: "chip", title: "Nothing is served here yet", text: "Name a server in parley.toml under [[providers]], or install an engine." })];
  const named = KINDS.map(([type, title]) => [title, own.filter((model) => model.type === type)]);
  return named
    .filter(([, found]) => found.length > 0)
    .map(([title, found]) => el("section", {}, el("h2", {}, title), el("ul", { class: "model-cards" }, ...found.map((model) => card(model, serving, how)))));
}

// Cards stay, with what is open and selected in them: only their states change.
function again(list, signal) {
  const timer = setInterval(async () => {
    if (document.hidden) return;
    const health = await v1.health(signal).catch(() => null);
    if (!health || signal.aborted) return;
    const serving = new Serving(health);
    list.querySelector(".trouble")?.replaceWith(serving.trouble());
    for (const place of list.querySelectorAll("[data-provider]")) place.replaceWith(serving.state(place.dataset.provider, place.dataset.type));
  }, FRESH);
  signal.addEventListener("abort", () => clearInterval(timer));
}
