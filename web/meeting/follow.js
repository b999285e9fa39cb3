/** Events of a meeting that is not over -> the parts of its page. */

import * as api from "../api.js";
import { eachFrame } from "../dom.js";
import { tell } from "../notice.js";
import { follow } from "../sse.js";
import { afterEvent } from "../stages.js";

/** The transcript is read again at most so often, and never more than a tenth of the time. */
const REREAD = 2000;

/** Follow the meeting of a room until it is over or `signal` aborts; one stream at a time. */
export function followMeeting(room, signal) {
  room.following?.abort();
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  room.following = stop;
  const showState = eachFrame((broken) => !both.aborted && room.showState(broken));
  const words = arriving(room, both);
  const stages = (event) => {
    room.meeting = { ...room.meeting, stages: afterEvent(room.meeting.stages, event) };
    showState(false);
  };
  // A stream that is read from its start tells the ends of earlier runs too: the meeting knows whether it goes on.
  const ended = eachFrame(async () => {
    await room.reload();
    if (isGoingOn(room.meeting)) return;
    stop.abort();
    tell(room.meeting.state === "failed" ? "Processing failed" : "The meeting is complete");
  });
  const takes = {
    stage: stages,
    progress: stages,
    utterance: (event) => words(event.utterance),
    summary: (event) => room.showSummary(event.summary),
    slide: (event) => room.slides.upsert(event.slide),
    trashed: ended,
    end: ended,
  };
  follow(api.eventsOf(room.meeting.id), {
    signal: both,
    after: room.seen,
    onEvent: (event) => {
      if (event.seq) room.seen = event.seq;
      takes[event.type]?.(event);
    },
    onLine: (stands) => showState(!stands),
  });
}

/** Whether more is to come. */
export const isGoingOn = (meeting) => (meeting.state === "processing" || meeting.state === "live") && !meeting.deleted_at;

// What is new is added to what is there. What collides with it, as words of another run do, is left to the server,
// which knows how corrections lie over it.
function arriving(room, signal) {
  let first = Infinity;
  const draw = eachFrame(() => {
    room.transcript.redrawFrom(first);
    first = Infinity;
    room.refreshRest();
  });
  const reread = seldom(async () => room.replace(await api.transcript(room.meeting.id, signal)), signal);
  return (utterance) => {
    const known = room.talk.utterances[room.talk.place(utterance.id)];
    if (known?.text === utterance.text && known.speaker === utterance.speaker) return;
    if (known || room.talk.collides(utterance)) return reread();
    first = Math.min(first, room.talk.upsert(utterance));
    draw();
  };
}

function seldom(run, signal) {
  let [timer, next] = [0, 0];
  signal.addEventListener("abort", () => clearTimeout(timer));
  const go = async () => {
    const begun = performance.now();
    // What fails now is tried again with the next event, and at the end.
    await run().catch(() => {});
    timer = 0;
    next = performance.now() + Math.max(REREAD, 9 * (performance.now() - begun));
  };
  return () => {
    if (timer === 0 && !signal.aborted) timer = setTimeout(go, Math.max(0, next - performance.now()));
  };
}
