/** What is worked on and what waits, with a way to end it. */

import * as api from "../api.js";
import { ask } from "../ask.js";
import { fully, length, when } from "../clock.js";
import { el } from "../dom.js";
import { tell, warn } from "../notice.js";
import { stageDoing, wholeProgress } from "../stages.js";

const STATES = { running: "Running", waiting: "Waiting", live: "Live" };

/** Make the section; `changed` is called when a job was ended. */
export function jobs(changed) {
  const list = el("ul", { class: "rows", "aria-label": "Jobs" });
  const none = el("p", { class: "hint" }, "Nothing is worked on, and nothing waits.");
  const element = el("section", { "aria-labelledby": "room-jobs" }, el("h2", { id: "room-jobs" }, "Jobs"), list, none);
  const rows = new Map();
  const show = (items) => {
    for (const item of items) {
      if (!rows.has(item.meeting)) rows.set(item.meeting, row(item, changed));
      rows.get(item.meeting).show(item);
    }
    const known = items.map((item) => rows.get(item.meeting).element);
    for (const id of rows.keys()) if (!items.some((item) => item.meeting === id)) rows.delete(id);
    if (known.length !== list.childElementCount || known.some((each, at) => list.children[at] !== each)) list.replaceChildren(...known);
    list.hidden = items.length === 0;
    none.hidden = items.length > 0;
  };
  return { element, show };
}

function row({ meeting, owner, created_at }, changed) {
  const state = el("span", { class: "badge calm" });
  const about = el("p", { class: "about" });
  const bar = el("progress", { max: 1, value: 0, "aria-label": `Progress of ${meeting}` });
  const doing = el("span", {});
  const progress = el("div", { class: "row-progress" }, bar, doing);
  const cancel = el("button", { type: "button", class: "plain danger", "aria-label": `Cancel ${meeting}`, on: { click: () => end(meeting, owner, changed) } }, "Cancel");
  const title = el("div", { class: "row-title" }, el("a", { href: `/meetings/${meeting}`, title: meeting }, `Meeting …${meeting.slice(-6)}`), state);
  const element = el("li", { class: "row" }, el("div", { class: "row-body" }, title, about, progress), cancel);
  const show = (job) => {
    const running = job.stages.filter((stage) => stage.state === "running");
    const share = wholeProgress(job.stages);
    state.textContent = STATES[job.state];
    about.textContent = [`of ${owner}`, when(created_at), length(job.duration)].filter(Boolean).join(" · ");
    about.title = fully(created_at);
    bar.value = share;
    doing.textContent = running.length ? `${running.map((stage) => stageDoing(stage.name)).join(", ")} · ${Math.floor(share * 100)} %` : "";
    progress.hidden = job.state !== "running";
    cancel.hidden = job.state === "live";
  };
  return { element, show };
}

async function end(meeting, owner, changed) {
  const sure = await ask({ title: "Cancel this job?", text: `The meeting of ${owner} is then marked as failed. What was made so far stays, and it can be run again.`, yes: "Cancel the job", no: "Leave it", danger: true });
  if (!sure) return;
  try {
    await api.cancelJob(meeting);
    tell("The job was cancelled");
  } catch (problem) {
    warn(problem);
  }
  changed();
}
