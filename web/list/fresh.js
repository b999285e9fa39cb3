/**
 * Rows of meetings that are not done -> kept up to date, by asking for the list again.
 *
 * Not by a stream for each: a browser opens six connections to a server, for all its tabs together.
 */

import * as api from "../api.js";
import { tell } from "../notice.js";

const EACH = 2000;
/** Unfinished meetings far down the list are asked for one by one, so many each time. */
const APART = 4;

const isUnfinished = (row) => row.meeting?.state === "processing" || row.meeting?.state === "live";

/** Keep the rows of a list fresh until `signal` aborts; `query` is what the list was asked with. */
export function keepFresh(rows, query, signal) {
  const look = async () => {
    const unfinished = [...rows.children].filter(isUnfinished);
    if (unfinished.length > 0 && !document.hidden) await refresh(unfinished, query, signal).catch(() => {});
    if (!signal.aborted) timer = setTimeout(look, EACH);
  };
  let timer = setTimeout(look, EACH);
  signal.addEventListener("abort", () => clearTimeout(timer));
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) look();
  }, { signal });
}

async function refresh(unfinished, query, signal) {
  const page = await api.meetings(query, signal);
  const fresh = new Map(page.items.map((meeting) => [meeting.id, meeting]));
  let apart = 0;
  for (const row of unfinished) {
    if (fresh.has(row.meeting.id)) update(row, fresh.get(row.meeting.id));
    else if ((apart += 1) <= APART) await ask(row, signal);
  }
}

async function ask(row, signal) {
  try {
    update(row, await api.meeting(row.meeting.id, signal));
  } catch (problem) {
    if (problem.status === 404) row.remove();
  }
}

function update(row, meeting) {
  // A row that is being used is not pulled away under the hand.
  if (row.querySelector(":popover-open") || row.contains(document.activeElement) && meeting.state === row.meeting.state) return row.advance(meeting);
  row.show(meeting);
  if (!isUnfinished(row)) tell(`${meeting.title}: ${meeting.state === "failed" ? "failed" : "done"}`);
}
