/** Who speaks: colours, names to edit in place, shares of the talk, merging. */

import * as api from "../api.js";
import { ask } from "../ask.js";
import { length } from "../clock.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { menu } from "../menu.js";
import { say, warn } from "../notice.js";

export class Speakers {
  /** `onNamed()` is called when names changed, `onMerged(transcript)` after two became one. */
  constructor(talk, { meeting, editable, onNamed, onMerged, onListen }) {
    Object.assign(this, { talk, meeting, editable, onNamed, onMerged, onListen });
    this.#list = el("ul", { class: "speakers" });
    this.element = el("section", { class: "card part-speakers", "aria-labelledby": "speakers-title" }, el("h2", { id: "speakers-title" }, "Speakers"), this.#list);
    this.draw();
  }

  #list;

  /** Show everybody as they are now. */
  draw() {
    // A name that is being typed stays in its field.
    if (this.#list.querySelector("input")) return;
    const shares = this.talk.shares();
    const whole = [...shares.values()].reduce((sum, seconds) => sum + seconds, 0);
    this.#list.replaceChildren(...this.talk.speakers.map((speaker) => this.#row(speaker, shares.get(speaker.label) ?? 0, whole)));
    this.element.hidden = this.talk.speakers.length === 0;
  }

  #row({ label }, seconds, whole) {
    const share = whole ? seconds / whole : 0;
    const name = this.talk.name(label);
    const shown = this.editable
      ? el("button", { type: "button", class: "speaker-name", dir: "auto", title: "Click to rename", "aria-label": `Rename ${name}`, on: { click: () => this.#edit(item, label) } }, el("span", {}, name), icon("pen"))
      : el("span", { class: "speaker-name", dir: "auto" }, name);
    const bar = el("span", { class: "share", "aria-hidden": "true" }, el("span", {}));
    bar.firstChild.style.inlineSize = `${Math.max(2, share * 100)}%`;
    const item = el(
      "li",
      { class: "speaker", data: { colour: String(this.talk.colour(label)), label } },
      el("span", { class: "dot", "aria-hidden": "true" }),
      shown,
      el("span", { class: "speaker-share" }, `${length(seconds)}, ${Math.round(share * 100)} %`),
      menu({ label: `More for ${name}`, items: () => this.#choices(item, label) }),
      bar,
    );
    return item;
  }

  #choices(item, label) {
    const listen = { label: "Listen to this voice", icon: "play", run: () => this.#listen(label) };
    if (!this.editable) return [listen];
    const others = this.talk.speakers.filter((other) => other.label !== label);
    return [
      { label: "Rename", icon: "pen", run: () => this.#edit(item, label) },
      listen,
      others.length > 0 && "line",
      ...others.map((other) => ({ label: `Same as ${this.talk.name(other.label)}`, icon: "merge", run: () => this.#merge(label, other.label) })),
    ].filter(Boolean);
  }

  #listen(label) {
    const own = this.talk.utterances.filter((utterance) => utterance.speaker === label && !utterance.overlaps?.length);
    const longest = own.reduce((best, utterance) => (!best || utterance.end - utterance.start > best.end - best.start ? utterance : best), null);
    if (longest) this.onListen(longest);
  }

  #edit(item, label) {
    const speaker = this.talk.speakers.find((speaker) => speaker.label === label);
    const shown = item.querySelector(".speaker-name");
    const input = el("input", { class: "speaker-input", value: speaker.name ?? "", placeholder: this.talk.name(label), maxlength: 100, "aria-label": `Name of ${this.talk.name(label)}`, dir: "auto", autocomplete: "off" });
    let over = false;
    const close = (focus) => {
      input.remove();
      this.draw();
      if (focus) this.#list.querySelector(`[data-label="${CSS.escape(label)}"] .speaker-name`)?.focus();
    };
    const save = async (focus) => {
      if (over) return;
      over = true;
      const name = input.value.trim() || null;
      if (name === speaker.name) return close(focus);
      input.disabled = true;
      try {
        await api.change(this.meeting, { speakers: { [label]: name } });
        speaker.name = name;
        this.onNamed(label);
        close(focus);
      } catch (problem) {
        warn(problem);
        over = false;
        input.disabled = false;
        input.focus();
      }
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") save(true);
      if (event.key === "Escape") (over = true), close(true);
    });
    input.addEventListener("blur", () => !input.disabled && input.isConnected && save(false));
    shown.replaceWith(input);
    input.select();
    input.focus();
  }

  async #merge(label, into) {
    const [one, other] = [this.talk.name(label), this.talk.name(into)];
    const sure = await ask({ title: `Is ${one} the same person as ${other}?`, text: `Everything that ${one} said will be shown as said by ${other}. This stays so when the meeting is processed again.`, yes: "Merge" });
    if (!sure) return;
    try {
      this.onMerged(await api.merge(this.meeting, label, into));
      say(`${one} is now ${other}.`);
    } catch (problem) {
      warn(problem);
    }
  }
}
