/** One message of a chat, which may still grow. */

import { eachFrame, el } from "../dom.js";

/** What somebody says: text that grows, thoughts beside it, and in the end what it took. */
export class Said {
  constructor(role, name, text = "") {
    this.text = text;
    this.thought = "";
    this.began = performance.now();
    this.first = null;
    this.usage = null;
    this.reason = null;
    this.words = el("div", { class: "said-words", dir: "auto" }, text || el("span", { class: "typing", role: "img", "aria-label": "The model is at work" }));
    this.thoughts = el("details", { class: "thoughts", hidden: true }, el("summary", {}, "Thoughts"), el("p", { dir: "auto" }));
    this.foot = el("p", { class: "about" });
    this.element = el("li", { class: `said-by ${role}` }, el("p", { class: "said-name" }, name), this.thoughts, this.words, this.foot);
    this._paint = eachFrame(() => this._show());
  }

  /** Take a chunk of an answer. */
  take(chunk) {
    this.usage = chunk.usage ?? this.usage;
    const choice = chunk.choices?.[0];
    if (!choice) return;
    this.reason = choice.finish_reason ?? this.reason;
    const { content, refusal, reasoning_content, reasoning } = choice.delta ?? {};
    this.text += content ?? refusal ?? "";
    this.thought += reasoning_content ?? reasoning ?? "";
    if (this.first === null && (this.text || this.thought)) this.first = performance.now();
    this._paint();
  }

  /** Nothing more comes; `problem` says why it broke off, if it did. */
  end(problem = null) {
    this._show();
    if (!this.text) this.words.replaceChildren();
    const stopped = problem?.name === "AbortError";
    if (problem && !stopped) this.element.append(el("p", { class: "problem", role: "alert" }, problem.message));
    this.foot.textContent = [stopped && "Stopped", this.reason === "length" && "Cut off at the limit of tokens", this._took()].filter(Boolean).join(" · ");
  }

  _took() {
    if (this.first === null) return "";
    const [wait, all] = [this.first - this.began, performance.now() - this.first];
    const tokens = this.usage?.completion_tokens;
    const pace = tokens > 1 && all > 0 ? `, ${Math.round((tokens - 1) / (all / 1000))} tokens/s` : "";
    const read = this.usage ? `${this.usage.prompt_tokens} tokens read, ${tokens} written · ` : "";
    return `${read}first word after ${(wait / 1000).toFixed(2)} s${pace}`;
  }

  _show() {
    if (this.text) this.words.textContent = this.text;
    this.thoughts.hidden = !this.thought;
    this.thoughts.lastChild.textContent = this.thought;
  }
}
