/** Found utterances -> links that play the moment. */

import * as api from "../api.js";
import { clock, spoken, when } from "../clock.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { tell, warn } from "../notice.js";

/** List what was found, a page at a time. */
export function hits(page, q, signal) {
  const list = el("ul", { class: "rows hits" });
  append(list, page, q, signal);
  return list;
}

function append(list, page, q, signal) {
  list.append(...page.items.map((hit) => row(hit, q)));
  if (!page.cursor) return;
  const more = el("button", { type: "button", class: "plain" }, "Show more");
  const item = el("li", { class: "more" }, more);
  more.addEventListener("click", async () => {
    more.disabled = true;
    try {
      const next = await api.found({ q, limit: 20, cursor: page.cursor }, signal);
      item.remove();
      append(list, next, q, signal);
      tell(`${next.items.length} more`);
    } catch (problem) {
      warn(problem);
      more.disabled = false;
    }
  });
  list.append(item);
}

function row(hit, q) {
  const said = hit.found ?? hit;
  const moment = new URLSearchParams({ u: said.utterance ?? said.id, t: said.start.toFixed(2), play: "1" });
  return el(
    "li",
    { class: "row hit" },
    el(
      "a",
      { href: `/meetings/${hit.meeting}?find=${encodeURIComponent(q)}#${moment}` },
      el("span", { class: "hit-play" }, icon("play"), el("span", { "aria-label": `Play from ${spoken(said.start)}` }, clock(said.start))),
      el("span", { class: "hit-text", dir: "auto" }, ...marked(said.text, q)),
      el("span", { class: "about" }, `${hit.title} · ${when(hit.created_at)}`),
    ),
  );
}

/** Text with the words of the question marked: nodes, never markup. */
export function marked(text, q) {
  const words = q.split(/\s+/).map((word) => word.replace(/[^\p{L}\p{N}]/gu, "")).filter(Boolean);
  if (words.length === 0) return [text];
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(${words.join("|")})`, "giu");
  return text.split(pattern).map((part, index) => (index % 2 ? el("mark", {}, part) : part));
}
