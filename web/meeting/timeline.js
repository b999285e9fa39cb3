/** Who speaks when -> a strip of colours behind the player's slider. */

import { eachFrame, el } from "../dom.js";
import { COLOURS } from "./talk.js";

/** Pixels of a column that can still be told from its neighbours. */
const NARROW = 3;

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
    for (const { start, end, colour } of this.#turns(width, duration)) {
      pen.fillStyle = colour === null ? colours.nobody : colours[colour];
      pen.fillRect(start * scale, 0, Math.max(0.6, (end - start) * scale), height);
    }
    pen.strokeStyle = colours.gap;
    for (const { start, end } of this.talk.gaps) stripes(pen, start * scale, Math.max(3, (end - start) * scale), height);
  }

  /** What to paint: every turn, or where they are too many to be seen, who speaks most in each narrow column. */
  #turns(width, duration) {
    const turns = this.talk.utterances.map(({ start, end, speaker }) => ({ start, end, colour: this.talk.colour(speaker) }));
    const columns = Math.floor(width / NARROW);
    return turns.length <= columns ? turns : loudest(turns, columns, duration / columns);
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

function loudest(turns, columns, seconds) {
  const shares = Array.from({ length: columns }, () => new Map());
  for (const { start, end, colour } of turns) {
    const last = Math.min(columns - 1, Math.floor(end / seconds));
    for (let at = Math.floor(start / seconds); at <= last; at += 1) {
      const common = Math.min(end, (at + 1) * seconds) - Math.max(start, at * seconds);
      shares[at].set(colour, (shares[at].get(colour) ?? 0) + common);
    }
  }
  return shares.flatMap((share, at) => {
    const [colour] = [...share].sort((a, b) => b[1] - a[1])[0] ?? [];
    return colour === undefined ? [] : [{ start: at * seconds, end: (at + 1) * seconds, colour }];
  });
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
