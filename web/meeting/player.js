/** The sound of a meeting: play, skip, speed, and the time on every frame. */

import { clock, spoken } from "../clock.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { keep, recall } from "../kept.js";
import { Timeline } from "./timeline.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
/** Seconds that an arrow key skips. */
export const SKIP = 5;

export class Player {
  /** `onTime(seconds, playing)` is called on every frame while it plays, and after every jump. */
  constructor(address, talk, { signal, onTime, duration }) {
    this.talk = talk;
    this.#onTime = onTime;
    this.#known = duration ?? talk.duration;
    this.audio = el("audio", { src: address, preload: "metadata" });
    this.timeline = new Timeline(talk, { signal });
    this.element = this.#build();
    const on = (type, run) => this.audio.addEventListener(type, run, { signal });
    on("play", () => this.#playing());
    on("pause", () => this.#show());
    on("ended", () => this.#show());
    on("seeked", () => this.#tick());
    on("timeupdate", () => this.#tick());
    on("loadedmetadata", () => this.#loaded());
    on("waiting", () => this.element.classList.add("loading"));
    on("playing", () => this.element.classList.remove("loading"));
    on("error", () => this.#failed());
    signal.addEventListener("abort", () => {
      this.audio.pause();
      this.audio.removeAttribute("src");
      this.audio.load();
    });
    this.speed(recall("speed", 1));
    this.#tick();
  }

  #onTime;
  #known;
  #wanted = null;
  #button;
  #slider;
  #time;
  #speeds;
  #problem;
  #second = -1;
  #placed = -1;

  /** Length in seconds: the recording's own where the browser knows it. */
  get duration() {
    return Number.isFinite(this.audio.duration) && this.audio.duration > 0 ? this.audio.duration : this.#known;
  }

  /** Seconds from the start. */
  get time() {
    return this.#wanted ?? this.audio.currentTime;
  }

  get playing() {
    return !this.audio.paused && !this.audio.ended;
  }

  play() {
    this.audio.play().catch((error) => {
      // A browser may ask for a click first; then the button is there to be clicked.
      if (error.name !== "AbortError" && error.name !== "NotAllowedError") this.#failed();
    });
  }

  /** Load the recording anew: it was not there before. */
  reopen() {
    this.#problem.textContent = "";
    this.element.classList.remove("silent");
    this.audio.load();
  }

  toggle() {
    if (this.playing) this.audio.pause();
    else this.play();
  }

  /** Go to a time. */
  seek(time, { play = false } = {}) {
    const wanted = Math.max(0, Math.min(time, this.duration || time));
    // Before the header is read a browser forgets where it was sent.
    if (this.audio.readyState === 0) this.#wanted = wanted;
    else this.audio.currentTime = wanted;
    if (play) this.play();
    this.#tick();
  }

  skip(seconds) {
    this.seek(this.time + seconds);
  }

  /** Set the speed. */
  speed(rate) {
    const wanted = SPEEDS.includes(rate) ? rate : 1;
    this.audio.defaultPlaybackRate = wanted;
    this.audio.playbackRate = wanted;
    this.#speeds.value = String(wanted);
    keep("speed", wanted);
    return wanted;
  }

  /** One speed up or down; returns the new one. */
  faster(steps) {
    const at = SPEEDS.indexOf(this.audio.playbackRate) + steps;
    return this.speed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at))]);
  }

  /** After the transcript changed: its length and colours. */
  refresh(duration) {
    this.#known = duration ?? this.talk.duration;
    this.#placed = -1;
    this.#slider.max = String(this.duration || 1);
    this.timeline.draw(this.duration);
    this.#second = -1;
    this.#tick();
  }

  #build() {
    this.#button = el("button", { type: "button", class: "play", on: { click: () => this.toggle() } });
    this.#slider = el("input", { type: "range", class: "slider", min: 0, max: this.duration || 1, step: 0.01, value: 0, "aria-label": "Position", on: { input: () => this.seek(Number(this.#slider.value)) } });
    this.#time = el("p", { class: "player-time" });
    this.#speeds = el("select", { class: "speeds", "aria-label": "Speed", title: "Speed (< and >)", on: { change: () => this.speed(Number(this.#speeds.value)) } }, ...SPEEDS.map((rate) => el("option", { value: rate }, `${rate}×`)));
    this.#problem = el("p", { class: "player-problem", role: "alert" });
    const skip = (seconds, drawing, label) => el("button", { type: "button", class: "bare", "aria-label": label, title: label, on: { click: () => this.skip(seconds) } }, icon(drawing));
    return el(
      "section",
      { class: "player", "aria-label": "Player" },
      this.#problem,
      el(
        "div",
        { class: "player-row" },
        skip(-SKIP, "back5", "Back 5 seconds"),
        this.#button,
        skip(SKIP, "ahead5", "Ahead 5 seconds"),
        el("div", { class: "track" }, this.timeline.element, this.#slider),
        this.#time,
        this.#speeds,
      ),
      this.audio,
    );
  }

  #loaded() {
    if (this.#wanted !== null) this.audio.currentTime = this.#wanted;
    this.#wanted = null;
    this.refresh(this.#known);
  }

  #playing() {
    this.#show();
    const frame = () => {
      if (!this.playing) return;
      this.#tick();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  #show() {
    const words = this.playing ? "Pause" : "Play";
    this.#button.replaceChildren(icon(this.playing ? "pause" : "play"));
    this.#button.setAttribute("aria-label", words);
    this.#button.title = `${words} (space)`;
  }

  #tick() {
    if (!this.#button.firstChild) this.#show();
    const time = this.time;
    // In a long recording most frames move the thumb by nothing that can be seen.
    if (!this.playing || Math.abs(time - this.#placed) * this.#slider.clientWidth >= this.duration * 0.5) {
      this.#placed = time;
      this.#slider.value = String(time);
      this.timeline.move(this.duration ? time / this.duration : 0);
    }
    if (Math.floor(time) !== this.#second) {
      this.#second = Math.floor(time);
      this.#time.textContent = `${clock(time)} / ${clock(this.duration)}`;
      this.#slider.setAttribute("aria-valuetext", `${spoken(time)} of ${spoken(this.duration)}`);
    }
    this.#onTime(time, this.playing);
  }

  #failed() {
    if (!this.audio.getAttribute("src")) return;
    const wrong = this.audio.error?.code === MediaError.MEDIA_ERR_NETWORK ? "The connection to the recording broke. Load the page again to listen on." : "This browser cannot play the recording. Download it to listen elsewhere.";
    this.#problem.textContent = wrong;
    this.element.classList.add("silent");
  }
}
