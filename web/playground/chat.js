/** A chat with a model: its answer comes word by word, and can be stopped. */

import * as v1 from "../v1.js";
import { field } from "../ask.js";
import { jsonCurl } from "../curl.js";
import { copyText } from "../copy.js";
import { el } from "../dom.js";
import { empty, skeleton } from "../empty.js";
import { icon } from "../icons.js";
import { tell } from "../notice.js";
import { modelChoice } from "./model.js";
import { Said } from "./said.js";

/** Build it, for models that write text. */
export function chat(models, { keyed, signal }) {
  if (models.length === 0) return without(signal);
  const room = new Chat(models, keyed);
  signal.addEventListener("abort", () => room.stop());
  followEnd(room.log, signal);
  return room.element;
}

/** Keep the end of a list in sight while it grows, unless the reader has scrolled up. */
function followEnd(list, signal) {
  const root = document.documentElement;
  let follows = true;
  addEventListener("scroll", () => {
    follows = root.scrollHeight - root.clientHeight - root.scrollTop < 40;
  }, { signal, passive: true });
  const growing = new ResizeObserver(() => follows && list.isConnected && root.scrollTo({ top: root.scrollHeight, behavior: "instant" }));
  growing.observe(list);
  signal.addEventListener("abort", () => growing.disconnect());
}

// The server knows best how it gets such a model: its refusal says so.
function without(signal) {
  const place = el("div", {}, skeleton(2, "Loading"));
  v1.chat({ model: "any", messages: [] }, signal).then(
    () => place.replaceChildren(empty({ drawing: "both", title: "A language model is there now", text: "Load the page again to talk to it." })),
    (problem) => problem.name !== "AbortError" && place.replaceChildren(empty({ drawing: "both", title: "No language model here yet", text: problem.message, actions: [{ label: "What is served", href: "/models" }] })),
  );
  return place;
}

class Chat {
  constructor(models, keyed) {
    this.messages = [];
    this.keyed = keyed;
    this.asking = null;
    this.log = el("ol", { class: "chat-log", "aria-label": "Conversation" });
    this.hint = el("p", { class: "chat-hint quiet" }, "Say something. Nothing is kept: the conversation ends when you leave this page.");
    this.form = el("form", { class: "chat-form" });
    this.model = modelChoice(models);
    this.text = el("textarea", { name: "text", rows: 3, placeholder: "Message", "aria-label": "Message", required: true, autofocus: true });
    this.send = el("button", { type: "submit", class: "main" }, icon("send"), "Send");
    this.halt = el("button", { type: "button", class: "plain", hidden: true, on: { click: () => this.stop() } }, icon("stop"), "Stop");
    this.form.append(this.text, this._buttons());
    this.element = el("div", { class: "chat" }, this._wishes(), this.hint, this.log, this.form);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.say();
    });
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (!this.asking) this.form.requestSubmit();
    });
  }

  _wishes() {
    this.system = el("textarea", { name: "system", rows: 2, placeholder: "You are a helpful assistant." });
    this.temperature = el("input", { name: "temperature", type: "number", min: 0, max: 2, step: 0.1, placeholder: "As the model has it" });
    this.most = el("input", { name: "max_tokens", type: "number", min: 1, step: 1, placeholder: "No limit" });
    return el(
      "div",
      { class: "play-wishes" },
      field("Model", this.model),
      el("details", {}, el("summary", {}, "Settings"), field("Instructions", this.system), el("div", { class: "two" }, field("Temperature", this.temperature), field("Most tokens", this.most))),
    );
  }

  _buttons() {
    const copy = el("button", { type: "button", class: "bare", title: "Copy as curl", "aria-label": "Copy this chat as a curl command", on: { click: () => copyText(jsonCurl("/v1/chat/completions", this.body(), this.keyed), "Command copied.") } }, icon("copy"));
    const clear = el("button", { type: "button", class: "bare", title: "Begin anew", "aria-label": "Begin a new conversation", on: { click: () => this.clear() } }, icon("bin"));
    return el("div", { class: "buttons" }, copy, clear, el("span", { class: "spread" }), this.halt, this.send);
  }

  body() {
    const system = this.system.value.trim();
    const waiting = this.text.value.trim();
    return {
      model: this.model.value,
      messages: [...(system ? [{ role: "system", content: system }] : []), ...this.messages, ...(waiting ? [{ role: "user", content: waiting }] : [])],
      ...(this.temperature.value && { temperature: Number(this.temperature.value) }),
      ...(this.most.value && { max_tokens: Number(this.most.value) }),
    };
  }

  stop() {
    this.asking?.abort();
  }

  clear() {
    this.stop();
    this.messages = [];
    this.log.replaceChildren();
    this.hint.hidden = false;
    tell("The conversation is empty.");
    this.text.focus();
  }

  async say() {
    const text = this.text.value.trim();
    if (!text || this.asking || !this.form.reportValidity()) return;
    const body = this.body();
    this.messages.push({ role: "user", content: text });
    this.text.value = "";
    this.hint.hidden = true;
    const answer = new Said("assistant", this.model.value);
    this.log.append(new Said("user", "You", text).element, answer.element);
    this._working(true);
    await this._answer(answer, body);
    this._working(false);
  }

  async _answer(answer, body) {
    const messages = this.messages;
    const asking = this.asking;
    try {
      for await (const chunk of v1.events(await v1.chat(body, asking.signal))) answer.take(chunk);
      answer.end();
    } catch (problem) {
      answer.end(problem);
    }
    // What was stopped is still said; a conversation that was cleared in the meantime is gone.
    if (messages === this.messages && answer.text) messages.push({ role: "assistant", content: answer.text });
    else if (messages === this.messages) this._takeBack(messages.pop());
    tell(answer.text ? `Answer: ${answer.text.slice(0, 500)}` : "No answer came.");
  }

  _takeBack({ content }) {
    this.text.value ||= content;
  }

  _working(works) {
    this.asking = works ? new AbortController() : null;
    this.send.disabled = works;
    this.halt.hidden = !works;
    this.log.setAttribute("aria-busy", String(works));
    if (!works) this.text.focus({ preventScroll: true });
  }
}
