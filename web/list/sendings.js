/** Uploads that are under way -> rows above the list. */

import { bytes } from "../clock.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { cancel, forget, onSending, retry } from "../sending.js";

/** Show the uploads until `signal` aborts. */
export function sendings(signal) {
  const list = el("ul", { class: "rows sendings", "aria-label": "Recordings being sent" });
  const rows = new Map();
  onSending((items) => {
    for (const [key, row] of rows) if (!items.some((item) => item.key === key)) (row.element.remove(), rows.delete(key));
    for (const item of items) {
      if (!rows.has(item.key)) rows.set(item.key, row(item));
      const { element, show } = rows.get(item.key);
      if (!element.isConnected || element.parentElement !== list) list.append(element);
      show();
    }
    list.hidden = items.length === 0;
  }, signal);
  return list;
}

function row(item) {
  const bar = el("progress", { max: 1, value: 0, "aria-label": `Sending ${item.title}` });
  const text = el("span", {});
  const problem = el("p", { class: "row-error", role: "alert" });
  const again = el("button", { type: "button", class: "plain", on: { click: () => retry(item) } }, "Send again");
  const stop = el("button", { type: "button", class: "plain", "aria-label": `Cancel sending ${item.title}`, on: { click: () => (item.state === "failed" ? forget(item) : cancel(item)) } });
  const element = el(
    "li",
    { class: "row sending" },
    el(
      "div",
      { class: "row-body" },
      el("div", { class: "row-title" }, icon("file"), el("span", { dir: "auto" }, item.title)),
      el("div", { class: "row-progress" }, bar, text),
      problem,
    ),
    again,
    stop,
  );
  const show = () => {
    element.dataset.state = item.state;
    bar.value = item.sent;
    bar.parentElement.hidden = item.state === "failed";
    text.textContent = words(item);
    if (problem.textContent !== (item.problem?.message ?? "")) problem.textContent = item.problem?.message ?? "";
    again.hidden = item.state !== "failed";
    stop.textContent = item.state === "failed" ? "Dismiss" : "Cancel";
  };
  return { element, show };
}

function words({ state, sent, speed, file }) {
  if (state === "waiting") return `Waiting · ${bytes(file.size)}`;
  if (sent >= 1) return "Sent · the server is keeping it safe";
  const left = speed > 0 ? ((1 - sent) * file.size) / speed : null;
  const rest = left === null || left < 5 ? "" : left < 90 ? ` · ${Math.ceil(left / 5) * 5} s left` : ` · ${Math.round(left / 60)} min left`;
  return `Sending ${Math.floor(sent * 100)} % of ${bytes(file.size)}${rest}`;
}
