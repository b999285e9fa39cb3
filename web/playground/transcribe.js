/** A recording, or what the microphone hears -> its words, as they are found. */

import * as v1 from "../v1.js";
import { field } from "../ask.js";
import { bytes, clock, length } from "../clock.js";
import { copyText } from "../copy.js";
import { formCurl } from "../curl.js";
import { el } from "../dom.js";
import { empty } from "../empty.js";
import { icon } from "../icons.js";
import { tell } from "../notice.js";
import { language } from "../wishes.js";
import { modelChoice } from "./model.js";
import { Recorder } from "./recorder.js";

/** Build it, for models that turn speech into text. */
export function transcribe(models, { keyed, signal }) {
  if (models.length === 0) return empty({ drawing: "mute", title: "No speech model here", text: "Add a provider with one in parley.toml, under [[providers]].", actions: [{ label: "What is served", href: "/models" }] });
  const room = new Transcribe(models, keyed);
  signal.addEventListener("abort", () => room.leave());
  return room.element;
}

class Transcribe {
  constructor(models, keyed) {
    this.keyed = keyed;
    this.asking = null;
    this.file = null;
    this.recorder = new Recorder((file) => this.choose(file));
    this.model = modelChoice(models);
    this.language = language("Not named");
    this.apart = el("input", { type: "checkbox", name: "apart" });
    this.input = el("input", { type: "file", accept: "audio/*,video/*,.mkv,.m4a,.opus,.ogg,.flac", on: { change: () => this.choose(this.input.files[0] ?? null) } });
    this.chosen = el("p", { class: "hint", role: "status" });
    this.send = el("button", { type: "submit", class: "main", disabled: true }, icon("list"), "Transcribe");
    this.halt = el("button", { type: "button", class: "plain", hidden: true, on: { click: () => this.asking?.abort() } }, icon("stop"), "Stop");
    this.result = el("section", { class: "transcribed", "aria-label": "What was said" });
    this.form = el(
      "form",
      {},
      el("div", { class: "two" }, field("Model", this.model), this.language),
      field("Recording", this.input),
      el("div", { class: "or" }, el("span", { class: "quiet" }, "or"), this.recorder.element),
      el("label", { class: "tick" }, this.apart, el("span", {}, "Tell speakers apart")),
      this.chosen,
      el("div", { class: "buttons" }, el("button", { type: "button", class: "bare", title: "Copy as curl", "aria-label": "Copy this request as a curl command", on: { click: () => this.copy() } }, icon("copy")), el("span", { class: "spread" }), this.halt, this.send),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
    this.element = el("div", { class: "transcribe" }, this.form, this.result);
  }

  choose(file) {
    this.file = file;
    this.chosen.textContent = file ? `${file.name}, ${bytes(file.size)}` : "";
    this.send.disabled = !file || Boolean(this.asking);
  }

  fields() {
    const said = this.form.elements.language.value;
    return [["model", this.model.value], ["stream", "true"], ["response_format", this.apart.checked ? "diarized_json" : "json"], ...(said ? [["language", said]] : [])];
  }

  copy() {
    copyText(formCurl("/v1/audio/transcriptions", [["file", `@${this.file?.name ?? "talk.wav"}`], ...this.fields()], this.keyed), "Command copied.");
  }

  leave() {
    this.asking?.abort();
    this.recorder.leave();
  }

  async run() {
    const form = new FormData();
    for (const [name, value] of this.fields()) form.append(name, value);
    form.append("file", this.file, this.file.name);
    const shown = new Heard(this.result);
    this._working(true);
    try {
      for await (const event of v1.events(await v1.transcription(form, this.asking.signal))) shown.take(event);
      shown.end();
    } catch (problem) {
      shown.end(problem);
    } finally {
      this._working(false);
    }
  }

  _working(works) {
    this.asking = works ? new AbortController() : null;
    this.send.disabled = works || !this.file;
    this.halt.hidden = !works;
    this.result.setAttribute("aria-busy", String(works));
  }
}

/** Words as they come; in the end who said what, where that was asked. */
class Heard {
  constructor(place) {
    this.place = place;
    this.began = performance.now();
    this.seconds = null;
    this.words = el("p", { class: "heard-words", dir: "auto" }, el("span", { class: "typing", role: "img", "aria-label": "The model listens" }));
    this.segments = el("ol", { class: "heard-lines" });
    this.text = "";
    place.replaceChildren(this.words);
  }

  take({ type, delta, text, duration, start, speaker }) {
    if (type === "transcript.text.delta") this.text += delta;
    if (type === "transcript.text.done") [this.text, this.seconds] = [text, duration ?? null];
    if (type === "transcript.text.segment") this.segments.append(el("li", {}, el("span", { class: "about" }, `${clock(start)} ${speaker ?? ""}`), el("span", { dir: "auto" }, text)));
    if (this.text) this.words.textContent = this.text;
  }

  end(problem = null) {
    const stopped = problem?.name === "AbortError";
    if (!this.text) this.words.textContent = problem ? "" : "Nothing was said.";
    if (this.segments.childElementCount > 0) this.words.replaceWith(this.segments);
    if (problem && !stopped) this.place.append(el("p", { class: "problem", role: "alert" }, problem.message));
    const took = (performance.now() - this.began) / 1000;
    const pace = this.seconds ? `${length(this.seconds)} of sound in ${took.toFixed(1)} s, ${(this.seconds / took).toFixed(1)} × real time` : "";
    this.place.append(el("p", { class: "about" }, stopped ? "Stopped" : pace));
    if (this.text) this.place.append(el("button", { type: "button", class: "plain", on: { click: () => copyText(this.text, "Text copied.") } }, icon("copy"), "Copy the text"));
    tell(this.text ? `Text: ${this.text.slice(0, 500)}` : "No text came.");
  }
}
