/** The bar of a meeting: its title and what can be done with all of it. */

import * as api from "../api.js";
import { ask, field } from "../ask.js";
import { fully, length, when } from "../clock.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { menu } from "../menu.js";
import { warn } from "../notice.js";
import { stageName } from "../stages.js";
import { language, numberOf, speakers } from "../wishes.js";
import { share } from "./share.js";

const FORMATS = [
  ["docx", "Word document (docx)"],
  ["md", "Markdown (md)"],
  ["txt", "Plain text (txt)"],
  ["srt", "Subtitles (srt)"],
  ["vtt", "Web subtitles (vtt)"],
  ["json", "All data (json)"],
  ["rttm", "Speaker turns (rttm)"],
];

export class Heading {
  /** `home` offers the way to all meetings; `on` = {find, keys, again(stage), remove}: what the buttons do. */
  constructor(meeting, { editable, home, on }) {
    Object.assign(this, { meeting, editable, on });
    this.#title = el("h1", { dir: "auto" });
    this.#about = el("p", { class: "about" });
    const button = (drawing, label, run, kind = "bare") => el("button", { type: "button", class: kind, "aria-label": label, title: label, on: { click: run } }, icon(drawing));
    this.element = el(
      "div",
      { class: "meeting-bar" },
      home && el("a", { class: "button bare", href: "/", "aria-label": "All meetings", title: "All meetings" }, icon("back")),
      el("div", { class: "meeting-name" }, el("div", { class: "meeting-title" }, this.#title, editable && button("pen", "Rename this meeting", () => this.rename(), "bare small")), this.#about),
      el(
        "div",
        { class: "meeting-actions", role: "group", "aria-label": "This meeting" },
        button("search", "Find in the transcript (/)", on.find),
        el("span", { class: "roomy" }, menu({ label: "Download", drawing: "save", items: () => this.#downloads() })),
        editable && el("span", { class: "roomy" }, button("link", "Share", () => share(this.meeting))),
        menu({ label: "More", items: () => this.#more() }),
      ),
    );
    this.show(meeting);
  }

  #title;
  #about;

  /** Bring the bar up to date. */
  show(meeting) {
    this.meeting = meeting;
    document.title = `${meeting.title || "Meeting"} – Parley`;
    this.#title.textContent = meeting.title || "Untitled";
    this.#title.title = meeting.title ?? "";
    const parts = [length(meeting.duration), languageName(meeting.language)].filter(Boolean);
    this.#about.replaceChildren(el("time", { datetime: meeting.created_at, title: fully(meeting.created_at) }, when(meeting.created_at)), parts.map((part) => ` · ${part}`).join(""));
  }

  #downloads() {
    const files = FORMATS.map(([format, label]) => ({ label, icon: "file", href: api.fileOf(this.meeting.id, format), download: `${fileName(this.meeting.title)}.${format}` }));
    return [...files, "line", { label: "The recording", icon: "wave", href: api.audioOf(this.meeting.id), download: fileName(this.meeting.title) }];
  }

  #more() {
    const common = [
      { label: "Print", icon: "file", run: () => print() },
      { label: "Keys", icon: "help", run: this.on.keys },
    ];
    const tight = matchMedia("(width < 40rem)").matches;
    const downloads = tight ? ["line", ...this.#downloads()] : [];
    if (!this.editable) return [...common, ...downloads];
    return [
      tight && { label: "Share", icon: "link", run: () => share(this.meeting) },
      { label: "Rename", icon: "pen", run: () => this.rename() },
      { label: "Run again…", icon: "again", run: () => this.#runAgain() },
      ...common,
      ...downloads,
      "line",
      { label: "Move to trash", icon: "bin", danger: true, run: this.on.remove },
    ].filter(Boolean);
  }

  async rename() {
    const input = el("input", { name: "title", value: this.meeting.title, required: true, maxlength: 300, autofocus: true });
    const given = await ask({ title: "Rename meeting", fields: [field("Title", input)], yes: "Rename" });
    if (!given) return;
    try {
      this.show({ ...this.meeting, ...(await api.change(this.meeting.id, { title: given.get("title").trim() })) });
    } catch (problem) {
      warn(problem);
    }
  }

  async #runAgain() {
    const choices = this.meeting.stages.map((stage) => el("option", { value: stage.name }, stageName(stage.name)));
    const given = await ask({
      title: "Run again",
      text: "The recording is processed again from one step on. Names and corrections stay.",
      fields: [field("From the step", el("select", { name: "from" }, ...choices)), el("div", { class: "two" }, language("As before"), speakers("As before"))],
      yes: "Run again",
    });
    if (!given) return;
    const wish = { language: given.get("language") || undefined, speakers: numberOf(given) || undefined };
    this.on.again(given.get("from"), wish);
  }
}

function languageName(code) {
  if (!code) return "";
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code);
  } catch {
    return code;
  }
}

const fileName = (title) => (title || "meeting").replace(/[\\/:*?"<>|\p{Cc}]+/gu, " ").trim().slice(0, 80) || "meeting";
