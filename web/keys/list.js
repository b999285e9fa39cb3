/** All keys: make, look at, revoke. */

import * as api from "../api.js";
import { ask } from "../ask.js";
import { fully, when } from "../clock.js";
import { el } from "../dom.js";
import { empty, skeleton } from "../empty.js";
import { icon } from "../icons.js";
import { say, warn } from "../notice.js";
import { make } from "./make.js";

/** Build it: {element, fill}. `names` is filled with the name of each key, by its id. */
export function keyList({ keyed, names, signal }) {
  const place = el("div", {}, skeleton(3, "Loading keys"));
  const fill = async () => {
    try {
      const keys = await api.keys(signal);
      if (signal.aborted) return;
      for (const { id, name } of keys) names.set(id, name);
      place.replaceChildren(...shown(keys, fill));
    } catch (problem) {
      if (problem.name === "AbortError" || problem.status === 401) return;
      place.replaceChildren(empty({ drawing: "warning", bad: true, title: "The keys cannot be shown", text: problem.message, actions: [{ label: "Try again", main: true, run: fill }] }));
    }
  };
  const button = el("button", { type: "button", class: "main", on: { click: async () => (await make({ first: !keyed && names.size === 0 })) && fill() } }, icon("key"), "Make a key");
  const element = el("section", { "aria-labelledby": "keys-title" }, el("div", { class: "titled" }, el("h2", { id: "keys-title" }, "Keys"), button), place);
  return { element, fill };
}

function shown(keys, fill) {
  if (keys.length === 0) return [empty({ drawing: "key", title: "No keys yet", text: "Without keys this server listens on this machine only, and whoever reaches it may do everything. The first key closes it for everybody else." })];
  const works = keys.filter((key) => !key.revoked_at);
  const revoked = keys.filter((key) => key.revoked_at);
  return [
    table(works, fill),
    revoked.length > 0 && el("details", { class: "revoked" }, el("summary", {}, revoked.length === 1 ? "One revoked key" : `${revoked.length} revoked keys`), table(revoked, null)),
  ].filter(Boolean);
}

function table(keys, fill) {
  const head = ["Name", "May", "Limits", "Last used", ""].map((text) => (text ? el("th", { scope: "col" }, text) : el("td", {})));
  return el("div", { class: "wide-table", tabindex: "0", role: "region", "aria-label": fill ? "Keys that work" : "Revoked keys" }, el("table", { class: "key-table" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...keys.map((key) => row(key, fill)))));
}

const ROLES = { admin: "everything", user: "make and change", read: "only read" };

function row(key, fill) {
  const revoke = el("button", { type: "button", class: "plain danger", "aria-label": `Revoke ${key.name}`, on: { click: () => end(key, fill) } }, "Revoke");
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("span", { dir: "auto" }, key.name), el("span", { class: "about" }, el("code", {}, key.id), key.owner === key.name ? "" : ` · meetings of ${key.owner}`)),
    el("td", {}, ROLES[key.role]),
    el("td", {}, limits(key.limits)),
    el("td", { title: key.last_used_at && fully(key.last_used_at) }, key.last_used_at ? when(key.last_used_at) : "never"),
    el("td", { class: "act" }, fill ? revoke : `revoked ${when(key.revoked_at)}`),
  );
}

const UNITS = { requests_per_minute: "requests/min", tokens_per_minute: "tokens/min", budget: "a day" };

function limits(given) {
  const lines = Object.entries(given).map(([name, amount]) => {
    const at = name.lastIndexOf(":");
    const [model, limit] = at < 0 ? ["", name] : [name.slice(0, at), name.slice(at + 1)];
    return `${amount.toLocaleString("en")} ${UNITS[limit]}${model ? ` of ${model}` : ""}`;
  });
  return lines.length ? el("ul", {}, ...lines.map((line) => el("li", {}, line))) : el("span", { class: "quiet" }, "none");
}

async function end(key, fill) {
  const sure = await ask({ title: `Revoke ${key.name}?`, text: "Whoever uses this key is shut out at once, also in the browsers that it signed in. Its meetings stay. A revoked key cannot be brought back.", yes: "Revoke", danger: true });
  if (!sure) return;
  try {
    await api.revokeKey(key.id);
    say(`${key.name} no longer opens anything.`);
  } catch (problem) {
    warn(problem);
  }
  await fill();
}
