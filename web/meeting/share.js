/** Links that let others read one meeting: make, copy, end. */

import * as api from "../api.js";
import { field, present } from "../ask.js";
import { fully } from "../clock.js";
import { copyText } from "../copy.js";
import { el } from "../dom.js";
import { skeleton } from "../empty.js";
import { say, warn } from "../notice.js";

const DAYS = [["", "Until you end it"], ["1", "For one day"], ["7", "For a week"], ["30", "For a month"]];

/** Open the dialog. */
export async function share(meeting) {
  const made = el("div", { class: "share-made", role: "status" });
  const links = el("ul", { class: "share-links" }, skeleton(2, "Loading links"));
  const days = el("select", {}, ...DAYS.map(([value, words]) => el("option", { value }, words)));
  const create = el("button", { type: "button", class: "main" }, "Make a link");
  create.addEventListener("click", async () => {
    create.disabled = true;
    try {
      const expires = days.value ? new Date(Date.now() + Number(days.value) * 86_400_000).toISOString() : null;
      showNew(made, await api.makeShare(meeting.id, { expires_at: expires }));
      await list(meeting, links);
    } catch (problem) {
      warn(problem);
    } finally {
      create.disabled = false;
    }
  });
  present(
    "Share this meeting",
    el("p", { class: "quiet" }, "Whoever has the link can read the transcript and the summary and listen, without signing in. Nobody can change anything with it."),
    el("div", { class: "share-new" }, field("Works", days), create),
    made,
    links,
  );
  await list(meeting, links);
}

function showNew(place, link) {
  const address = `${location.origin}/s/${link.token}`;
  const input = el("input", { readonly: true, value: address, "aria-label": "Share link", on: { focus: () => input.select() } });
  place.replaceChildren(
    el("p", {}, "The link is shown only now. Copy it and pass it on."),
    el("div", { class: "copyable" }, input, el("button", { type: "button", class: "main", on: { click: () => copyText(address, "Link copied.") } }, "Copy")),
  );
  input.focus();
}

async function list(meeting, links) {
  try {
    const answer = await api.shares(meeting.id);
    const known = answer.items ?? answer;
    links.replaceChildren(...(known.length ? [el("li", { class: "hint" }, known.length === 1 ? "One link works now:" : `${known.length} links work now:`)] : []), ...known.map((link) => row(meeting, link, links)));
  } catch (problem) {
    links.replaceChildren(el("li", { class: "problem" }, problem.message));
  }
}

function row(meeting, link, links) {
  const end = async (event) => {
    event.target.disabled = true;
    try {
      await api.endShare(meeting.id, link.id);
      say("The link no longer works.");
      await list(meeting, links);
    } catch (problem) {
      event.target.disabled = false;
      warn(problem);
    }
  };
  return el(
    "li",
    {},
    el("span", {}, `Made ${fully(link.created_at)}`, link.expires_at ? `, ends ${fully(link.expires_at)}` : ""),
    el("button", { type: "button", class: "plain danger", "aria-label": `End the link made ${fully(link.created_at)}`, on: { click: end } }, "End"),
  );
}
