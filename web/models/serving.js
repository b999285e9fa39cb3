/** Health of engines and providers -> what a card says of whoever serves its model. */

import { el } from "../dom.js";
import { icon } from "../icons.js";

const ROLES = {
  "automatic-speech-recognition": "asr",
  "text-embeddings-inference": "embed",
  "text-classification": "embed",
  "text-generation": "chat",
  "image-text-to-text": "chat",
};
const STATES = {
  absent: "not on this machine",
  downloading: "downloading",
  on_disk: "ready, loads when it is needed",
  loading: "loading",
  ready: "ready",
  unloading: "unloading",
  failed: "failed",
};

/** How everything was at one moment. */
export class Serving {
  constructor({ engines = [], providers = [] }) {
    this.engines = engines;
    this.providers = new Map(providers.map((provider) => [provider.name, provider]));
  }

  /** Return how one is: {name, text, mood}. Whoever is no provider is an engine of this server. */
  of(name, type) {
    const provider = this.providers.get(name);
    return provider ? this._provider(provider) : this._engine(type);
  }

  /** Show how one is. */
  state(name, type) {
    const { title, text, mood, more } = this.of(name, type);
    const row = el("li", { class: "serves", data: { provider: name, type, mood } }, el("span", { class: "lamp", "aria-hidden": "true" }), el("strong", {}, title), el("span", { class: "quiet" }, text));
    if (more) row.append(el("p", { class: "problem" }, more));
    return row;
  }

  /** Show providers that serve nothing, since nobody has reached them yet. */
  trouble() {
    const lost = [...this.providers.values()].filter((provider) => provider.error && provider.models.length === 0);
    return el("div", { class: "trouble" }, ...lost.map((provider) => el("p", { class: "also" }, icon("warning"), el("span", {}, `${provider.error} What it serves is not known.`))));
  }

  _provider({ name, type, ready, circuit, busy, waiting, error }) {
    const work = [busy && `${busy} under way`, waiting && `${waiting} waiting`].filter(Boolean).join(", ");
    const text = circuit === "open" ? "left alone after failures, asked again shortly" : ready ? work || "ready" : "away";
    return { title: `${name} (${type})`, text, mood: ready ? "good" : "bad", more: error };
  }

  _engine(type) {
    const found = this.engines.find(({ role }) => role === ROLES[type]);
    if (!found) return { title: "This server", text: "ready", mood: "good", more: null };
    const text = STATES[found.state] ?? "cannot be made";
    return { title: `This server (${found.engine})`, text, mood: found.ready ? "good" : "bad", more: found.error };
  }
}
