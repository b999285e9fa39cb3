/** An utterance or a gap -> its place in the transcript. */

import { clock, length, spoken } from "../clock.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { stretch } from "./ink.js";
import { stageName } from "../stages.js";

/** Below this the model was guessing: such words are marked. */
const UNSURE = 0.5;
/** After a pause of this many seconds the speaker is named again. */
const LONG_PAUSE = 20;

/** Build the line of an utterance; `fresh` where another speaker had the floor before. */
export function line(talk, index) {
  const utterance = talk.utterances[index];
  const name = talk.name(utterance.speaker);
  const fresh = isFresh(talk, index);
  // Before anybody was told apart, naming nobody again and again says nothing.
  const named = fresh && (utterance.speaker !== null || talk.speakers.length > 0);
  const said = el("p", { class: "said", lang: talk.language, dir: "auto", id: `said-${index}` }, utterance.text);
  const made = el(
    "article",
    {
      class: fresh ? "line fresh" : "line",
      tabindex: "-1",
      data: { id: utterance.id, index: String(index), start: String(utterance.start) },
      "aria-posinset": index + 1,
      "aria-setsize": talk.utterances.length,
      "aria-label": `${talk.speakers.length > 0 ? `${name}, ` : ""}${spoken(utterance.start)}`,
      "aria-describedby": `said-${index}`,
    },
    named && el("p", { class: "who", dir: "auto" }, name),
    el("button", { type: "button", class: "time", tabindex: "-1", "aria-label": `Play from ${spoken(utterance.start)}` }, clock(utterance.start)),
    said,
    others(talk, utterance),
  );
  colour(made, talk, utterance.speaker);
  return made;
}

function isFresh(talk, index) {
  const [before, now] = [talk.utterances[index - 1], talk.utterances[index]];
  return !before || before.speaker !== now.speaker || now.start - before.end > LONG_PAUSE;
}

function colour(element, talk, label) {
  const number = talk.colour(label);
  if (number !== null) element.dataset.colour = String(number);
}

function others(talk, utterance) {
  const labels = utterance.overlaps ?? [];
  if (labels.length === 0) return null;
  const names = labels.map((label) => talk.name(label)).join(", ");
  return el("p", { class: "others" }, icon("both"), `${names} ${labels.length > 1 ? "speak" : "speaks"} at the same time`);
}

/** Ranges of the words of a line that the model was not sure of. */
export function unsureIn(talk, utterance, said) {
  const ranges = [];
  utterance.words?.forEach((word, index) => {
    if (word.confidence === null || word.confidence === undefined || word.confidence >= UNSURE) return;
    const { begins, ends } = talk.measure(utterance);
    const range = stretch(said, begins[index], ends[index]);
    if (range) ranges.push(range);
  });
  return ranges;
}

/** Build the note that stands where nothing could be processed. */
export function gapLine(gap) {
  return el(
    "div",
    { class: "gap", role: "note", data: { start: String(gap.start) } },
    icon("warning"),
    el(
      "div",
      {},
      el("p", { class: "gap-title" }, `${clock(gap.start)} – ${clock(gap.end)}: ${length(Math.max(1, gap.end - gap.start))} are missing here`),
      el("p", {}, `${stageName(gap.stage)}: ${gap.reason}`),
    ),
  );
}

/** About how many pixels an utterance will take, so that the scroll bar is right before it is laid out. */
export function heightOf(talk, index, lettersPerLine) {
  const { text, overlaps } = talk.utterances[index];
  return Math.max(1, Math.ceil(text.length / lettersPerLine)) * 28 + 12 + (isFresh(talk, index) ? 34 : 0) + (overlaps?.length ? 24 : 0);
}
