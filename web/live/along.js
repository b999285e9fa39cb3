/** Scrolls along with what is new, until the reader scrolls up; a button leads back. */

import { el } from "../dom.js";
import { icon } from "../icons.js";

/** Within so many pixels of its end the page counts as read to the end. */
const NEAR = 90;

export class Along {
  constructor(signal) {
    this.element = el("button", { type: "button", class: "back-to-now", hidden: true, on: { click: () => this.jump() } }, icon("down"), "Jump to now");
    this.#last = scrollY;
    addEventListener("scroll", () => this.#scrolled(), { signal, passive: true });
  }

  #following = true;
  #last;

  /** Something was added: scroll along. */
  move() {
    if (this.#following && !this.#selects) scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
    this.element.hidden = this.#following;
  }

  jump() {
    this.#following = true;
    this.move();
  }

  /** The reader went somewhere: stay there. */
  stay() {
    this.#following = false;
    this.move();
  }

  get #selects() {
    return !getSelection().isCollapsed || document.querySelector(".correct") !== null;
  }

  #scrolled() {
    const left = document.documentElement.scrollHeight - innerHeight - scrollY;
    if (left < NEAR) this.#following = true;
    else if (scrollY < this.#last - 2) this.#following = false;
    this.#last = scrollY;
    this.element.hidden = this.#following;
  }
}
