/** The list of meetings: all, found or in the trash. */

import * as api from "../api.js";
import { empty, skeleton } from "../empty.js";
import { afterPause, el } from "../dom.js";
import { icon } from "../icons.js";
import { go, note } from "../router.js";
import { tell, warn } from "../notice.js";
import { askedOfAll } from "./asked.js";
import { acceptDrops, pick } from "./drop.js";
import { hits } from "./hits.js";
import { row } from "./row.js";
import { sendings } from "./sendings.js";
import { keepFresh } from "./fresh.js";

const PAGE = 50;

/** Show the list in `place` until `signal` aborts. */
export async function show(place, _, signal) {
  const asked = new URLSearchParams(location.search);
  const trash = asked.has("trash");
  document.title = trash ? "Trash – Parley" : "Meetings – Parley";
  const list = el("div", { class: "list" }, skeleton(6, "Loading meetings"));
  const search = trash ? null : searchField(asked.get("q") ?? "");
  const askAll = trash ? null : askedOfAll(signal);
  place.append(el("div", { class: "page" }, trash ? trashHead() : head(search), trash ? null : sendings(signal), trash ? null : askAll, list));
  if (!trash) acceptDrops(signal);

  let asking = new AbortController();
  const fill = async () => {
    asking.abort();
    asking = new AbortController();
    await load(list, { q: search?.input.value.trim() ?? "", trash }, AbortSignal.any([signal, asking.signal]));
  };
  search?.input.addEventListener("input", afterPause(200, () => {
    if (signal.aborted) return;
    const q = search.input.value.trim();
    note(q ? `/?q=${encodeURIComponent(q)}` : "/");
    fill();
  }));
  search?.form.addEventListener("submit", (event) => {
    event.preventDefault();
    fill();
  });
  addEventListener("meeting-added", () => !search?.input.value && fill(), { signal });
  addEventListener("meetings-changed", fill, { signal });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, textarea, select, dialog")) return;
    event.preventDefault();
    search?.input.focus();
  }, { signal });
  await fill();
}

function head(search) {
  return el(
    "div",
    { class: "list-head" },
    el("h1", {}, "Meetings"),
    search.form,
    el("a", { class: "button plain", href: "/?trash=1" }, icon("bin"), el("span", { class: "roomy" }, "Trash")),
    el("button", { type: "button", class: "plain", on: { click: pick } }, icon("upload"), "Upload"),
    el("a", { class: "button main", href: "/live" }, icon("microphone"), "Start a meeting"),
  );
}

const trashHead = () =>
  el(
    "div",
    { class: "list-head" },
    el("a", { class: "button bare", href: "/", "aria-label": "Back to all meetings", title: "All meetings" }, icon("back")),
    el("div", {}, el("h1", {}, "Trash"), el("p", { class: "quiet" }, "What lies here is deleted for good after a while.")),
  );

function searchField(q) {
  const input = el("input", { type: "search", name: "q", value: q, placeholder: "Search titles and words", "aria-label": "Search titles and spoken words", autocomplete: "off", enterkeyhint: "search" });
  return { input, form: el("form", { role: "search", class: "search" }, icon("search"), input) };
}

async function load(list, { q, trash }, signal) {
  list.setAttribute("aria-busy", "true");
  try {
    const query = { limit: PAGE, ...(q && { q }), ...(trash && { trash: true }) };
    const [page, words] = await Promise.all([api.meetings(query, signal), q ? api.found({ q, limit: 20 }, signal) : null]);
    if (signal.aborted) return;
    const shown = el("ul", { class: "rows", "aria-label": trash ? "Meetings in the trash" : "Meetings" });
    append(shown, page, query, signal, trash);
    list.replaceChildren(...found(shown, page, words, q, trash, signal));
    if (!trash) keepFresh(shown, query, signal);
  } catch (problem) {
    if (problem.name === "AbortError" || problem.status === 401) return;
    list.replaceChildren(empty({ drawing: "warning", bad: true, title: "The meetings cannot be shown", text: problem.message, actions: [{ label: "Try again", main: true, run: () => load(list, { q, trash }, signal) }] }));
  } finally {
    list.removeAttribute("aria-busy");
  }
}

function found(shown, page, words, q, trash, signal) {
  if (q) {
    const said = words.items.length;
    tell(`${page.items.length} titles, ${said} spoken passages found`);
    if (page.items.length === 0 && said === 0) return [empty({ drawing: "search", title: "Nothing was found", text: `No title and no spoken words match “${q}”. All words must occur; the last one may be a beginning.` })];
    return [
      page.items.length > 0 && el("section", {}, el("h2", {}, "In titles"), shown),
      said > 0 && el("section", {}, el("h2", {}, "In what was said"), hits(words, q, signal)),
    ].filter(Boolean);
  }
  if (page.items.length > 0) return [shown];
  return [trash ? empty({ drawing: "bin", title: "The trash is empty", text: "Meetings that you delete wait here for a while, and can be restored." }) : welcome()];
}

function append(shown, page, query, signal, trash) {
  shown.append(...page.items.map((meeting) => row(meeting, { trash })));
  if (!page.cursor) return;
  const more = el("button", { type: "button", class: "plain" }, "Show more");
  const item = el("li", { class: "more" }, more);
  more.addEventListener("click", async () => {
    more.disabled = true;
    try {
      const next = await api.meetings({ ...query, cursor: page.cursor }, signal);
      item.remove();
      const count = shown.childElementCount;
      append(shown, next, query, signal, trash);
      shown.children[count]?.querySelector("a, button")?.focus();
      tell(`${next.items.length} more`);
    } catch (problem) {
      warn(problem);
      more.disabled = false;
    }
  });
  shown.append(item);
}

function welcome() {
  const start = async () => {
    try {
      go(`/meetings/${(await api.sample()).id}`);
    } catch (problem) {
      warn(problem);
    }
  };
  return el(
    "section",
    { class: "empty welcome" },
    el("div", { class: "empty-mark" }, icon("wave")),
    el("h2", {}, "Who said what, and what follows from it"),
    el("p", {}, "Parley writes down a recording word by word, tells its speakers apart and sums it up. Every point of the summary leads to the moment it was said. It is kept on this server, and shown to no models but those that its administrator chose."),
    el("button", { type: "button", class: "drop-here", on: { click: pick } }, icon("upload"), el("strong", {}, "Drop a recording"), el("span", {}, "or choose one: audio or video, of any length")),
    el("button", { type: "button", class: "plain", on: { click: start } }, icon("play"), "Try the sample meeting"),
  );
}
