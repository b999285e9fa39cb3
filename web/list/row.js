/** A meeting -> its row in the list. */

import * as api from "../api.js";
import { ask, field } from "../ask.js";
import { fully, length, when } from "../clock.js";
import { el } from "../dom.js";
import { menu } from "../menu.js";
import { say, warn } from "../notice.js";
import { doing, wholeProgress } from "../stages.js";

const STATES = { live: "Live", processing: "Processing", failed: "Failed" };

/** Make the row; `row.show(meeting)` brings it up to date, `row.advance(meeting)` its bar only. */
export function row(meeting, { trash = false } = {}) {
  const item = el("li", { class: "row" });
  item.show = (fresh) => {
    item.meeting = fresh;
    item.dataset.state = fresh.state;
    item.replaceChildren(...(trash ? thrown(fresh) : kept(fresh, item)));
  };
  // Only the bar, so that a menu stays open and the focus where it is.
  item.advance = (fresh) => {
    item.meeting = fresh;
    const bar = item.querySelector(".row-progress");
    if (bar && fresh.state === "processing") bar.replaceWith(progress(fresh));
  };
  item.show(meeting);
  return item;
}

function kept(meeting, item) {
  return [
    el(
      "div",
      { class: "row-body" },
      el("div", { class: "row-title" }, el("a", { href: `/meetings/${meeting.id}`, dir: "auto" }, meeting.title || "Untitled"), badge(meeting)),
      about(meeting),
      meeting.state === "processing" && progress(meeting),
      meeting.state === "failed" && el("p", { class: "row-error" }, whyFailed(meeting)),
    ),
    menu({ label: `More for ${meeting.title}`, items: () => choices(meeting, item) }),
  ];
}

function badge(meeting) {
  return STATES[meeting.state] && el("span", { class: `badge ${meeting.state}` }, STATES[meeting.state]);
}

function about(meeting) {
  const names = (meeting.speakers ?? []).map((speaker) => speaker.name).filter(Boolean);
  const parts = [el("time", { datetime: meeting.created_at, title: fully(meeting.created_at) }, when(meeting.created_at))];
  if (meeting.duration) parts.push(length(meeting.duration));
  if (names.length) parts.push(names.join(", "));
  else if (meeting.speakers?.length > 1) parts.push(`${meeting.speakers.length} speakers`);
  return el("p", { class: "about" }, ...parts.flatMap((part, index) => (index ? [el("span", { "aria-hidden": "true" }, " · "), part] : [part])));
}

/** The bar of a meeting that is being processed. */
export function progress(meeting) {
  const share = wholeProgress(meeting.stages);
  const percent = Math.floor(share * 100);
  return el(
    "div",
    { class: "row-progress" },
    el("progress", { max: 1, value: share, "aria-label": `Progress of ${meeting.title}` }),
    el("span", {}, `${doing(meeting)} · ${percent} %`),
  );
}

/** The sentence that says why a meeting failed. */
export const whyFailed = (meeting) =>
  meeting.error ?? meeting.stages.find((stage) => stage.error)?.error ?? "It could not be processed. Open it to try again.";

function choices(meeting, item) {
  return [
    { label: "Rename", icon: "pen", run: () => rename(meeting, item) },
    "line",
    { label: "Move to trash", icon: "bin", danger: true, run: () => throwAway(meeting, () => item.remove()) },
  ];
}

async function rename(meeting, item) {
  const input = el("input", { name: "title", value: meeting.title, required: true, maxlength: 300, autofocus: true });
  const given = await ask({ title: "Rename meeting", fields: [field("Title", input)], yes: "Rename" });
  if (!given) return;
  try {
    item.show({ ...meeting, ...(await api.change(meeting.id, { title: given.get("title").trim() })) });
  } catch (problem) {
    warn(problem);
  }
}

/** Put a meeting into the trash, and offer to take that back. */
export async function throwAway(meeting, gone) {
  try {
    await api.remove(meeting.id);
    gone();
    const undo = async () => {
      try {
        await api.restore(meeting.id);
        dispatchEvent(new Event("meetings-changed"));
      } catch (problem) {
        warn(problem);
      }
    };
    say(`“${meeting.title}” is in the trash.`, { label: "Undo", run: undo });
    dispatchEvent(new Event("meetings-changed"));
  } catch (problem) {
    warn(problem);
  }
}

function thrown(meeting) {
  const act = (run, done) => async () => {
    try {
      await run();
      say(done);
      dispatchEvent(new Event("meetings-changed"));
    } catch (problem) {
      warn(problem);
    }
  };
  const forGood = async () => {
    const sure = await ask({ title: "Delete for good?", text: `The recording, transcript and summary of “${meeting.title}” are deleted, with every trace. This cannot be undone.`, yes: "Delete for good", danger: true });
    if (sure) await act(() => api.purge(meeting.id), "Deleted for good.")();
  };
  return [
    el("div", { class: "row-body" }, el("div", { class: "row-title" }, el("span", { dir: "auto" }, meeting.title || "Untitled")), about(meeting)),
    el("button", { type: "button", class: "plain", "aria-label": `Restore ${meeting.title}`, on: { click: act(() => api.restore(meeting.id), "Restored.") } }, "Restore"),
    el("button", { type: "button", class: "plain danger", "aria-label": `Delete ${meeting.title} for good`, on: { click: forGood } }, "Delete"),
  ];
}
