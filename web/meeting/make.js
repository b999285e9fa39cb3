/** How a summary is to be made: template, language, length. */

import * as api from "../api.js";
import { ask, field } from "../ask.js";
import { el } from "../dom.js";
import { warn } from "../notice.js";
import { language } from "../wishes.js";

const LENGTHS = [["", "As the template says"], ["short", "Short"], ["medium", "Medium"], ["long", "Long"]];

/** Ask how; resolves to what the server is to be told, or null where the dialog was left. */
export async function askHow(summary) {
  let templates = [];
  try {
    templates = (await api.templates()).items;
  } catch (problem) {
    warn(problem);
    return null;
  }
  const now = summary?.template ?? "general";
  const choices = templates.map(({ name, title }) => el("option", { value: name, selected: name === now }, title));
  const lengths = LENGTHS.map(([value, label]) => el("option", { value }, label));
  const given = await ask({
    title: summary ? "Make the summary again" : "Make a summary",
    text: summary ? "The one that is there stays until the new one is complete." : undefined,
    fields: [field("Kind of meeting", el("select", { name: "template", autofocus: true }, ...choices)), el("div", { class: "two" }, language("As before"), field("Length", el("select", { name: "length" }, ...lengths)))],
    yes: "Make it",
  });
  if (!given) return null;
  const wish = Object.fromEntries(["template", "language", "length"].map((name) => [name, given.get(name) || undefined]));
  return wish;
}
