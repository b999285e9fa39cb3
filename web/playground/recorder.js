/** A button that records the microphone -> a file. */

import { clock } from "../clock.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { warn } from "../notice.js";
import { close, open } from "../live/sources.js";

const KINDS = [["audio/webm;codecs=opus", "webm"], ["audio/ogg;codecs=opus", "ogg"], ["audio/mp4", "m4a"]];

/** Use `element`; `onFile` is called with each recording that ends. */
export class Recorder {
  constructor(onFile) {
    this.onFile = onFile;
    this.recording = null;
    this.label = el("span", {}, "Record the microphone");
    this.element = el("button", { type: "button", class: "plain", "aria-pressed": "false", on: { click: () => (this.recording ? this.end() : this.begin()) } }, icon("microphone"), this.label);
  }

  async begin() {
    this.element.disabled = true;
    try {
      const [kind, suffix] = KINDS.find(([type]) => globalThis.MediaRecorder?.isTypeSupported(type)) ?? [];
      if (!kind) throw new Error("This browser records in no format that the server reads. Choose a file instead.");
      const streams = await open({ kind: "microphone" });
      this._start(new MediaRecorder(streams[0], { mimeType: kind }), streams, `recording.${suffix}`);
    } catch (problem) {
      warn(problem);
    } finally {
      this.element.disabled = false;
    }
  }

  end() {
    this.recording?.recorder.stop();
  }

  /** Stop without a file. */
  leave() {
    if (!this.recording) return;
    this.recording.dropped = true;
    this.end();
  }

  _start(recorder, streams, name) {
    const parts = [];
    const began = performance.now();
    const tick = () => {
      this.label.textContent = `Stop (${clock((performance.now() - began) / 1000)})`;
    };
    const recording = { recorder, dropped: false, timer: setInterval(tick, 500) };
    recorder.addEventListener("dataavailable", ({ data }) => data.size > 0 && parts.push(data));
    recorder.addEventListener("stop", () => {
      clearInterval(recording.timer);
      close(streams);
      this._show(null);
      if (!recording.dropped && parts.length > 0) this.onFile(new File(parts, name, { type: recorder.mimeType }));
    });
    this._show(recording);
    tick();
    recorder.start();
  }

  _show(recording) {
    this.recording = recording;
    this.element.setAttribute("aria-pressed", String(recording !== null));
    this.element.firstChild.replaceWith(icon(recording ? "stop" : "microphone"));
    if (!recording) this.label.textContent = "Record the microphone";
  }
}
