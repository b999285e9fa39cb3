/** What this window records, whichever view is shown: begun once, watched by many. */

import { warn } from "../notice.js";
import { Recording } from "./recording.js";
import { leftRuns } from "./unsent.js";

const listeners = new Set();
let current = null;
let looking = null;

/** Call with the recording, now and whenever it changes; with null while there is none. */
export function onRecording(listener, signal) {
  listeners.add(listener);
  signal?.addEventListener("abort", () => listeners.delete(listener));
  listener(current);
}

const changed = () => listeners.forEach((listener) => listener(current));

/** The recording, or null. */
export const recordingNow = () => current;

function make() {
  const recording = new Recording({
    onChange: (changing) => changing === current && changed(),
    onGone: (gone, words) => {
      if (gone !== current) return;
      current = null;
      changed();
      if (words) warn(new Error(words));
    },
  });
  return recording;
}

/** Begin a meeting; returns its id. Raises a Problem. */
export async function begin(wish) {
  await looking;
  if (current) await current.stop();
  current = make();
  return current.begin(wish);
}

/** Take up what an earlier visit left, if it left something: its sound is sent, whatever is done then. */
export function takeUpLeft() {
  looking ??= look();
  return looking;
}

async function look() {
  if (!globalThis.indexedDB) return;
  const left = await leftRuns().catch(() => []);
  const groups = Map.groupBy ? Map.groupBy(left, groupOf) : grouped(left);
  for (const runs of groups.values()) {
    const recording = make();
    current = recording;
    if (await recording.takeUp(runs.sort((a, b) => a.begun - b.begun)).catch(() => false)) return;
    current = null;
  }
  changed();
}

const groupOf = (about) => about.recording;

function grouped(left) {
  const groups = new Map();
  for (const about of left) groups.set(groupOf(about), [...(groups.get(groupOf(about)) ?? []), about]);
  return groups;
}

addEventListener("beforeunload", (event) => {
  if (current && ["recording", "paused", "stopping"].includes(current.phase)) event.preventDefault();
});

