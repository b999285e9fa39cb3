/** Where the reader is: the line in hand, the word that is heard, and scrolling along with it. */

import { eachFrame, el, still } from "../dom.js";
import { icon } from "../icons.js";
import { characterAt, paint, stretch } from "./ink.js";

export class Reading {
  constructor(talk, transcript, { signal }) {
    this.talk = talk;
    this.transcript = transcript;
    this.back = el("button", { type: "button", class: "back-to-now", hidden: true, on: { click: () => this.follow() } }, icon("target"), "Back to what is heard");
    const leave = () => this.#leave();
    for (const type of ["wheel", "touchmove"]) addEventListener(type, leave, { signal, passive: true });
    addEventListener("keydown", (event) => ["PageUp", "PageDown", "Home", "End"].includes(event.key) && leave(), { signal });
    const { element } = transcript;
    element.addEventListener("click", (event) => this.#clicked(event), { signal });
    element.addEventListener("focusin", (event) => this.#take(event.target.closest(".line")), { signal });
    element.addEventListener("pointermove", eachFrame((event) => this.#point(event)), { signal });
    element.addEventListener("pointerleave", () => paint("pointed", []), { signal });
  }

  /** The player, once there is one. */
  player = null;
  /** Index of the line in hand: the one that is focused, or was last. */
  at = -1;
  #now = -1;
  #word = -1;
  #following = true;
  #line = null;
  #held = null;

  /** Show what is heard at a time. */
  hear(time, playing) {
    const index = this.talk.at(time);
    const utterance = this.talk.utterances[index];
    const word = utterance ? this.talk.wordAt(utterance, time) : -1;
    if (index !== this.#now || !this.#line?.isConnected) this.#turn(index);
    else if (word === this.#word) return;
    this.#word = word;
    this.#paintWord(utterance, word);
    if (playing && this.#following) this.#keepInSight();
    this.back.hidden = this.#following || !playing;
  }

  #turn(index) {
    this.#line?.classList.remove("now");
    this.#line?.removeAttribute("aria-current");
    this.#now = index;
    this.#line = index < 0 ? null : this.transcript.builtLine(index) ?? (this.#following ? this.transcript.lineAt(index) : null);
    this.#line?.classList.add("now");
    this.#line?.setAttribute("aria-current", "true");
  }

  #paintWord(utterance, word) {
    const said = this.#line?.querySelector(".said");
    if (!said || word < 0) return paint("word", []);
    const { begins, ends } = this.talk.measure(utterance);
    paint("word", [stretch(said, begins[word], ends[word])]);
  }

  #keepInSight() {
    if (!this.#line || this.transcript.element.querySelector("textarea")) return;
    const { top, bottom } = this.#line.getBoundingClientRect();
    const tall = bottom - top > innerHeight * 0.5;
    if (top > 130 && (bottom < innerHeight - 130 || (tall && top < innerHeight * 0.4))) return;
    this.#line.scrollIntoView({ block: tall ? "start" : "center", behavior: still() ? "instant" : "smooth" });
  }

  /** Scroll along again. */
  follow() {
    this.#following = true;
    this.back.hidden = true;
    if (this.#now >= 0) this.show(this.#now);
  }

  #leave() {
    if (!this.player?.playing) return;
    this.#following = false;
    this.back.hidden = false;
  }

  /** Scroll to a line and take it in hand; `focus` moves the keyboard there too. */
  show(index, { focus = false, marked = false } = {}) {
    const line = this.transcript.lineAt(index);
    if (!line) return null;
    if (marked) this.mark([index]);
    this.#take(line);
    if (focus) line.focus({ preventScroll: true });
    // Lines on the way get their true height only when they come into sight: look again until it holds still.
    let [last, tries] = [NaN, 0];
    const settle = () => {
      line.scrollIntoView({ block: "center", behavior: "instant" });
      const { top } = line.getBoundingClientRect();
      tries += 1;
      if (Math.abs(top - last) > 1 && tries < 8) requestAnimationFrame(settle);
      last = top;
    };
    settle();
    return line;
  }

  /** Mark some lines, and no others. */
  mark(indices) {
    this.transcript.element.querySelectorAll(".marked").forEach((line) => line.classList.remove("marked"));
    for (const index of indices) this.transcript.lineAt(index)?.classList.add("marked");
  }

  /** Go to the next or a previous utterance, with the keyboard and the sound. */
  step(count) {
    const from = this.at >= 0 ? this.at : this.#now;
    const to = Math.max(0, Math.min(this.talk.utterances.length - 1, from + count));
    if (!this.talk.utterances[to]) return;
    this.show(to, { focus: true });
    this.#following = true;
    this.player?.seek(this.talk.utterances[to].start);
  }

  /** Play from the line in hand. */
  playHere() {
    const utterance = this.talk.utterances[this.at];
    if (utterance) this.#play(utterance.start);
  }

  #play(time) {
    this.#following = true;
    this.player?.seek(time, { play: true });
  }

  #take(line) {
    if (!line) return;
    if (this.#held) this.#held.tabIndex = -1;
    line.tabIndex = 0;
    this.#held = line;
    this.at = Number(line.dataset.index);
  }

  /** After lines were drawn anew: the keyboard needs one that it can reach. */
  settle() {
    if (this.#held?.isConnected) return;
    const [at, line] = [this.at, this.transcript.lineAt(Math.max(0, this.at))];
    this.#held = null;
    this.#take(line);
    // The first line can be reached, but nobody took it in hand.
    if (at < 0) this.at = at;
    this.#now = -1;
  }

  #clicked(event) {
    const line = event.target.closest(".line");
    if (!line || event.target.closest(".tools, form")) return;
    this.#take(line);
    const utterance = this.talk.utterances[this.at];
    if (event.target.closest(".time")) return this.#play(utterance.start);
    if (!getSelection().isCollapsed) return;
    const word = this.#wordUnder(event);
    if (word) this.#play(word.start);
  }

  #wordUnder(event) {
    const said = event.target.closest(".said");
    const found = said && characterAt(event.clientX, event.clientY);
    if (!found || found.node !== said.firstChild) return null;
    const utterance = this.talk.utterances[Number(said.closest(".line").dataset.index)];
    const at = this.talk.wordOf(utterance, found.offset);
    const { begins, ends } = this.talk.measure(utterance);
    return at < 0 ? null : { start: utterance.words[at].start, range: stretch(said, begins[at], ends[at]) };
  }

  #point(event) {
    const word = this.player && event.pointerType === "mouse" && event.buttons === 0 ? this.#wordUnder(event) : null;
    paint("pointed", word ? [word.range] : []);
  }
}
