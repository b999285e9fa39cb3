/** The bar at the foot of a live meeting: what is going on, how long, and what can be done. */

import { clock } from "../clock.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { warn } from "../notice.js";
import { doing, wholeProgress } from "../stages.js";
import { meter } from "./meter.js";

/** Less lag than this nobody notices. */
const NOTABLE_LAG = 2;
/** Acknowledgements take a second or two; sound that waits for longer is worth a word. */
const NOTABLE_WAIT = 6;

const LABELS = { recording: "Recording", paused: "Paused", lost: "Nothing is heard", interrupted: "Interrupted", stopping: "Finishing…", finishing: "Finishing…", following: "Live", starting: "Starting…" };

export class Bar {
  constructor(signal) {
    this.#label = el("strong", { class: "live-label" });
    this.#time = el("span", { class: "live-time", role: "timer", "aria-live": "off", "aria-label": "Recorded so far" });
    this.#lag = el("span", { class: "live-lag" });
    this.#meter = meter();
    this.#progress = el("progress", { max: 1, value: 0, "aria-label": "Progress", hidden: true });
    this.#buttons = el("div", { class: "live-buttons" });
    this.#note = el("p", { class: "live-note", role: "status" });
    this.element = el(
      "section",
      { class: "live-bar", "aria-label": "Live meeting" },
      this.#note,
      el("div", { class: "live-row" }, el("span", { class: "live-dot", "aria-hidden": "true" }), this.#label, this.#time, this.#meter, this.#lag, this.#progress, this.#buttons),
    );
    this.#measure(signal);
  }

  // What else lies at the foot of the page stands above the bar, however high it is.
  #measure(signal) {
    const { style } = document.body;
    const watcher = new ResizeObserver(() => style.setProperty("--under", `${this.element.offsetHeight}px`));
    watcher.observe(this.element);
    signal.addEventListener("abort", () => {
      watcher.disconnect();
      style.removeProperty("--under");
    });
  }

  #label;
  #time;
  #lag;
  #meter;
  #progress;
  #buttons;
  #note;
  #shown = "";

  /** `recording` is this window's, or null for those who follow; `line` is that of the captions. */
  show({ recording, meeting, elapsed, lag, line }) {
    const mode = meeting.state === "live" ? (recording?.phase ?? "following") : "finishing";
    if (mode !== this.#shown) this.#turn(mode, recording);
    put(this.#label, mode === "finishing" ? finishing(meeting) : LABELS[mode]);
    put(this.#time, mode === "finishing" ? "" : clock(elapsed));
    put(this.#lag, mode !== "finishing" && line.stands && lag > NOTABLE_LAG ? `Captions are ${Math.round(lag)} s behind` : "");
    put(this.#note, note(mode, recording, line));
    this.#progress.hidden = mode !== "finishing";
    this.#progress.value = wholeProgress(meeting.stages);
    if (mode === "recording") this.#meter.show(recording.peak);
    else this.#meter.hidden = true;
    const isUsual = mode === "finishing" || (mode === "stopping" && recording.line.stands);
    this.element.classList.toggle("warned", this.#note.textContent !== "" && !isUsual);
  }

  #turn(mode, recording) {
    const hadFocus = this.#buttons.contains(document.activeElement);
    this.#shown = mode;
    this.element.dataset.mode = mode;
    this.#buttons.replaceChildren(...buttons(mode, recording));
    if (hadFocus) this.#buttons.querySelector("button")?.focus();
  }
}

// Screen readers would read again what is only written again.
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function buttons(mode, recording) {
  const button = (drawing, label, run, { kind = "plain", hint } = {}) => el("button", { type: "button", class: kind, title: hint, on: { click: run } }, icon(drawing), label);
  const stop = button("stop", mode === "interrupted" ? "End it" : "Stop", () => recording.stop(), { kind: "main danger" });
  const goOn = async ({ currentTarget }) => {
    currentTarget.disabled = true;
    try {
      await recording.goOn();
    } catch (problem) {
      warn(problem);
    }
    currentTarget.disabled = false;
  };
  return {
    recording: () => [button("pause", "Pause", () => recording.pause(), { hint: "Pause (space)" }), stop],
    paused: () => [button("record", "Go on", () => recording.resume(), { kind: "main", hint: "Go on (space)" }), stop],
    lost: () => [button("record", "Go on", goOn, { kind: "main" }), stop],
    interrupted: () => [button("record", "Go on with the meeting", goOn, { kind: "main" }), stop],
  }[mode]?.() ?? [];
}

function finishing(meeting) {
  return meeting.stages.some((stage) => stage.state === "running") ? `Finishing… ${doing(meeting)}` : LABELS.finishing;
}

function note(mode, recording, line) {
  if (mode === "finishing") return line.stands ? "" : "The connection broke; trying again…";
  if (mode === "following") return line.stands ? "" : "The connection broke. Captions go on as soon as it is back.";
  const waiting = Math.round(recording.waiting);
  const kept = waiting >= 1 ? ` ${waiting} s wait here to be sent.` : "";
  if (recording.trouble && waiting >= NOTABLE_WAIT) return "This browser has no room to keep the sound. Leave this page open until it is sent.";
  if (mode === "interrupted") return `${recording.line.stands ? "The page was left or loaded anew. Nothing that was heard is lost." : recording.line.words}${kept}`;
  if (!recording.line.stands) return mode === "stopping" ? `${recording.line.words}${kept} Leave this page open.` : `${recording.line.words} It is still recorded, in this browser.${kept}`;
  if (mode === "lost") return `${recording.problem} Everything up to here is safe.`;
  if (mode === "stopping") return waiting >= 1 ? `The last ${waiting} s are being sent.` : "";
  if (waiting >= NOTABLE_WAIT) return `The server is slow to take the sound.${kept}`;
  return recording.problem;
}
