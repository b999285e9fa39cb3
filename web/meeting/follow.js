/** Events of a meeting that is not over -> the parts of its page. */

import * as api from "../api.js";
import { eachFrame } from "../dom.js";
import { tell } from "../notice.js";
import { follow } from "../sse.js";
import { afterEvent } from "../stages.js";

/** Follow the meeting of a room until it is over or `signal` aborts; one stream at a time. */
export function followMeeting(room, signal) {
  room.following?.abort();
  const stop = new AbortController();
  room.following = stop;
  const showState = eachFrame((broken) => !stop.signal.aborted && room.showState(broken));
  const words = arriving(room);

  const takes = {
    stage: (event) => {
      room.meeting = { ...room.meeting, stages: afterEvent(room.meeting.stages, event) };
      showState(false);
    },
    utterance: (event) => words(event.utterance ?? event),
    utterances: (event) => event.utterances.forEach(words),
    gap: (event) => {
      room.talk.gaps.push(event.gap ?? event);
      room.redraw();
    },
    speaker: (event) => {
      room.talk.relabel(event.utterances, event.speaker);
      room.redraw();
    },
    summary: (event) => (event.summary ? room.showSummary(event.summary) : null),
    meeting: (event) => {
      room.meeting = { ...room.meeting, ...event.meeting };
      showState(false);
    },
    end: async () => {
      stop.abort();
      await room.reload();
      tell(room.meeting.state === "failed" ? "Processing failed" : "The meeting is complete");
    },
  };
  takes.progress = takes.stage;
  follow(api.eventsOf(room.meeting.id), {
    signal: AbortSignal.any([signal, stop.signal]),
    onEvent: (event) => takes[event.type]?.(event),
    onLine: (stands) => showState(!stands),
  });
}

// Many utterances come at once when an old stream is read from its start: they are drawn together.
function arriving(room) {
  let first = Infinity;
  const draw = eachFrame(() => {
    room.transcript.redrawFrom(first);
    first = Infinity;
    room.refreshRest();
  });
  return (utterance) => {
    first = Math.min(first, room.talk.upsert(utterance));
    draw();
  };
}
