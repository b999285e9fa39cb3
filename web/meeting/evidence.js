/** What a point rests on, beside it while the pointer is over it or the keyboard is in it. */

import { clock } from "../clock.js";
import { el } from "../dom.js";

const LONGEST = 240;
const AFTER = 180;

let counted = 0;

export class Evidence {
  /** `slideAt(time)` returns the address of the picture that was on view, or null. */
  constructor(talk, { slideAt, signal }) {
    Object.assign(this, { talk, slideAt });
    counted += 1;
    this.element = el("div", { class: "evidence", role: "tooltip", id: `evidence-${counted}`, popover: "manual" });
    addEventListener("keydown", (event) => event.key === "Escape" && ((this.#held = null), this.hide()), { signal });
    addEventListener("scroll", () => this.#moved(), { signal, capture: true, passive: true });
    signal.addEventListener("abort", () => this.hide());
  }

  #timer = 0;
  #held = null;

  /** Let a point show what it rests on. */
  attach(item, button, ids) {
    const show = () => this.show(item, ids);
    const later = () => {
      this.#held = { item, show };
      clearTimeout(this.#timer);
      this.#timer = setTimeout(show, AFTER);
    };
    const leave = () => {
      this.#held = null;
      this.hide();
    };
    item.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && later());
    item.addEventListener("pointerleave", leave);
    button.addEventListener("focus", () => button.matches(":focus-visible") && later());
    button.addEventListener("blur", leave);
    button.setAttribute("aria-describedby", this.element.id);
  }

  // What was scrolled under a pointer that rests shows again where it is now.
  #moved() {
    this.hide();
    if (this.#held?.item.matches(":hover, :focus-within")) this.#timer = setTimeout(this.#held.show, AFTER);
  }

  show(item, ids) {
    if (!item.isConnected) return;
    if (!this.element.isConnected) document.body.append(this.element);
    const lines = ids.map((id) => this.talk.utterances[this.talk.place(id)]).filter(Boolean);
    if (lines.length === 0) return;
    const picture = this.slideAt(lines[0].start);
    this.element.replaceChildren(...lines.slice(0, 3).map((line) => this.#line(line)), ...(lines.length > 3 ? [el("p", { class: "quiet" }, `and ${lines.length - 3} more`)] : []), ...(picture ? [el("img", { src: picture, alt: "The slide that was on view" })] : []));
    this.element.showPopover();
    this.#place(item);
  }

  hide() {
    clearTimeout(this.#timer);
    if (this.element.isConnected && this.element.matches(":popover-open")) this.element.hidePopover();
  }

  #line({ start, speaker, text }) {
    const words = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
    return el("p", { dir: "auto" }, el("strong", { data: { colour: this.talk.colour(speaker) ?? "" } }, this.talk.name(speaker)), ` ${clock(start)} `, el("q", {}, words));
  }

  // Beside the summary where there is room, else below or above the point.
  #place(item) {
    const [at, size] = [item.getBoundingClientRect(), this.element.getBoundingClientRect()];
    const beside = at.left - size.width - 12;
    const top = beside >= 8 ? at.top : at.bottom + size.height + 12 < innerHeight ? at.bottom + 6 : at.top - size.height - 6;
    this.element.style.left = `${beside >= 8 ? beside : Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
    this.element.style.top = `${Math.max(8, Math.min(top, innerHeight - size.height - 8))}px`;
  }
}
