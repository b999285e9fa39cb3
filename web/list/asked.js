/** Questions about all meetings: citations lead to the meeting, and play the moment there. */

import { el } from "../dom.js";
import { box, citedAs } from "../question/box.js";

/** Make the box for the list of meetings. */
export function askedOfAll(signal) {
  const cite = (citation, inside) => {
    const moment = new URLSearchParams({ u: citation.utterance, t: citation.start.toFixed(2), play: "1" });
    const href = `/meetings/${encodeURIComponent(citation.meeting)}#${moment}`;
    return el("a", { class: "cite", href, title: citation.text, "aria-label": citedAs(citation, true) }, ...inside, el("span", { class: "cite-title", dir: "auto" }, citation.title));
  };
  const made = box({ path: "ask", title: "Ask about all meetings", placeholder: "Ask about all your meetings", cite, signal });
  return el("section", { class: "ask-all", "aria-label": "Ask about all meetings" }, made.element);
}
