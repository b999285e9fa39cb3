/** Actions of a meeting that are done: kept on the server, for everybody who reads the meeting. */

import * as api from "../api.js";
import { el } from "../dom.js";
import { warn } from "../notice.js";

export class Done {
  constructor(meeting, editable) {
    Object.assign(this, { meeting, editable });
    this.#read();
  }

  #items = [];
  #boxes = new Map();

  async #read() {
    try {
      this.#take(await api.doneActions(this.meeting));
    } catch (problem) {
      warn(problem);
    }
  }

  #take({ items }) {
    this.#items = items;
    for (const [box, action] of this.#boxes) {
      if (box.isConnected) box.checked = this.#has(action);
      else this.#boxes.delete(box);
    }
  }

  // A summary that was made again may name an action in other words: what it rests on tells that it is the same.
  #has({ task, evidence }) {
    const same = this.#items.filter((item) => item.evidence === evidence[0]);
    return same.some((item) => item.task === task) || (same.length === 1 && this.#alone(evidence[0]));
  }

  #alone(evidence) {
    return [...this.#boxes].filter(([box, action]) => box.isConnected && action.evidence[0] === evidence).length === 1;
  }

  /** Make the box of an action. */
  box(action) {
    const box = el("input", { type: "checkbox", checked: this.#has(action), disabled: !this.editable });
    this.#boxes.set(box, action);
    box.addEventListener("change", async () => {
      try {
        const same = this.#items.filter((item) => item.evidence === action.evidence[0]);
        const task = box.checked ? action.task : (same.find((item) => item.task === action.task) ?? same[0])?.task ?? action.task;
        this.#take(await api.tick(this.meeting, { task, evidence: action.evidence[0], done: box.checked }));
      } catch (problem) {
        box.checked = !box.checked;
        warn(problem);
      }
    });
    return box;
  }
}
