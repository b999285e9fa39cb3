/** The last lines of the log, from the newest back; it follows what is added while its end is in view. */

import * as api from "../api.js";
import { el } from "../dom.js";

const KEPT = 500;
const RANK = { DEBUG: 0, INFO: 0, WARNING: 1, ERROR: 2, CRITICAL: 2 };

/** Make the section; `look()` asks for new lines. */
export function log(signal) {
  const lines = el("ol", { class: "log-lines", tabindex: "0", "aria-label": "Lines of the log" });
  const level = el("select", { "aria-label": "Show", on: { change: () => sift() } }, el("option", { value: 0 }, "Everything"), el("option", { value: 1 }, "Warnings and errors"), el("option", { value: 2 }, "Errors"));
  const none = el("p", { class: "hint" }, "Nothing was logged since the server started.");
  const head = el("div", { class: "titled" }, el("h2", { id: "room-log" }, "Log"), level);
  const element = el("section", { "aria-labelledby": "room-log" }, head, lines, none);
  let last = 0;
  // Whoever scrolls back reads in peace; at the end again, new lines are followed again.
  let follows = true;
  const atEnd = () => lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 20;
  lines.addEventListener("scroll", () => {
    follows = atEnd();
  });
  const follow = () => follows && lines.scrollTo(0, lines.scrollHeight);
  const sift = () => {
    for (const line of lines.children) line.hidden = Number(line.dataset.rank) < Number(level.value);
  };
  const look = async () => {
    const { lines: fresh } = await api.logAfter(last, signal);
    follow();
    if (fresh.length === 0) return;
    lines.append(...fresh.map(line));
    while (lines.childElementCount > KEPT) lines.firstElementChild.remove();
    last = fresh.at(-1).number;
    sift();
    none.hidden = true;
    lines.hidden = false;
    follow();
    requestAnimationFrame(follow);
  };
  // A server that was started anew counts from the beginning.
  let since = null;
  const show = (startedAt) => {
    if (since !== null && since !== startedAt) {
      lines.replaceChildren();
      last = 0;
    }
    since = startedAt;
  };
  lines.hidden = true;
  return { element, look, show };
}

const line = ({ at, level, source, text }) =>
  el("li", { data: { rank: RANK[level] ?? 0 } }, el("time", { datetime: at }, new Date(at).toLocaleTimeString()), " ", el("span", { class: "log-level" }, level), " ", el("span", { class: "log-source" }, source), " ", el("span", { class: "log-text" }, text));
