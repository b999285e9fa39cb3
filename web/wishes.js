/** What people may say about a recording before it is processed: fields of a form. */

import { field } from "./ask.js";
import { el } from "./dom.js";

const LANGUAGES = "bg cs da de el en es et fi fr hr hu it lt lv mt nl pl pt ro ru sk sl sv uk ar hi ja ko tr vi zh".split(" ");

/** A field for the language that is spoken; `otherwise` says what happens without one. */
export function language(otherwise = "Detect it") {
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  const known = LANGUAGES.map((code) => [code, names.of(code)]).sort((a, b) => a[1].localeCompare(b[1]));
  const choices = known.map(([code, name]) => el("option", { value: code }, name));
  return field("Language", el("select", { name: "language" }, el("option", { value: "" }, otherwise), ...choices));
}

/** A field for how many people speak. */
export function speakers(placeholder = "Any number") {
  const input = el("input", { name: "speakers", placeholder, pattern: "\\s*(\\d+|\\d+\\s*(-|–|to)\\s*\\d*|-\\s*\\d+)\\s*", title: "A number, or a range such as 2-4", inputmode: "text", autocomplete: "off" });
  return field("Speakers", input, "If you know: 3, or 2-4");
}

/** How many people speak, as the server reads it: 3, 2-4, 2- or -4; empty for any number. */
export const numberOf = (given) => given.get("speakers").replace(/\s*(–|—|to)\s*/g, "-").replace(/\s+/g, "");
