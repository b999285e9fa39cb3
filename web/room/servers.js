/** Which of several servers is looked at: a list to choose from, hidden where there is one alone. */

import { el } from "../dom.js";

/** Seconds of silence after which a server is taken for dead. */
const DEAD = 12;

/** Make the list; `chosen(name)` is called with null for the server that answers the page. */
export function servers(chosen) {
  let home = null;
  const select = el("select", { on: { change: () => chosen(select.value === home ? null : select.value) } });
  const element = el("label", { class: "room-server", hidden: true }, "Server", select);
  let drawn = "";
  const show = ({ node, others }) => {
    home ??= node;
    const found = [{ name: node }, ...others].sort((one, other) => one.name.localeCompare(other.name));
    element.hidden = found.length === 1;
    const now = JSON.stringify(found.map(label));
    // A list that is open, or has the focus, is made anew only where it says something else.
    if (now !== drawn) {
      drawn = now;
      select.replaceChildren(...found.map((each) => el("option", { value: each.name, disabled: !hasEngines(each) }, label(each))));
    }
    select.value = node;
  };
  return { element, show };
}

/** Servers that only take jobs have nothing to look at. */
const hasEngines = ({ roles }) => roles === undefined || roles.includes("api") || roles.includes("engines");

function label({ name, roles, state, seen_seconds }) {
  if (roles === undefined) return name;
  const silent = seen_seconds > DEAD && "silent";
  return `${name} (${[...roles, state === "draining" && "draining", silent].filter(Boolean).join(", ")})`;
}
