/** What is shown where there is nothing to show yet, or nothing can be shown. */

import { el } from "./dom.js";
import { icon } from "./icons.js";

/** A drawing, a title, a sentence and what can be done: [{label, href | run, main}]. */
export function empty({ drawing, title, text, actions = [], bad = false }) {
  return el(
    "section",
    { class: bad ? "empty bad" : "empty", role: bad ? "alert" : null },
    el("div", { class: "empty-mark" }, icon(drawing)),
    el("h2", {}, title),
    el("p", {}, text),
    actions.length > 0 && el("div", { class: "buttons" }, ...actions.map(button)),
  );
}

function button({ label, href, run, main = false }) {
  const kind = main ? "main" : "plain";
  return href
    ? el("a", { class: `button ${kind}`, href }, label)
    : el("button", { type: "button", class: kind, on: { click: run } }, label);
}

/** Grey bars where words will be. */
export function skeleton(rows, label = "Loading") {
  const bars = Array.from({ length: rows }, (_, index) => el("div", { class: `bar bar-${index % 4}` }));
  return el("div", { class: "skeleton", role: "status", "aria-label": label }, ...bars);
}
