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
    // Who selects or corrects words stays with them while more is added below.
    if (this.#following && this.#selects) this.#following = this.#left < NEAR;
    else if (this.#following) scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
    this.element.hidden = this.#following;
  }

  jump() {
    this.#following = true;
    scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
    this.element.hidden = true;
  }

  // Pixels to the end of the page.
  get #left() {
    return document.documentElement.scrollHeight - innerHeight - scrollY;
  }

  get #selects() {
    return !getSelection().isCollapsed || document.querySelector(".correct") !== null;
  }

  #scrolled() {
    if (this.#left < NEAR) this.#following = true;
    else if (scrollY < this.#last - 2) this.#following = false;
    this.#last = scrollY;
    this.element.hidden = this.#following;
  }
}
