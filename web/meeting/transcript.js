/** The transcript: all lines, built in sections when they come near or the browser has time. */

import { el } from "../dom.js";
import { skeleton } from "../empty.js";
import { correcting } from "./correct.js";
import { paintMore, unpaint, wash } from "./ink.js";
import { gapLine, heightOf, line, unsureIn } from "./line.js";

const LINES = 40;
/** Built at once before the first paint; the rest follows. */
const FIRST = 2;

/** By the feed pattern: articles that know their place among all. `onBuilt` is told of each section that exists now. */
export class Transcript {
  constructor(talk, { signal, onBuilt = () => {} }) {
    this.talk = talk;
    this.element = el("div", { class: "transcript", role: "feed", "aria-label": "Transcript" });
    this.#onBuilt = onBuilt;
    this.#watcher = new IntersectionObserver((seen) => seen.forEach((entry) => entry.isIntersecting && this.#build(entry.target)), { rootMargin: "1200px 0px" });
    signal.addEventListener("abort", () => {
      this.#watcher.disconnect();
      cancelIdleCallback?.(this.#idle);
      wash();
    });
    addEventListener("beforeprint", () => this.#buildAll(), { signal });
    this.draw();
  }

  #onBuilt;
  #watcher;
  #idle = 0;
  #sections = [];
  #unsure = new Map();

  /** Draw everything anew, in place: what is read stays where it is. */
  draw() {
    const held = this.#hold();
    this.#watcher.disconnect();
    wash();
    this.#unsure.clear();
    const letters = Math.max(24, Math.floor((this.element.clientWidth || 680) / 9.2) - 8);
    this.#sections = [];
    for (let first = 0; first < this.talk.utterances.length; first += LINES) this.#sections.push(this.#outline(first, letters));
    this.element.replaceChildren(...this.#sections);
    if (this.#sections.length === 0) this.element.append(...this.talk.gaps.map(gapLine));
    const from = held ? this.#sectionOf(Math.min(held.index, this.talk.utterances.length - 1)) : 0;
    this.#sections.slice(Math.max(0, from - 1), from + FIRST).forEach((section) => this.#build(section));
    this.#sections.forEach((section) => this.#watcher.observe(section));
    held?.put();
    this.#buildLater();
  }

  /** Draw the lines from one on: something was added or changed there. Lines before it are not touched. */
  redrawFrom(index) {
    const letters = Math.max(24, Math.floor((this.element.clientWidth || 680) / 9.2) - 8);
    const from = Math.floor(index / LINES);
    if (this.#sections.length === 0) this.element.replaceChildren();
    const grown = this.#sections[from]?.dataset.built && index > from * LINES ? this.#grow(this.#sections[from], index) : 0;
    for (let at = from + grown; at * LINES < this.talk.utterances.length; at += 1) {
      const fresh = this.#outline(at * LINES, letters);
      const known = this.#sections[at];
      const built = !known || known.dataset.built;
      if (known) {
        this.#watcher.unobserve(known);
        this.#forget(known);
        known.replaceWith(fresh);
      } else this.element.append(fresh);
      this.#sections[at] = fresh;
      if (built) this.#build(fresh);
      else this.#watcher.observe(fresh);
    }
    this.#sections.slice(Math.ceil(this.talk.utterances.length / LINES)).forEach((section) => section.remove());
    this.#sections.length = Math.ceil(this.talk.utterances.length / LINES);
  }

  // What somebody reads, has selected or corrects further up stays as it is. Returns how many sections are done.
  #grow(section, index) {
    const before = section.querySelector(`.line[data-index="${index - 1}"]`);
    if (!before) return 0;
    const gone = new Range();
    gone.setStartAfter(before);
    gone.setEndAfter(section.lastChild);
    const unsure = this.#unsure.get(section) ?? [];
    unpaint("unsure", unsure.filter((range) => gone.intersectsNode(range.startContainer)));
    gone.deleteContents();
    const last = Math.min(Number(section.dataset.first) + LINES, this.talk.utterances.length);
    const made = this.#lines(index, last);
    section.append(...made.lines);
    paintMore("unsure", made.unsure);
    this.#unsure.set(section, [...unsure, ...made.unsure]);
    this.#onBuilt(section);
    return 1;
  }

  /** Draw one line anew. */
  redraw(index) {
    const known = this.builtLine(index);
    if (!known || correcting(known)) return;
    const section = known.closest(".lines");
    const fresh = line(this.talk, index);
    unpaint("unsure", (this.#unsure.get(section) ?? []).filter((range) => known.contains(range.startContainer)));
    const unsure = unsureIn(this.talk, this.talk.utterances[index], fresh.querySelector(".said"));
    const focused = known.contains(document.activeElement);
    fresh.tabIndex = known.tabIndex;
    known.replaceWith(fresh);
    paintMore("unsure", unsure);
    this.#unsure.set(section, [...(this.#unsure.get(section) ?? []), ...unsure]);
    if (focused) fresh.focus({ preventScroll: true });
    this.#onBuilt(section);
  }

  /** Grey bars until words come. */
  wait(label) {
    if (this.talk.utterances.length === 0) this.element.replaceChildren(skeleton(8, label));
  }

  /** Say why there are no words. */
  nothing(text) {
    this.element.replaceChildren(el("p", { class: "quiet nothing" }, text));
  }

  /** The line of an utterance, built if it was not. */
  lineAt(index) {
    const section = this.#sections[this.#sectionOf(index)];
    if (!section) return null;
    this.#build(section);
    return section.querySelector(`.line[data-index="${index}"]`);
  }

  /** The line of an utterance if it is built. */
  builtLine(index) {
    const section = this.#sections[this.#sectionOf(index)];
    return section?.dataset.built ? section.querySelector(`.line[data-index="${index}"]`) : null;
  }

  /** All lines that are built. */
  builtLines() {
    return this.#sections.filter((section) => section.dataset.built).flatMap((section) => [...section.querySelectorAll(".line")]);
  }

  #sectionOf(index) {
    return Math.floor(index / LINES);
  }

  #outline(first, letters) {
    const section = el("section", { class: "lines", data: { first: String(first) } });
    let height = 0;
    for (let index = first; index < Math.min(first + LINES, this.talk.utterances.length); index += 1) height += heightOf(this.talk, index, letters);
    section.style.containIntrinsicBlockSize = `auto ${height}px`;
    section.style.minBlockSize = `${height}px`;
    return section;
  }

  #build(section) {
    if (section.dataset.built) return;
    section.dataset.built = "1";
    this.#watcher.unobserve(section);
    const first = Number(section.dataset.first);
    const last = Math.min(first + LINES, this.talk.utterances.length);
    const { lines, unsure } = this.#lines(first, last);
    section.replaceChildren(...lines);
    section.style.minBlockSize = "";
    paintMore("unsure", unsure);
    this.#unsure.set(section, unsure);
    this.#onBuilt(section);
  }

  #lines(first, last) {
    const lines = [];
    const unsure = [];
    for (let index = first; index < last; index += 1) {
      const made = line(this.talk, index);
      lines.push(...this.#gapsBefore(index), made);
      unsure.push(...unsureIn(this.talk, this.talk.utterances[index], made.querySelector(".said")));
    }
    if (last === this.talk.utterances.length) lines.push(...this.#gapsBefore(last));
    return { lines, unsure };
  }

  #forget(section) {
    unpaint("unsure", this.#unsure.get(section) ?? []);
    this.#unsure.delete(section);
  }

  #gapsBefore(index) {
    const start = index === 0 ? -Infinity : this.talk.utterances[index - 1].start;
    const end = index < this.talk.utterances.length ? this.talk.utterances[index].start : Infinity;
    return this.talk.gaps.filter((gap) => gap.start > start && gap.start <= end).map(gapLine);
  }

  #buildLater() {
    cancelIdleCallback?.(this.#idle);
    const idle = globalThis.requestIdleCallback ?? ((run) => setTimeout(() => run({ timeRemaining: () => 5 }), 30));
    const step = (deadline) => {
      do {
        const next = this.#sections.find((section) => !section.dataset.built);
        if (!next) return;
        this.#build(next);
      } while (deadline.timeRemaining() > 8);
      this.#idle = idle(step);
    };
    this.#idle = idle(step);
  }

  #buildAll() {
    this.#sections.forEach((section) => this.#build(section));
  }

  /** Remember which line is at the top of the window, and how to put it back there. */
  #hold() {
    const top = document.querySelector(".meeting-bar")?.getBoundingClientRect().bottom ?? 0;
    const first = this.builtLines().find((made) => made.getBoundingClientRect().bottom > top);
    if (!first || scrollY === 0) return null;
    const [{ id, start }, was] = [first.dataset, first.getBoundingClientRect().top];
    // Another run may have cut what was said into other lines: then its time says where it is.
    const place = () => this.talk.place(id) ?? Math.max(0, this.talk.at(Number(start)));
    const put = () => {
      const at = place();
      const now = this.lineAt(at)?.getBoundingClientRect().top;
      if (now !== undefined) scrollBy({ top: now - was, behavior: "instant" });
    };
    return { index: place(), put };
  }
}
