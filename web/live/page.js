/** Before a meeting: its title and language, what is recorded, and whether something is heard. */

import { field } from "../ask.js";
import { el } from "../dom.js";
import { empty } from "../empty.js";
import { icon } from "../icons.js";
import { keep, recall } from "../kept.js";
import { language } from "../wishes.js";
import { me } from "../me.js";
import { go } from "../router.js";
import { begin, recordingNow } from "./now.js";
import { Choice } from "./choice.js";
import { unable } from "./sources.js";

/** Show the form in `place` until `signal` aborts. */
export async function show(place, _, signal) {
  document.title = "Start a meeting – Parley";
  const page = el("div", { class: "page" });
  place.append(page);
  const { role } = await me().catch(() => ({ role: "user" }));
  if (signal.aborted) return;
  if (role === "read") return page.append(refusal("This key only reads", "Sign in with a key that may record, then start the meeting."));
  const why = unable();
  if (why) return page.append(refusal("This page cannot hear a microphone", why));
  page.append(form(signal));
}

const refusal = (title, text) => empty({ drawing: "mute", bad: true, title, text, actions: [{ label: "All meetings", href: "/", main: true }] });

function form(signal) {
  const now = recordingNow();
  const title = el("input", { name: "title", maxlength: 300, autocomplete: "off", autofocus: true, placeholder: suggestion() });
  const choice = new Choice(signal);
  const problem = el("p", { class: "problem", role: "alert" });
  const button = el("button", { type: "submit", class: "main large" }, icon("record"), el("span", {}, "Start the meeting"));
  const made = el(
    "form",
    { class: "card start-live", "aria-labelledby": "start-title" },
    el("div", { class: "titled" }, el("a", { class: "button bare", href: "/", "aria-label": "All meetings", title: "All meetings" }, icon("back")), el("h1", { id: "start-title" }, "Start a meeting")),
    now && el("p", { class: "also" }, icon("warning"), el("span", {}, "This window already records a meeting. ", now.meeting && el("a", { href: `/meetings/${now.meeting}` }, "Go to it"), ". Starting another one ends it.")),
    el("div", { class: "two" }, field("Title", title), language()),
    choice.element,
    el("p", { class: "consent" }, icon("both"), el("span", {}, "Tell everybody that they are being recorded, and ask whether they agree. The law may demand it. What is said is kept on this server, and shown to no models but those that its administrator chose.")),
    problem,
    el("div", { class: "buttons" }, button),
  );
  made.elements.language.value = recall("live.language", "");
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wish = { title: title.value.trim() || title.placeholder, language: made.elements.language.value };
    keep("live.language", wish.language);
    problem.textContent = "";
    working(button, true);
    try {
      const { source, streams } = await choice.open();
      const meeting = await begin({ ...wish, source, streams });
      if (!signal.aborted) go(`/meetings/${meeting}`, { replace: true });
    } catch (refused) {
      problem.textContent = refused.message;
      choice.again();
    } finally {
      working(button, false);
    }
  });
  return made;
}

function working(button, works) {
  button.disabled = works;
  button.lastChild.textContent = works ? "Starting…" : "Start the meeting";
}

const suggestion = () => `Meeting of ${new Intl.DateTimeFormat(undefined, { weekday: "long", hour: "2-digit", minute: "2-digit" }).format(new Date())}`;
