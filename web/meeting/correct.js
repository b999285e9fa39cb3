/** Words of a line -> a field to correct them in place; what was typed is never lost. */

import * as api from "../api.js";
import { el } from "../dom.js";
import { keep, recall } from "../kept.js";
import { say } from "../notice.js";

/** Whether words are being corrected inside an element: then it may not be drawn anew. */
export const correcting = (element) => element.querySelector(".correct") !== null;

/**
 * Turn a line into a field. `onSaved` is given the utterance as the server shows it now; `onStale` is called where
 * it no longer exists as it was; `onClosed` when the line is to be drawn again.
 */
export function correct(line, utterance, { meeting, onSaved, onStale, onClosed }) {
  const draft = `draft.${meeting}.${utterance.id}`;
  const kept = recall(draft, null);
  const field = el("textarea", { rows: 1, value: kept ?? utterance.text, "aria-label": "Words of this line", dir: "auto", spellcheck: "true" });
  const status = el("p", { class: "correct-status", role: "status" }, kept !== null && kept !== utterance.text ? "This is what you typed last time; it was not saved." : "");
  const save = el("button", { type: "submit", class: "main" }, "Save");
  const cancel = el("button", { type: "button", class: "plain" }, "Cancel");
  const newest = el("button", { type: "button", class: "plain", hidden: true, on: { click: () => (keep(draft, undefined), form.remove(), onStale()) } }, "Show it as it is now");
  const form = el("form", { class: "correct" }, field, status, el("div", { class: "buttons" }, el("span", { class: "keys-hint" }, "Enter saves, Escape leaves it as it was"), newest, cancel, save));
  const close = () => {
    keep(draft, undefined);
    form.remove();
    onClosed();
  };
  const send = async () => {
    const text = field.value.replace(/\s+/g, " ").trim();
    if (text === utterance.text) return close();
    if (!text) return show(status, "A line cannot be empty. Type what was said, or cancel.", true);
    form.setAttribute("aria-busy", "true");
    save.disabled = true;
    show(status, "Saving…");
    try {
      const saved = await api.correct(meeting, utterance.id, { text });
      keep(draft, undefined);
      form.remove();
      onSaved(saved);
      offerUndo(meeting, utterance, onSaved);
    } catch (problem) {
      show(status, `Not saved. ${problem.message}`, true);
      newest.hidden = ![404, 409, 412].includes(problem.status);
      save.textContent = "Try again";
      save.disabled = false;
      field.focus();
    } finally {
      form.removeAttribute("aria-busy");
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  cancel.addEventListener("click", close);
  field.addEventListener("input", () => (keep(draft, field.value), grow(field)));
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    send();
  });
  line.querySelector(".said").replaceWith(form);
  grow(field);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

function offerUndo(meeting, before, onSaved) {
  const run = async () => {
    try {
      onSaved(await api.correct(meeting, before.id, { text: before.text }));
    } catch (problem) {
      say(`It could not be taken back. ${problem.message}`);
    }
  };
  say("Correction saved.", { label: "Undo", run });
}

function show(status, text, bad = false) {
  status.textContent = text;
  status.classList.toggle("problem", bad);
}

function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}
