/** Short notices at the edge of the page, read out by screen readers. */

import { el } from "./dom.js";
import { icon } from "./icons.js";

const STAYS = 7000;

let polite = null;
let urgent = null;

/** Put the places for notices into the page: they must be there before anything is said. */
export function placeNotices(place) {
  polite = el("div", { role: "status", "aria-live": "polite" });
  urgent = el("div", { role: "alert" });
  place.append(polite, urgent);
}

/** Say that something was done; `action` = {label, run} offers one thing to do about it. */
export function say(text, action) {
  show(polite, text, "notice", "check", action);
}

/** Say what went wrong, until it is closed. */
export function warn(problem, action) {
  if (problem?.name === "AbortError" || problem?.status === 401) return;
  show(urgent, problem.message ?? String(problem), "notice bad", "warning", action, true);
}

function show(place, text, kind, drawing, action, stays = false) {
  const close = () => note.remove();
  const note = el(
    "div",
    { class: kind },
    icon(drawing),
    el("p", {}, text),
    action && el("button", { type: "button", class: "link", on: { click: () => (close(), action.run()) } }, action.label),
    el("button", { type: "button", class: "bare", "aria-label": "Close this notice", on: { click: close } }, icon("close")),
  );
  place.append(note);
  while (place.childElementCount > 3) place.firstElementChild.remove();
  if (!stays) leaveLater(note, close);
}

// Nobody loses a notice under the pointer or with the focus inside.
function leaveLater(note, close) {
  const tick = () => (note.matches(":hover, :focus-within") ? setTimeout(tick, STAYS / 2) : close());
  setTimeout(tick, STAYS);
}

let whisperer = null;

/** Tell screen readers only. */
export function tell(text) {
  if (whisperer === null) {
    whisperer = el("div", { class: "unseen", role: "status", "aria-live": "polite" });
    document.body.append(whisperer);
  }
  whisperer.textContent = text;
}
