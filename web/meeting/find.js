/** Find in the transcript: how often, the next one, the one before. */

import { afterPause, el } from "../dom.js";
import { icon } from "../icons.js";
import { tell } from "../notice.js";
import { paint, stretch } from "./ink.js";

/** So many places are painted at once; all are counted and reached. */
const PAINTED = 2000;

export class Find {
  constructor(talk, transcript, reading, { signal }) {
    this.talk = talk;
    this.transcript = transcript;
    this.reading = reading;
    this.#input = el("input", { type: "search", placeholder: "Find in the transcript", "aria-label": "Find in the transcript", autocomplete: "off", enterkeyhint: "search" });
    this.#count = el("span", { class: "find-count" });
    const button = (drawing, label, run) => el("button", { type: "button", class: "bare", "aria-label": label, title: label, on: { click: run } }, icon(drawing));
    this.element = el(
      "form",
      { class: "find", role: "search", hidden: true },
      icon("search"),
      this.#input,
      this.#count,
      button("up", "Previous place", () => this.step(-1)),
      button("down", "Next place", () => this.step(1)),
      button("close", "Close find", () => this.close()),
    );
    this.#input.addEventListener("input", afterPause(120, () => this.#input.value.trim() !== this.#asked && this.look()), { signal });
    this.#input.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.element.addEventListener("submit", (event) => event.preventDefault(), { signal });
  }

  #input;
  #count;
  #places = [];
  #at = -1;
  #asked = "";

  /** Open the bar, with a text if one is given. */
  open(text) {
    this.element.hidden = false;
    if (text !== undefined) this.#input.value = text;
    this.#input.focus();
    this.#input.select();
    if (this.#input.value) this.look();
  }

  /** Paint a text without taking the keyboard: somebody came from a search. */
  mark(text, index) {
    const found = places(this.talk.utterances, text);
    // Words that stand apart are found by the search of all meetings only.
    if (found.length === 0) return;
    this.element.hidden = false;
    this.#input.value = text;
    this.#asked = text;
    this.#places = found;
    this.#at = this.#places.findIndex((place) => place.index >= index);
    this.#say();
    this.paint();
  }

  close() {
    const line = this.#places[this.#at];
    this.element.hidden = true;
    this.#places = [];
    this.#at = -1;
    this.#asked = "";
    this.paint();
    if (line) this.reading.show(line.index, { focus: true });
  }

  /** Search, and go to the first place at or after the line in hand. */
  look() {
    this.#asked = this.#input.value.trim();
    this.#places = this.#asked ? places(this.talk.utterances, this.#asked) : [];
    const first = this.#places.findIndex((place) => place.index >= this.reading.at);
    this.#at = this.#places.length ? Math.max(0, first) : -1;
    this.#show();
  }

  /** Search again after the transcript changed, without moving. */
  again() {
    if (this.element.hidden || !this.#asked) return;
    this.#places = places(this.talk.utterances, this.#asked);
    this.#at = Math.min(this.#at, this.#places.length - 1);
    this.#say();
    this.paint();
  }

  /** Go some places further. */
  step(count) {
    if (this.#input.value.trim() !== this.#asked) return this.look();
    if (this.#places.length === 0) return;
    this.#at = (this.#at + count + this.#places.length) % this.#places.length;
    this.#show();
  }

  #show() {
    this.#say();
    const place = this.#places[this.#at];
    if (place) this.reading.show(place.index);
    this.paint();
  }

  #say() {
    const count = this.#places.length;
    const words = !this.#asked ? "" : count ? `${this.#at + 1} of ${count}` : "Nowhere";
    this.#count.textContent = words;
    this.#input.setAttribute("aria-invalid", String(Boolean(this.#asked) && count === 0));
    if (words) tell(words);
  }

  /** Paint the places in lines that exist; called again when more of them do. */
  paint() {
    const ranges = [];
    for (const place of this.#places) {
      if (ranges.length >= PAINTED) break;
      const range = this.#range(place);
      if (range) ranges.push(range);
    }
    paint("found", ranges);
    const now = this.#places[this.#at];
    paint("found-now", now ? [this.#range(now)] : []);
  }

  #range({ index, begin, end }) {
    const said = this.transcript.builtLine(index)?.querySelector(".said");
    return said ? stretch(said, begin, end) : null;
  }

  #key(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    }
  }
}

/** Where a text occurs, whatever its case: {index, begin, end} in order. */
export function places(utterances, text) {
  const pattern = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"), "giu");
  return utterances.flatMap((utterance, index) =>
    [...utterance.text.matchAll(pattern)].map((found) => ({ index, begin: found.index, end: found.index + found[0].length })),
  );
}
