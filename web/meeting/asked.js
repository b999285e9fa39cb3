/** Questions about one meeting: citations play the moment on this page. */

import { el } from "../dom.js";
import { box, citedAs } from "../question/box.js";

/** Make the card; `onCited(utterance)` is called with the id of an utterance to play. */
export function asked(meeting, { signal, onCited }) {
  const cite = (citation, inside) => el("button", { type: "button", class: "cite", title: citation.text, "aria-label": citedAs(citation, false), on: { click: () => onCited(citation) } }, ...inside);
  const made = box({ path: `meetings/${encodeURIComponent(meeting)}/ask`, title: "Ask about this meeting", placeholder: "Ask about this meeting", cite, signal });
  const none = el("p", { class: "quiet nothing-said", hidden: true }, "There is nothing to ask about, because processing failed.");
  return el("section", { class: "card part-ask", "aria-labelledby": "ask-title" }, el("h2", { id: "ask-title" }, "Ask"), made.element, none);
}

/** Offer the box of a card, or say that nothing came of the meeting. */
export function offer(card, is) {
  card.querySelector(".asking").hidden = !is;
  card.querySelector(".nothing-said").hidden = is;
}
