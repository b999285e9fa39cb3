/** Texts -> how much they mean the same: the cosines between their vectors. */

import * as v1 from "../v1.js";
import { field } from "../ask.js";
import { copyText } from "../copy.js";
import { jsonCurl } from "../curl.js";
import { el } from "../dom.js";
import { empty } from "../empty.js";
import { icon } from "../icons.js";
import { tell } from "../notice.js";
import { modelChoice } from "./model.js";

const MOST_TEXTS = 12;
const EXAMPLE = "The budget was approved.\nThe board agreed to the costs.\nThe cat sleeps on the sofa.";

/** Build it, for models that turn texts into vectors. */
export function embed(models, { keyed, signal }) {
  if (models.length === 0) return empty({ drawing: "target", title: "No embeddings model here", text: "Add a provider with one in parley.toml, under [[providers]].", actions: [{ label: "What is served", href: "/models" }] });
  const model = modelChoice(models);
  const texts = el("textarea", { name: "texts", rows: 5, value: EXAMPLE, required: true, autofocus: true });
  const button = el("button", { type: "submit", class: "main" }, icon("target"), "Compare");
  const result = el("section", { class: "likeness", "aria-label": "How alike the texts are" });
  const wish = () => ({ model: model.value, input: texts.value.split("\n").map((text) => text.trim()).filter(Boolean), encoding_format: "float" });
  const copy = () => copyText(jsonCurl("/v1/embeddings", wish(), keyed), "Command copied.");
  const form = el(
    "form",
    {},
    field("Model", model),
    field("Texts", texts, `One a line, ${MOST_TEXTS} at most`),
    el("div", { class: "buttons" }, el("button", { type: "button", class: "bare", title: "Copy as curl", "aria-label": "Copy this request as a curl command", on: { click: copy } }, icon("copy")), el("span", { class: "spread" }), button),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const asked = wish();
    if (asked.input.length > MOST_TEXTS) asked.input.length = MOST_TEXTS;
    button.disabled = true;
    try {
      const began = performance.now();
      show(result, asked.input, await v1.embeddings(asked, signal), performance.now() - began);
    } catch (problem) {
      if (problem.name !== "AbortError") result.replaceChildren(el("p", { class: "problem", role: "alert" }, problem.message));
    } finally {
      button.disabled = false;
    }
  });
  return el("div", {}, form, result);
}

function show(place, texts, answer, took) {
  const vectors = answer.data.map(({ embedding }) => embedding);
  const head = el("tr", {}, el("td", {}), ...texts.map((_, column) => el("th", { scope: "col" }, String(column + 1))));
  const rows = texts.map((text, row) => el("tr", {}, el("th", { scope: "row" }, el("span", { class: "about" }, `${row + 1} `), text), ...vectors.map((other) => cell(cosine(vectors[row], other)))));
  place.replaceChildren(
    el("div", { class: "wide-table", tabindex: "0", role: "region", "aria-label": "Cosines" }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows))),
    el("p", { class: "about" }, `${vectors[0].length} dimensions · ${answer.usage?.prompt_tokens ?? 0} tokens · ${Math.round(took)} ms`),
  );
  tell(`${texts.length} texts compared.`);
}

// Ten steps of a colour, since styles of their own are not allowed on this page.
const cell = (value) => el("td", { class: "step", data: { step: Math.max(0, Math.min(9, Math.floor(value * 10))) } }, value.toFixed(2));

function cosine(one, other) {
  const dot = (a, b) => a.reduce((sum, value, at) => sum + value * b[at], 0);
  return dot(one, other) / (Math.sqrt(dot(one, one) * dot(other, other)) || 1);
}
