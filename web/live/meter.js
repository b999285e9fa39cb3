/** How loud it is -> a bar that moves. */

import { el } from "../dom.js";

/** Quieter than this nothing is shown. */
const QUIETEST_DB = -50;
/** The bar falls by this share of itself each time. */
const FALL = 0.8;

/** Make a meter; `element.show(peak)` takes 0..1, null where it is not known. */
export function meter() {
  const bar = el("span", {});
  const element = el("span", { class: "meter", "aria-hidden": "true" }, bar);
  let level = 0;
  element.show = (peak) => {
    element.hidden = peak === null;
    const loud = peak > 0 ? Math.max(0, 1 - (20 * Math.log10(peak)) / QUIETEST_DB) : 0;
    level = Math.max(loud, level * FALL);
    bar.style.transform = `scaleX(${level.toFixed(3)})`;
    element.classList.toggle("loud", peak > 0.98);
  };
  return element;
}

/** Watch how loud streams are until the function that is returned is called. */
export function listenTo(streams, onPeak) {
  if (typeof AudioContext !== "function") return () => {};
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  const samples = new Float32Array(analyser.fftSize);
  for (const stream of streams) context.createMediaStreamSource(new MediaStream(stream.getAudioTracks())).connect(analyser);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    onPeak(samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0));
  }, 80);
  return () => {
    clearInterval(timer);
    context.close();
  };
}
