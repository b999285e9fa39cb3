/** Where only one part of the meeting fits: buttons that choose it. */

import { el } from "../dom.js";

const PARTS = [["words", "Transcript"], ["summary", "Summary"], ["ask", "Ask"], ["speakers", "Speakers"]];

/** Make the buttons; `element.show(part)` presses one. */
export function parts() {
  const buttons = PARTS.map(([part, label]) => el("button", { type: "button", "aria-pressed": "false", data: { part } }, label));
  const nav = el("nav", { class: "parts", "aria-label": "Parts of the meeting" }, ...buttons);
  // The transcript keeps its place while another part is read.
  let place = 0;
  nav.show = (part) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.part === part));
  };
  nav.addEventListener("click", ({ target }) => {
    const part = target.closest("button")?.dataset.part;
    const meeting = nav.closest(".meeting");
    if (!part || meeting.dataset.part === part) return;
    if (meeting.dataset.part === "words") place = scrollY;
    meeting.dataset.part = part;
    nav.show(part);
    if (matchMedia("(width < 60rem)").matches) scrollTo({ top: part === "words" ? place : Math.min(scrollY, nav.offsetTop), behavior: "instant" });
  });
  nav.show("words");
  return nav;
}
