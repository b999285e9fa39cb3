/** A box to ask in, and the answer below it: every sentence leads to the moments that say so. */

import { clock, spoken } from "../clock.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { tell } from "../notice.js";
import { question } from "./stream.js";

let counted = 0;

/**
 * Make a box. `path` is the route below /api; `cite(citation, label)` makes the link or button of a citation.
 */
export function box({ path, title, placeholder, cite, signal }) {
  counted += 1;
  const id = `question-${counted}`;
  const input = el("input", { id, type: "text", name: "question", placeholder, required: true, maxlength: 1000, autocomplete: "off", enterkeyhint: "send" });
  const send = el("button", { type: "submit", class: "plain", "aria-label": "Ask", title: "Ask" }, icon("send"));
  const answer = el("div", { class: "answer", "aria-live": "polite" });
  const form = el("form", { class: "question" }, el("label", { for: id, class: "unseen" }, title), input, send);
  let asking = new AbortController();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    asking.abort();
    asking = new AbortController();
    run(answer, input.value.trim(), { path, cite, signal: AbortSignal.any([signal, asking.signal]) });
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !answer.hasChildNodes()) return;
    event.stopPropagation();
    asking.abort();
    input.value = "";
    answer.replaceChildren();
  });
  return { element: el("div", { class: "asking" }, form, answer), input };
}

async function run(answer, text, { path, cite, signal }) {
  if (!text) return;
  const said = el("div", { class: "sentences" });
  const wait = el("p", { class: "quiet answer-wait", role: "status" }, el("span", { class: "spinner", "aria-hidden": "true" }), "Looking through what was said…");
  answer.replaceChildren(wait, said);
  answer.setAttribute("aria-busy", "true");
  try {
    await question(path, text, { signal, onEvent: (event) => takes[event.type]?.(event, { answer, said, wait, cite }) });
  } catch (problem) {
    if (problem.name === "AbortError") return;
    wait.remove();
    answer.append(el("p", { class: "problem", role: "alert" }, problem.message));
  } finally {
    if (!signal.aborted) answer.removeAttribute("aria-busy");
  }
}

const takes = {
  sentence: ({ sentence }, { said, cite }) => said.append(line(sentence, cite)),
  end: (event, { answer, said, wait }) => {
    wait.remove();
    const drawn = origin(event);
    if (drawn) answer.prepend(drawn);
    said.classList.toggle("quotes", event.extractive);
    if (!event.said) said.replaceChildren(el("p", { class: "unsaid" }, icon("search"), "This was not said."));
    if (event.why_extractive) answer.append(el("p", { class: "hint" }, event.why_extractive));
    if (event.dropped > 0) answer.append(el("p", { class: "hint" }, `${event.dropped} ${event.dropped === 1 ? "sentence was" : "sentences were"} left out: nothing that was said supports ${event.dropped === 1 ? "it" : "them"}.`));
    tell(event.said ? `Answer: ${said.textContent}` : "This was not said.");
  },
};

function origin({ said, extractive, model }) {
  if (!said) return null;
  const words = extractive ? "Passages as they were said" : `Written by ${model}`;
  return el("p", { class: "origin" }, icon(extractive ? "list" : "spark"), words);
}

function line({ text, citations }, cite) {
  const chips = citations.map((citation) => cite(citation, [icon("play"), el("span", {}, clock(citation.start))]));
  return el("p", { class: "sentence" }, el("span", { class: "sentence-text", dir: "auto" }, text), " ", ...chips);
}

/** What a citation is called for those who listen to the page. */
export const citedAs = ({ start, speaker, text, title }, everywhere) => `Play where this was said${everywhere ? ` in ${title}` : ""}, at ${spoken(start)}${speaker ? `, by ${speaker}` : ""}: ${text.slice(0, 80)}`;
