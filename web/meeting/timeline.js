/** Who speaks when -> a strip of colours behind the player's slider. */

import { eachFrame, el } from "../dom.js";
import { COLOURS } from "./talk.js";

export class Timeline {
  constructor(talk, { signal }) {
    this.talk = talk;
    this.#canvas = el("canvas", { class: "timeline-canvas" });
    this.#head = el("span", { class: "timeline-head" });
    this.element = el("div", { class: "timeline", "aria-hidden": "true" }, this.#canvas, this.#head);
    const again = eachFrame(() => this.draw(this.#duration));
    const watcher = new ResizeObserver(again);
    watcher.observe(this.element);
    signal.addEventListener("abort", () => watcher.disconnect());
    addEventListener("repaint", again, { signal });
  }

  #canvas;
  #head;
  #duration = 0;

  /** Move the playing position: a share of the whole, 0..1. */
  move(share) {
    this.#head.style.transform = `translateX(${share * this.element.clientWidth}px)`;
  }

  /** Paint the turns. */
  draw(duration) {
    this.#duration = duration;
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    if (!width || !duration) return;
    const dense = devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * dense);
    this.#canvas.height = Math.round(height * dense);
    const pen = this.#canvas.getContext("2d");
    pen.scale(dense, dense);
    const colours = this.#colours();
    const scale = width / duration;
    for (const { start, end, speaker } of this.talk.utterances) {
      const number = this.talk.colour(speaker);
      pen.fillStyle = number === null ? colours.nobody : colours[number];
      pen.fillRect(start * scale, 0, Math.max(0.6, (end - start) * scale), height);
    }
    pen.strokeStyle = colours.gap;
    for (const { start, end } of this.talk.gaps) stripes(pen, start * scale, Math.max(3, (end - start) * scale), height);
  }

  #colours() {
    const probe = el("span", {});
    this.element.append(probe);
    const read = (name) => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    const colours = Object.fromEntries(Array.from({ length: COLOURS }, (_, number) => [number, read(`--speaker-${number}`)]));
    Object.assign(colours, { nobody: read("--quiet"), gap: read("--warn") });
    probe.remove();
    return colours;
  }
}

function stripes(pen, left, width, height) {
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, width, height);
  pen.clip();
  pen.clearRect(left, 0, width, height);
  pen.beginPath();
  for (let x = left - height; x < left + width; x += 5) {
    pen.moveTo(x, height);
    pen.lineTo(x + height, 0);
  }
  pen.lineWidth = 2;
  pen.stroke();
  pen.restore();
}
