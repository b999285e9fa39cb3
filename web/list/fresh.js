/** Rows of meetings that are not done -> kept up to date, by events for the first ones and by asking for the rest. */

import * as api from "../api.js";
import { follow } from "../sse.js";
import { afterEvent } from "../stages.js";
import { tell } from "../notice.js";

/** A browser opens six connections to a server: some must stay free for everything else. */
const STREAMS = 3;
const ASK_EACH = 4000;

const unfinished = (item) => item.meeting && (item.meeting.state === "processing" || item.meeting.state === "live");

/** Keep the rows of a list fresh until `signal` aborts. */
export function keepFresh(rows, signal) {
  const followed = new Set();
  const look = () => {
    for (const item of [...rows.children].filter(unfinished)) {
      if (followed.size >= STREAMS) break;
      if (followed.has(item)) continue;
      followed.add(item);
      watch(item, signal, () => {
        followed.delete(item);
        look();
      });
    }
  };
  look();
  const timer = setInterval(() => {
    if (document.hidden) return;
    for (const item of [...rows.children].filter(unfinished)) if (!followed.has(item)) refresh(item, signal);
  }, ASK_EACH);
  signal.addEventListener("abort", () => clearInterval(timer));
}

function watch(item, signal, done) {
  const stop = new AbortController();
  const onEvent = async (event) => {
    if (event.type === "stage" || event.type === "progress") item.show({ ...item.meeting, stages: afterEvent(item.meeting.stages, event) });
    else if (event.type === "end") {
      stop.abort();
      await refresh(item, signal);
      tell(`${item.meeting.title}: ${item.meeting.state === "failed" ? "failed" : "done"}`);
      done();
    }
  };
  follow(api.eventsOf(item.meeting.id), { onEvent, signal: AbortSignal.any([signal, stop.signal]) });
}

async function refresh(item, signal) {
  try {
    const fresh = await api.meeting(item.meeting.id, signal);
    // A row that is being used is not pulled away under the hand.
    if (!item.querySelector(":popover-open")) item.show(fresh);
  } catch (problem) {
    if (problem.status === 404) item.remove();
  }
}
