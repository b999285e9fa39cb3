/** Packages and parts beside what they should be; what wants mending first. */

import { el } from "../dom.js";

const STATES = { ok: "ok", unused: "not used", missing: "missing", differs: "differs", wrong: "wrong" };

/** Make the section. */
export function packages() {
  const bad = el("ul", { class: "mend" });
  const head = el("tr", {}, ...["Name", "Found", "Expected", "State", "For"].map((name) => el("th", { scope: "col" }, name)));
  const body = el("tbody", {});
  const summary = el("summary", {});
  const table = el("div", { class: "room-table", tabindex: "0", role: "region", "aria-label": "Packages" }, el("table", {}, el("thead", {}, head), body));
  const element = el("section", { "aria-labelledby": "room-packages" }, el("h2", { id: "room-packages" }, "Packages and parts"), bad, el("details", {}, summary, table));
  let drawn = "";
  const show = (dependencies) => {
    const found = Object.entries(dependencies);
    const now = JSON.stringify(found);
    if (now === drawn) return;
    drawn = now;
    const wrong = found.filter(([, each]) => !["ok", "unused"].includes(each.state));
    bad.replaceChildren(...wrong.map(([name, each]) => mend(name, each)));
    bad.hidden = wrong.length === 0;
    summary.textContent = `${found.length} looked at, ${wrong.length ? `${wrong.length} ${wrong.length === 1 ? "wants" : "want"} mending` : "nothing wants mending"}`;
    body.replaceChildren(...found.map(([name, each]) => line(name, each)));
  };
  return { element, show };
}

const mend = (name, { says, command }) =>
  el("li", {}, el("p", {}, el("strong", {}, name), `: ${says}`), command && el("p", {}, el("code", {}, command)));

function line(name, { version, expected, state, needed_for, cuda_runtime }) {
  const shown = cuda_runtime ? `${version}, CUDA ${cuda_runtime}` : version;
  return el("tr", { data: { state } }, el("th", { scope: "row" }, name), el("td", {}, shown ?? "–"), el("td", {}, expected ?? ""), el("td", {}, STATES[state] ?? state), el("td", {}, needed_for));
}
