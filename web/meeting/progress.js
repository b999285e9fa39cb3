/** Stages of a meeting -> bars, or what went wrong and what to do. */

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { doing, stageName, wholeProgress } from "../stages.js";

const MARKS = { done: "check", failed: "warning" };

export class Progress {
  constructor({ onAgain, onDelete, onRestore, editable }) {
    Object.assign(this, { onAgain, onDelete, onRestore, editable });
    this.element = el("section", { class: "state", "aria-label": "State of the meeting", hidden: true });
  }

  #bars = new Map();
  #title = null;
  #drawn = "";

  /** Show how a meeting is doing; a finished one without trouble shows nothing. */
  show(meeting, broken = false) {
    const failed = meeting.stages.filter((stage) => stage.state === "failed");
    const kind = meeting.deleted_at ? "trashed" : meeting.state === "done" && failed.length ? "partly" : meeting.state;
    this.element.hidden = kind === "done";
    const shape = `${kind}|${meeting.stages.map((stage) => `${stage.name}:${stage.state}`).join()}|${meeting.error}`;
    if (shape !== this.#drawn) this.#draw(meeting, kind, failed);
    this.#drawn = shape;
    if (this.#title) this.#title.textContent = this.#words(meeting, broken);
    for (const stage of meeting.stages) this.#fill(stage);
  }

  #words(meeting, broken) {
    if (broken) return "The connection broke; trying again…";
    return meeting.state === "live" ? "This meeting is live" : `${doing(meeting)} · ${Math.floor(wholeProgress(meeting.stages) * 100)} %`;
  }

  #draw(meeting, kind, failed) {
    this.#bars.clear();
    this.#title = null;
    this.element.className = `state ${kind}`;
    if (kind === "failed") this.element.replaceChildren(...this.#failed(meeting));
    else if (kind === "trashed") this.element.replaceChildren(...this.#trashed());
    else if (kind === "partly") this.element.replaceChildren(...failed.map((stage) => this.#lost(stage)));
    else if (kind !== "done") this.element.replaceChildren(...this.#working(meeting));
    else this.element.replaceChildren();
  }

  #working(meeting) {
    this.#title = el("h2", {});
    const hint = meeting.stages.length ? "You can leave this page: the work goes on. What is known so far appears below." : "It starts as soon as a place is free.";
    return [el("div", { class: "state-head" }, el("span", { class: "spinner", "aria-hidden": "true" }), this.#title), el("p", { class: "quiet" }, hint), el("ol", { class: "stages" }, ...meeting.stages.map((stage) => this.#stage(stage)))];
  }

  #stage(stage) {
    const bar = el("progress", { max: 1, value: 0, "aria-label": stageName(stage.name) });
    const share = el("span", { class: "stage-share" });
    this.#bars.set(stage.name, { bar, share });
    return el(
      "li",
      { class: `stage ${stage.state}` },
      el("span", { class: "stage-mark" }, MARKS[stage.state] ? icon(MARKS[stage.state]) : null),
      el("span", { class: "stage-name", title: stage.engine ? `Engine: ${stage.engine}` : null }, stageName(stage.name)),
      bar,
      share,
      stage.error && el("p", { class: "problem" }, stage.error),
    );
  }

  #fill({ name, state, progress, rtfx }) {
    const known = this.#bars.get(name);
    if (!known) return;
    const share = state === "done" ? 1 : Math.min(1, progress ?? 0);
    known.bar.value = share;
    const speed = state === "running" && rtfx ? ` · ${rtfx < 10 ? rtfx.toFixed(1) : Math.round(rtfx)}×` : "";
    known.share.textContent = { done: "Done", failed: "Failed", waiting: "Waits" }[state] ?? `${Math.floor(share * 100)} %${speed}`;
  }

  #failed(meeting) {
    const stage = meeting.stages.find((stage) => stage.state === "failed");
    const why = meeting.error ?? stage?.error ?? "The server could not process the recording.";
    const words = "Your recording is safe: it was kept as you sent it.";
    return [
      el("div", { class: "state-head" }, icon("warning"), el("h2", {}, stage ? `“${stageName(stage.name)}” failed` : "This recording could not be processed")),
      el("p", { class: "why" }, why),
      el("p", { class: "quiet" }, words),
      this.editable && el("div", { class: "buttons" }, el("button", { type: "button", class: "plain danger", on: { click: this.onDelete } }, "Delete"), el("button", { type: "button", class: "main", on: { click: () => this.onAgain(stage?.name) } }, icon("again"), "Try again")),
    ].filter(Boolean);
  }

  #trashed() {
    return [
      el(
        "div",
        { class: "lost-stage" },
        icon("bin"),
        el("div", {}, el("p", { class: "why" }, "This meeting lies in the trash."), el("p", { class: "quiet" }, "It is deleted for good after a while.")),
        this.editable && el("button", { type: "button", class: "main", on: { click: this.onRestore } }, icon("restore"), "Restore"),
      ),
    ];
  }

  #lost(stage) {
    return el(
      "div",
      { class: "lost-stage" },
      icon("warning"),
      el("div", {}, el("p", { class: "why" }, `“${stageName(stage.name)}” failed: ${stage.error ?? "no reason is known."}`), el("p", { class: "quiet" }, "Everything else is complete.")),
      this.editable && el("button", { type: "button", class: "plain", on: { click: () => this.onAgain(stage.name) } }, icon("again"), "Try again"),
    );
  }
}
