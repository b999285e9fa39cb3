/** What can be done with a line: one small bar that moves to the line under the pointer or the keyboard. */

import * as api from "../api.js";
import { copyText } from "../copy.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { menu } from "../menu.js";
import { say, warn } from "../notice.js";
import { correct, correcting } from "./correct.js";

export class Tools {
  /**
   * `onChanged(utterance)` is called with an utterance as it is now, `onStale()` where all must be read again,
   * `onFree()` once a correction is over.
   */
  constructor(talk, transcript, reading, { meeting, editable, signal, onChanged, onStale, onFree }) {
    Object.assign(this, { talk, transcript, reading, meeting, editable, onChanged, onStale, onFree });
    const button = (drawing, label, run) => el("button", { type: "button", class: "bare", "aria-label": label, title: label, on: { click: run } }, icon(drawing));
    this.#menu = menu({ label: "Change the speaker of this line (s)", drawing: "person", items: () => this.#speakers() });
    this.element = el(
      "div",
      { class: "tools", role: "toolbar", "aria-label": "This line" },
      editable && button("pen", "Correct the words (e)", () => this.correct()),
      editable && this.#menu,
      button("link", "Copy a link to this moment", () => this.#copyLink()),
    );
    const { element } = transcript;
    element.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.#settle(event.target.closest?.(".line"), true), { signal });
    element.addEventListener("focusin", (event) => this.#settle(event.target.closest(".line"), false), { signal });
    element.addEventListener("pointerleave", () => this.#leave(), { signal });
  }

  #menu;
  #index = -1;

  get utterance() {
    return this.talk.utterances[this.#index];
  }

  #settle(line, byPointer) {
    if (!line || this.element.parentElement === line) return;
    // The bar does not run away from who uses it.
    if (byPointer && (this.element.matches(":focus-within") || this.element.querySelector(":popover-open"))) return;
    if (line.querySelector(".correct")) return;
    this.#index = Number(line.dataset.index);
    line.append(this.element);
  }

  #leave() {
    if (!this.element.matches(":focus-within") && !this.element.querySelector(":popover-open")) this.element.remove();
  }

  /** Correct the words of the line in hand. */
  correct(index = this.#index) {
    if (!this.editable || correcting(this.transcript.element)) return;
    const line = this.transcript.lineAt(index);
    const utterance = this.talk.utterances[index];
    if (!line) return;
    this.element.remove();
    const again = () => {
      this.transcript.redraw(index);
      this.reading.settle();
      this.reading.show(index, { focus: true });
      this.onFree();
    };
    correct(line, utterance, { meeting: this.meeting, onSaved: (saved) => (this.onChanged(saved), again()), onStale: this.onStale, onClosed: again });
  }

  /** Open the choice of speakers for the line in hand. */
  chooseSpeaker(index) {
    if (!this.editable || !this.transcript.lineAt(index)) return;
    this.#settle(this.transcript.lineAt(index), false);
    this.#menu.querySelector("button").click();
  }

  #speakers() {
    const current = this.utterance?.speaker;
    const known = this.talk.speakers.map(({ label }) => ({ label: this.talk.name(label), icon: "person", checked: label === current, run: () => this.#move(label) }));
    return [...known, "line", { label: "Somebody else", run: () => this.#move(this.#nextLabel()) }];
  }

  #nextLabel() {
    const numbers = this.talk.speakers.map(({ label }) => Number(label.slice(1)) || 0);
    return `S${Math.max(0, ...numbers) + 1}`;
  }

  async #move(label) {
    const before = this.utterance;
    if (before.speaker === label) return;
    try {
      this.onChanged(await api.correct(this.meeting, before.id, { speaker: label }));
      const undo = async () => {
        try {
          this.onChanged(await api.correct(this.meeting, before.id, { speaker: before.speaker }));
        } catch (problem) {
          warn(problem);
        }
      };
      say(`Moved to ${this.talk.name(label)}.`, before.speaker ? { label: "Undo", run: undo } : undefined);
    } catch (problem) {
      warn(problem);
      if (problem.status === 404) this.onStale();
    }
  }

  #copyLink() {
    const { id, start } = this.utterance;
    const moment = new URLSearchParams({ u: id, t: start.toFixed(2) });
    copyText(`${location.origin}${location.pathname}#${moment}`, "Link copied.");
  }
}
