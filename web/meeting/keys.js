/** Keys -> what they do, where nothing is being typed. */

import { present } from "../ask.js";
import { el } from "../dom.js";
import { tell } from "../notice.js";
import { SKIP } from "./player.js";

const HELP = [
  ["Listen", [["Space", "Play or pause"], ["← →", "Back or ahead 5 seconds"], ["< >", "Slower or faster (also , and .)"]]],
  ["Read", [["j k", "Next or previous utterance (also n and p)"], ["Enter", "Play from the utterance in hand"], ["/", "Find in the transcript"], ["Esc", "Take marks away"]]],
  ["Change", [["e", "Correct the words of the utterance in hand"], ["s", "Change its speaker"], ["Enter", "Save a correction"], ["Esc", "Leave it as it was"]]],
];

/** Listen to keys until `signal` aborts. */
export function listenToKeys({ player, reading, find, tools, editable }, signal) {
  const faster = (steps) => tell(`Speed ${player?.faster(steps)}`);
  const actions = {
    " ": () => player?.toggle(),
    ArrowLeft: () => player?.skip(-SKIP),
    ArrowRight: () => player?.skip(SKIP),
    ",": () => faster(-1),
    "<": () => faster(-1),
    ".": () => faster(1),
    ">": () => faster(1),
    j: () => reading.step(1),
    n: () => reading.step(1),
    k: () => reading.step(-1),
    p: () => reading.step(-1),
    e: () => tools.correct(reading.at),
    s: () => tools.chooseSpeaker(reading.at),
    "/": () => find.open(),
    "?": () => showKeys(editable),
    Escape: () => reading.mark([]),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || busy(event)) return;
    if (event.key === "Enter" && event.target.matches(".line")) reading.playHere();
    else if (Object.hasOwn(actions, event.key)) actions[event.key]();
    else return;
    event.preventDefault();
  }, { signal });
}

function busy({ target, key }) {
  if (document.querySelector("dialog[open], :popover-open")) return true;
  if (target.matches("input[type=range]")) return !["ArrowLeft", "ArrowRight", " "].includes(key) && key.length > 1;
  if (target.matches("input:not([type=checkbox]), textarea, select")) return true;
  // These have their own use for the space bar and Enter.
  return (key === " " || key === "Enter") && target.matches("button, a, input, summary");
}

/** Show what keys there are. */
export function showKeys(editable) {
  const part = ([title, keys]) =>
    el("section", {}, el("h3", {}, title), el("dl", { class: "keys" }, ...keys.flatMap(([key, what]) => [el("dt", {}, ...key.split(" ").map((one) => el("kbd", {}, one))), el("dd", {}, what)])));
  present("Keys", ...HELP.filter(([title]) => editable || title !== "Change").map(part));
}
