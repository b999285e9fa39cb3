/** Slides in a strip, in step with the sound: a press goes to where a slide was shown. */

import * as api from "../api.js";
import { clock, spoken } from "../clock.js";
import { el, still } from "../dom.js";
import { icon } from "../icons.js";

export class Slides {
  /** `onSeek(time)` is called to go to a time. */
  constructor(meeting, { onSeek }) {
    Object.assign(this, { meeting, onSeek });
    this.#strip = el("ol", { class: "slides-strip" });
    this.#larger = el("button", { type: "button", class: "bare", "aria-label": "Show the slide large", title: "Show large", on: { click: () => this.enlarge() } }, icon("screen"));
    this.#note = el("p", { class: "quiet slides-note", hidden: true });
    this.element = el("section", { class: "slides part-words", "aria-label": "Slides", hidden: true }, el("div", { class: "titled" }, el("h2", {}, "Slides"), this.#larger), this.#strip, this.#note);
  }

  #strip;
  #larger;
  #note;
  #known = [];
  #views = [];
  #now = null;

  /** Show these slides, and no others. */
  show(slides) {
    this.#known = [...slides].sort((a, b) => a.start - b.start);
    this.#views = this.#known.flatMap((slide) => slide.views.map((view) => ({ ...view, slide }))).sort((a, b) => a.start - b.start);
    this.#now = null;
    this.element.hidden = this.#known.length === 0;
    this.#strip.replaceChildren(...this.#known.map((slide, index) => this.#item(slide, index)));
  }

  /** Say why slides are not read, below them; null says nothing. */
  note(text) {
    this.#note.hidden = !text;
    this.#note.textContent = text ?? "";
  }

  /** Take a slide that is new, or on view again. */
  upsert(slide) {
    this.show([...this.#known.filter((known) => known.id !== slide.id), slide]);
  }

  /** Whether there are slides. */
  some() {
    return this.#known.length > 0;
  }

  /** The slide with an id; undefined where there is none. */
  known(id) {
    return this.#known.find((slide) => slide.id === id);
  }

  /** The slide on view at a time; null where none is. */
  at(time) {
    return this.#views.findLast((view) => view.start <= time && time < view.end)?.slide ?? null;
  }

  /** Show which slide is on view at a time. */
  hear(time) {
    const slide = this.at(time) ?? this.#views.findLast((view) => view.start <= time)?.slide ?? null;
    if (slide === this.#now) return;
    this.#now = slide;
    for (const item of this.#strip.children) {
      const is = item.dataset.slide === slide?.id;
      item.classList.toggle("now", is);
      item.firstElementChild.setAttribute("aria-current", String(is));
      if (is) this.#strip.scrollTo({ left: item.offsetLeft - this.#strip.clientWidth / 2 + item.clientWidth / 2, behavior: still() ? "instant" : "smooth" });
    }
  }

  /** The address of a slide's picture. */
  picture(slide) {
    return api.address(`meetings/${encodeURIComponent(this.meeting)}/slides/${encodeURIComponent(slide.id)}/image`);
  }

  /** Show the slide on view, or the first one, in a dialog; arrows go on. */
  enlarge(slide = this.#now ?? this.#known[0]) {
    if (!slide) return;
    let at = this.#known.indexOf(slide);
    const image = el("img", { class: "slide-large" });
    const words = el("p", { class: "quiet" });
    const seen = el("p", { class: "slide-text", dir: "auto" });
    const draw = () => {
      image.src = this.picture(this.#known[at]);
      image.alt = label(this.#known[at], at, this.#known.length);
      words.textContent = image.alt;
      const { text, model } = this.#known[at];
      seen.hidden = !text;
      seen.textContent = text ? `${text} (read by ${model})` : "";
    };
    const step = (count) => {
      at = Math.max(0, Math.min(this.#known.length - 1, at + count));
      draw();
    };
    const button = (name, run) => el("button", { type: "button", class: "plain", on: { click: run } }, name);
    const dialog = el(
      "dialog",
      { class: "ask slide-dialog", "aria-label": "Slide" },
      image,
      words,
      seen,
      el("div", { class: "buttons" }, button("Previous", () => step(-1)), button("Next", () => step(1)), button("Go there", () => (dialog.close(), this.onSeek(this.#known[at].start))), button("Close", () => dialog.close())),
    );
    dialog.addEventListener("keydown", (event) => {
      const count = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (count) step(count);
      event.stopPropagation();
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    draw();
    document.body.append(dialog);
    dialog.showModal();
  }

  #item(slide, index) {
    const image = el("img", { src: this.picture(slide), alt: "", loading: "lazy", width: 160, height: 90 });
    const again = slide.views.length > 1 && el("small", {}, `${slide.views.length}×`);
    return el(
      "li",
      { data: { slide: slide.id } },
      el("button", { type: "button", class: "slide", "aria-label": `Go to ${label(slide, index, this.#known.length)}`, on: { click: () => this.onSeek(slide.start), dblclick: () => this.enlarge(slide) } }, image, el("span", { class: "slide-time" }, clock(slide.start), again), slide.title && el("span", { class: "slide-title", dir: "auto" }, slide.title)),
    );
  }
}

const label = (slide, index, count) => `slide ${index + 1} of ${count}${slide.title ? ` (${slide.title})` : ""}, shown at ${slide.views.map((view) => spoken(view.start)).slice(0, 4).join(", ")}`;
