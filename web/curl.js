/** A request -> the line for a terminal that sends it, to look at and to copy. */

import { copyText } from "./copy.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Write a request with a JSON body; `keyed` adds the header that names a key. */
export function jsonCurl(path, body, keyed) {
  return [...head(path, keyed), "-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`].join(" \\\n  ");
}

/** Write a request with a form: [[name, value]]; a value that begins with @ names a file. */
export function formCurl(path, fields, keyed) {
  return [...head(path, keyed), ...fields.map(([name, value]) => `-F ${quoted(`${name}=${value}`)}`)].join(" \\\n  ");
}

const head = (path, keyed) => [`curl ${location.origin}${path}`, ...(keyed ? ['-H "Authorization: Bearer $PARLEY_KEY"'] : [])];

/** Show a line, with a button that copies it. `what` says what it does. */
export function shownCurl(line, what) {
  const copy = el("button", { type: "button", class: "plain", "aria-label": `Copy the curl command: ${what}`, on: { click: () => copyText(line, "Command copied.") } }, icon("copy"), "Copy");
  return el("div", { class: "curl" }, el("pre", { tabindex: "0", "aria-label": what }, el("code", {}, line)), copy);
}
