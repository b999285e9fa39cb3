/** What is recorded: a microphone, or a tab or screen with its sound; chosen before, opened at the start. */

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { keep, recall } from "../kept.js";
import { listenTo, meter } from "./meter.js";
import { canShare, close, microphones, open } from "./sources.js";

export class Choice {
  constructor(signal) {
    this.#meter = meter();
    this.#devices = el("select", { name: "device", "aria-label": "Microphone" }, el("option", { value: "" }, "Default microphone"));
    this.#heard = el("p", { class: "hint heard", role: "status" });
    this.#allow = el("button", { type: "button", class: "plain", on: { click: () => this.#try() } }, icon("microphone"), "Test the microphone");
    this.#both = el("input", { type: "checkbox", name: "both", checked: true });
    this.#microphone = el("div", { class: "source-more" }, this.#devices, this.#allow, this.#meter, this.#heard);
    this.#share = el(
      "div",
      { class: "source-more", hidden: true },
      el("label", { class: "tick" }, this.#both, el("span", {}, "My microphone too")),
      el("p", { class: "hint" }, "The browser asks what to share when the meeting starts. Switch on “Also share tab audio” there. Only the sound is sent, never the picture."),
    );
    this.element = el(
      "fieldset",
      { class: "sources" },
      el("legend", {}, "What is recorded"),
      el("div", { class: "source-kinds" }, this.#kind("microphone", "microphone", "Microphone", "People in this room"), canShare() && this.#kind("share", "screen", "Tab or screen", "A call in the browser")),
      this.#microphone,
      this.#share,
    );
    this.#devices.addEventListener("change", () => {
      keep("live.device", this.#devices.value);
      if (this.#streams) this.#try();
    });
    this.element.addEventListener("change", ({ target }) => target.name === "kind" && this.#turn());
    signal.addEventListener("abort", () => this.#let());
    navigator.mediaDevices.addEventListener?.("devicechange", () => this.#list(), { signal });
    this.#list();
    this.#listenAtOnce();
  }

  #meter;
  #devices;
  #heard;
  #allow;
  #both;
  #microphone;
  #share;
  #streams = null;
  #stop = () => {};

  get #wanted() {
    const kind = this.element.querySelector("[name=kind]:checked").value;
    return { kind, device: this.#devices.value, both: this.#both.checked };
  }

  /** Open what was chosen: {source, streams}. Raises a Problem. */
  async open() {
    const source = this.#wanted;
    const known = source.kind === "microphone" ? this.#streams : null;
    this.#stop();
    this.#stop = () => {};
    if (known) this.#streams = null;
    else this.#let();
    return { source, streams: known ?? (await open(source)) };
  }

  /** After a start that failed: listen again. */
  again() {
    this.#meter.show(0);
    this.#listenAtOnce();
  }

  #kind(value, drawing, label, hint) {
    const input = el("input", { type: "radio", name: "kind", value, checked: value === "microphone" });
    return el("label", { class: "source-kind" }, input, icon(drawing), el("span", {}, el("strong", {}, label), el("small", {}, hint)));
  }

  #turn() {
    const isMicrophone = this.#wanted.kind === "microphone";
    this.#microphone.hidden = !isMicrophone;
    this.#share.hidden = isMicrophone;
    if (!isMicrophone) this.#let();
    else this.#listenAtOnce();
  }

  // Where the browser allows it already, nobody has to press a button to see that something is heard.
  async #listenAtOnce() {
    const allowed = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
    if (allowed?.state === "granted" && this.element.isConnected) await this.#try();
  }

  async #try() {
    this.#let();
    this.#say("");
    try {
      const streams = await open({ kind: "microphone", device: this.#devices.value });
      // Another one was chosen, or the page was left, while the browser asked.
      if (!this.element.isConnected || this.#streams || this.#wanted.kind !== "microphone") return close(streams);
      this.#streams = streams;
    } catch (problem) {
      this.#say(problem.message, true);
      return;
    }
    this.#allow.hidden = true;
    await this.#list();
    // The meeting may have begun with it meanwhile.
    if (this.#streams) this.#watch();
  }

  #watch() {
    let heard = false;
    this.#say("Say something: the bar moves when you are heard.");
    this.#stop = listenTo(this.#streams, (peak) => {
      this.#meter.show(peak);
      if (!heard && peak > 0.05) this.#say("You are heard.");
      heard ||= peak > 0.05;
    });
    this.#meter.hidden = false;
  }

  #let() {
    this.#stop();
    this.#stop = () => {};
    if (this.#streams) close(this.#streams);
    this.#streams = null;
    this.#meter.hidden = true;
    this.#allow.hidden = false;
  }

  async #list() {
    const found = await microphones();
    if (!found) return;
    const chosen = this.#devices.value || recall("live.device", "");
    this.#devices.replaceChildren(el("option", { value: "" }, "Default microphone"), ...found.map(({ deviceId, label }) => el("option", { value: deviceId }, label)));
    if (found.some(({ deviceId }) => deviceId === chosen)) this.#devices.value = chosen;
  }

  #say(words, bad = false) {
    this.#heard.textContent = words;
    this.#heard.classList.toggle("problem", bad);
  }
}
