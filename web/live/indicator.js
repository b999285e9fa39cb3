/** In the bar at the top: that this window records, whichever view is shown, and what was interrupted. */

import { clock } from "../clock.js";
import { el } from "../dom.js";
import { onRecording, takeUpLeft } from "./now.js";

const WORDS = { recording: "Recording", paused: "Paused", lost: "Nothing is heard", interrupted: "Interrupted meeting", stopping: "Sending the rest" };

/** Put it into the bar, and take up what an earlier visit left. */
export function indicator(bar) {
  const text = el("span", {});
  const link = el("a", { class: "recording-now", href: "/live", hidden: true }, el("span", { class: "live-dot", "aria-hidden": "true" }), text);
  bar.querySelector(".spread").after(link);
  onRecording((recording) => {
    const words = WORDS[recording?.phase];
    // On its own page the bar at the foot says it.
    link.hidden = !words || !recording.meeting || location.pathname === `/meetings/${recording.meeting}`;
    if (link.hidden) return;
    link.href = `/meetings/${recording.meeting}`;
    link.dataset.mode = recording.phase;
    text.textContent = recording.phase === "recording" ? `${words} ${clock(recording.elapsed)}` : words;
  });
  takeUpLeft();
}
