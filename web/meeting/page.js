/** One meeting: its sound, its words and its summary, for its owner or for whoever has a share link. */

import * as api from "../api.js";
import { empty, skeleton } from "../empty.js";
import { el } from "../dom.js";
import { me } from "../me.js";
import { Room } from "./room.js";

/** Show the meeting with an id, or the one that a token opens, until `signal` aborts. */
export async function show(place, { id, token }, signal) {
  document.title = "Meeting – Parley";
  place.replaceChildren(el("div", { class: "page" }, skeleton(8, "Loading the meeting")));
  try {
    const meeting = token ? await api.opened(token, signal) : await api.meeting(id, signal);
    const [transcript, summary, { role }] = await Promise.all([api.transcript(meeting.id, signal), api.summary(meeting.id, signal), token ? { role: "share" } : me()]);
    if (signal.aborted) return;
    performance.mark("meeting-loaded");
    const room = new Room(meeting, transcript, summary, { signal, editable: role === "user" || role === "admin", home: !token });
    place.replaceChildren(room.element);
    room.enter();
    performance.measure("meeting-opened", "meeting-loaded");
  } catch (problem) {
    if (problem.name === "AbortError" || (problem.status === 401 && !token)) return;
    place.replaceChildren(el("div", { class: "page" }, lost(problem, token, () => show(place, { id, token }, signal))));
  }
}

function lost(problem, token, again) {
  const unknown = problem.status === 404 || problem.status === 401;
  if (unknown && token) {
    return empty({ drawing: "link", title: "This link no longer works", text: "It may have ended, or it was cut off when it was copied. Ask whoever sent it for a new one." });
  }
  if (unknown) {
    return empty({ drawing: "search", title: "No such meeting", text: "It may have been deleted, or it belongs to somebody else.", actions: [{ label: "All meetings", href: "/", main: true }] });
  }
  return empty({ drawing: "warning", bad: true, title: "The meeting cannot be shown", text: problem.message, actions: [{ label: "All meetings", href: "/" }, { label: "Try again", run: again, main: true }] });
}
