/** What an open stretch seems to say: grey below the transcript, until its words are final. */

import { el } from "../dom.js";

/** Closed stretches of a track whose words have not come yet, and the open one. */
const KEPT = 3;

export class Hypotheses {
  constructor() {
    // Read out would be finals only: these change several times a second.
    this.element = el("div", { class: "guesses", "aria-hidden": "true" });
  }

  #guesses = new Map();

  /** Show a hypothesis in the place of the one before; an empty text takes it back. */
  take({ track, start, end, text, agreed }) {
    const guesses = this.#guesses.get(track) ?? [];
    const others = guesses.filter((guess) => guess.start < start && guess.start !== start);
    const shown = text ? [...others, { start, end, text, agreed }] : others.filter((guess) => guess.end <= start);
    this.#guesses.set(track, shown.slice(-KEPT));
    this.#draw();
  }

  /** Words are final: what was guessed there goes. */
  settle({ id, end }) {
    const track = id.slice(0, id.lastIndexOf("-"));
    const guesses = this.#guesses.get(track);
    if (!guesses) return;
    this.#guesses.set(track, guesses.filter((guess) => guess.start >= end - 0.05));
    this.#draw();
  }

  clear() {
    this.#guesses.clear();
    this.#draw();
  }

  #draw() {
    const all = [...this.#guesses.values()].flat().sort((a, b) => a.start - b.start);
    this.element.replaceChildren(...all.map(line));
  }
}

function line({ text, agreed }) {
  // The server counts characters, not halves of them.
  const letters = [...text];
  return el("p", { class: "guess", dir: "auto" }, el("span", { class: "agreed" }, letters.slice(0, agreed).join("")), letters.slice(agreed).join(""));
}
