/** A new key: what it is for, what it may do, how much; then the key itself, once. */

import * as api from "../api.js";
import { ask, field, present } from "../ask.js";
import { copyText } from "../copy.js";
import { el } from "../dom.js";
import { warn } from "../notice.js";

const ROLES = [
  ["user", "Make and change: meetings, and models"],
  ["read", "Only read"],
  ["admin", "Everything, keys too"],
];
const LIMITS = [
  ["requests_per_minute", "Requests a minute"],
  ["tokens_per_minute", "Tokens a minute"],
  ["budget", "Budget a day"],
];

/** Ask for a key and show it; resolves to whether one was made. `first`: there was none. */
export async function make({ first }) {
  const given = await ask({
    title: "Make a key",
    text: first ? "This is the first key: from then on the server asks everybody for one. Copy it well, and sign in with it." : null,
    fields: fields(first),
    yes: "Make it",
    wide: true,
  });
  if (!given) return false;
  try {
    showNew(await api.makeKey(wish(given)), first);
    return true;
  } catch (problem) {
    warn(problem);
    return false;
  }
}

function fields(first) {
  const role = el("select", { name: "role" }, ...ROLES.map(([value, words]) => el("option", { value }, words)));
  if (first) role.value = "admin";
  const amount = (name) => el("input", { name, type: "number", min: 0.01, max: 1e12, step: "any", placeholder: "No limit", inputmode: "decimal" });
  return [
    field("Name", el("input", { name: "name", required: true, maxlength: 100, autocomplete: "off", autofocus: true, pattern: ".*\\S.*" }), "Whose it is, or what for"),
    field("May", role),
    field("Meetings of", el("input", { name: "owner", maxlength: 100, autocomplete: "off" }), "Keys of the same owner see the same meetings; empty for its own alone"),
    el("h3", {}, "Limits"),
    el("div", { class: "three" }, ...LIMITS.map(([name, words]) => field(words, amount(name)))),
    el("div", { class: "two" }, field("For the model", el("input", { name: "model", autocomplete: "off", placeholder: "All models", pattern: "[^\\s:]\\S{0,199}" }), "Limits of one model; requests are then counted for it alone")),
  ];
}

function wish(given) {
  const text = (name) => given.get(name).trim();
  const prefix = text("model") ? `${text("model")}:` : "";
  const limits = LIMITS.filter(([name]) => text(name)).map(([name]) => [prefix + name, Number(text(name))]);
  return { name: text("name"), role: text("role"), owner: text("owner") || null, limits: Object.fromEntries(limits) };
}

function showNew(made, first) {
  const input = el("input", { readonly: true, value: made.key, "aria-label": "The new key", on: { focus: () => input.select() } });
  const dialog = present(
    `The key of ${made.name}`,
    el("p", {}, "The key is shown only now. Copy it and keep it where passwords are kept."),
    el("div", { class: "copyable" }, input, el("button", { type: "button", class: "main", on: { click: () => copyText(made.key, "Key copied.") } }, "Copy")),
    el("p", { class: "hint" }, "Programs send it as ", el("code", {}, "Authorization: Bearer"), "; browsers sign in with it."),
  );
  // From the first key on nobody is let in without: who made it signs in with it.
  if (first) dialog.addEventListener("close", () => dispatchEvent(new Event("signed-out")));
  input.focus();
}
