/** One model: its names, who serves it, and a line for a terminal. */

import { formCurl, jsonCurl, shownCurl } from "../curl.js";
import { el } from "../dom.js";

const SAY = [{ role: "user", content: "Hello" }];
const USES = {
  "text-generation": { path: "/v1/chat/completions", body: { messages: SAY }, tab: "chat" },
  "image-text-to-text": { path: "/v1/chat/completions", body: { messages: SAY }, tab: "chat" },
  "automatic-speech-recognition": { path: "/v1/audio/transcriptions", form: [["file", "@talk.wav"]], tab: "transcribe" },
  "text-embeddings-inference": { path: "/v1/embeddings", body: { input: "Hello" }, tab: "embeddings" },
  "text-classification": { path: "/v1/rerank", body: { query: "Hello", documents: ["Good morning", "A chair"] }, tab: null },
  "image-generation": { path: "/v1/images/generations", body: { prompt: "A garden in May" }, tab: null },
};

/** Build it; `keyed` servers want a key, `tries` is whether the reader may use models. */
export function card(model, serving, { keyed, tries }) {
  const use = USES[model.type];
  const providers = model.providers ?? [];
  return el(
    "li",
    { class: "card model" },
    el("div", { class: "titled" }, el("h3", {}, model.id), tries && use?.tab && el("a", { class: "button plain", href: `/playground?try=${use.tab}&model=${encodeURIComponent(model.id)}`, "aria-label": `Try ${model.id}` }, "Try it")),
    el("p", { class: "about" }, [model.owned_by && `by ${model.owned_by}`, model.max_context_length && `${model.max_context_length.toLocaleString("en")} tokens of context`].filter(Boolean).join(" · ")),
    model.aliases.length > 0 && el("p", { class: "about" }, "Also called ", ...model.aliases.flatMap((alias, at) => [at > 0 && ", ", el("code", { class: "whole" }, alias)])),
    model.description && el("p", { class: "hint" }, model.description),
    el("ul", { class: "serving", "aria-label": `Who serves ${model.id}` }, ...providers.map((name) => serving.state(name, model.type))),
    use && el("details", {}, el("summary", {}, "Use it from a terminal"), shownCurl(line(use, model.id, keyed), `use ${model.id}`)),
  );
}

const line = ({ path, body, form }, id, keyed) => (form ? formCurl(path, [...form, ["model", id]], keyed) : jsonCurl(path, { model: id, ...body }, keyed));
