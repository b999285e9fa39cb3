/** The summary: every point leads to the moments it rests on. */

import { clock, day, spoken } from "../clock.js";
import { copyText } from "../copy.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { howCompared } from "./compared.js";
import { Done } from "./done.js";
import { summaryAsMarkdown } from "./markdown.js";

export class Summary {
  /** `onCited(ids, index)` is called to show one of the utterances that a point rests on, `onSlide(slide)` a slide. */
  constructor(talk, { meeting, title, running, editable, evidence, slides, onCited, onSlide, onAgain }) {
    Object.assign(this, { talk, title, running, editable, evidence, slides, onCited, onSlide, onAgain });
    this.#done = new Done(meeting, editable);
    this.element = el("section", { class: "card part-summary", "aria-labelledby": "summary-title" });
  }

  summary = null;
  #done;

  /** Show a summary; with null say in `words` why there is none. */
  show(summary, words = "", again = false) {
    this.summary = summary;
    if (summary === null) {
      const retry = again && this.editable && el("button", { type: "button", class: "plain", on: { click: this.onAgain } }, icon("again"), "Make a summary");
      this.element.replaceChildren(this.#head(false), el("p", { class: "quiet" }, words), ...(retry ? [retry] : []));
      return;
    }
    const nothing = !summary.overview && summary.topics.length === 0;
    this.element.replaceChildren(
      this.#head(!nothing),
      ...[
        this.#origin(summary),
        howCompared(summary) && el("p", { class: "hint" }, howCompared(summary)),
        summary.why_extractive && el("p", { class: "hint" }, summary.why_extractive),
        nothing && el("p", { class: "quiet" }, "Too little was said to sum it up."),
        summary.overview && el("p", { class: "overview", dir: "auto", lang: summary.language }, this.#words(summary.overview)),
        this.#part("Decisions", "decisions", summary.decisions.map((point) => this.#point(point))),
        this.#part("To do", "actions", summary.actions.map((action) => this.#action(action))),
        this.#part("Open questions", "questions", summary.questions.map((point) => this.#point(point))),
        summary.topics.length > 0 && el("h3", {}, "Topics"),
        ...summary.topics.map((topic) => this.#topic(topic)),
        summary.dropped > 0 && el("p", { class: "hint" }, `${summary.dropped} ${summary.dropped === 1 ? "point was" : "points were"} left out: nothing that was said or shown says so.`),
        this.#withdrawn(summary.withdrawn ?? []),
      ].filter(Boolean),
    );
  }

  /** Sentences of the transcript stay as they were said. */
  #words(text) {
    return this.summary.extractive ? text : this.talk.called(text);
  }

  #origin({ extractive, model }) {
    if (extractive) return el("p", { class: "origin" }, icon("list"), "Sentences taken from the transcript");
    return model ? el("p", { class: "origin" }, icon("spark"), `Written by ${model}`) : null;
  }

  /** What a running summary said and takes back: shown as corrected, never just gone. */
  #withdrawn(points) {
    if (points.length === 0) return null;
    return el("div", { class: "points withdrawn" }, el("h3", {}, "Corrected since"), el("ul", {}, ...points.map(({ text }) => el("li", { class: "point" }, el("s", { dir: "auto" }, this.#words(text))))));
  }

  #head(copyable) {
    const copy = () => copyText(summaryAsMarkdown(this.summary, this.talk, this.slides, this.title()), "Summary copied as Markdown.");
    return el(
      "div",
      { class: "titled" },
      el("h2", { id: "summary-title" }, this.running() ? "Summary so far" : "Summary"),
      copyable && el("button", { type: "button", class: "bare", "aria-label": "Copy the summary as Markdown", title: "Copy as Markdown", on: { click: copy } }, icon("copy")),
      copyable && this.editable && !this.running() && el("button", { type: "button", class: "bare", "aria-label": "Make the summary again", title: "Make it again", on: { click: this.onAgain } }, icon("again")),
    );
  }

  #part(title, kind, items) {
    return items.length > 0 && el("div", { class: `points ${kind}` }, el("h3", {}, title), el("ul", {}, ...items));
  }

  #topic(topic) {
    return el(
      "div",
      { class: "points topic" },
      el("h4", {}, el("span", { dir: "auto", lang: this.summary.language }, this.#words(topic.title)), el("span", { class: "span" }, `${clock(topic.start)} – ${clock(topic.end)}`)),
      el("ul", {}, ...topic.points.map((point) => this.#point(point))),
    );
  }

  #point({ text: said, evidence, slides = [] }) {
    const text = this.#words(said);
    const item = el("li", { class: "point" }, el("span", { class: "point-text", dir: "auto", lang: this.summary.language }, text));
    return this.#shown(this.#cited(item, text, evidence), text, slides);
  }

  #action(action) {
    const [box, task] = [this.#done.box(action), this.#words(action.task)];
    const due = action.due && (action.due_date ? `${action.due} (${day(action.due_date)})` : action.due);
    const about = [action.owner && this.talk.name(action.owner), due].filter(Boolean).join(" · ");
    const item = el(
      "li",
      { class: "point action" },
      el("label", { dir: "auto" }, box, el("span", { class: "point-text", lang: this.summary.language }, task)),
      about && el("span", { class: "about", dir: "auto" }, about),
    );
    return this.#shown(this.#cited(item, task, action.evidence, { byText: false }), task, action.slides ?? []);
  }

  /** Add a button for each slide that shows a point: it goes to where the slide was on view. */
  #shown(item, text, ids) {
    const slides = ids.map((id) => this.slides.known(id)).filter(Boolean);
    if (slides.length > 0) item.append(el("span", { class: "cites" }, item.querySelector(".cite"), ...slides.map((slide) => this.#slide(slide, text))));
    return item;
  }

  #slide(slide, text) {
    const label = `Go to ${slide.title ? `the slide ${slide.title}` : "the slide"}, shown at ${spoken(slide.start)}: ${text.slice(0, 80)}`;
    return el("button", { type: "button", class: "cite cite-slide", "aria-label": label, title: slide.title ?? "Slide", on: { click: () => this.onSlide(slide) } }, icon("screen"), clock(slide.start));
  }

  /** Add the button that goes to the evidence: each press to the next moment. */
  #cited(item, text, evidence, { byText = true } = {}) {
    const known = evidence.filter((id) => this.talk.place(id) !== undefined);
    if (known.length === 0) return item;
    let at = -1;
    const chip = el("button", { type: "button", class: "cite" });
    const label = (index) => {
      const { start } = this.talk.utterances[this.talk.place(known[index])];
      const count = known.length > 1 ? ` ${index + 1}/${known.length}` : "";
      chip.replaceChildren(el("span", {}, clock(start)), count && el("small", {}, count));
      chip.setAttribute("aria-label", `Show where this was said, at ${spoken(start)}${known.length > 1 ? `, place ${index + 1} of ${known.length}` : ""}: ${text.slice(0, 80)}`);
    };
    const next = () => {
      at = (at + 1) % known.length;
      label(at);
      this.element.querySelectorAll(".point.shown").forEach((point) => point.classList.remove("shown"));
      item.classList.add("shown");
      this.onCited(known, at);
    };
    label(0);
    chip.addEventListener("click", next);
    this.evidence.attach(item, chip, known);
    // The words are a large target for the pointer; the keyboard has the button.
    if (byText) item.querySelector(".point-text").addEventListener("click", () => getSelection().isCollapsed && next());
    item.append(chip);
    return item;
  }
}
