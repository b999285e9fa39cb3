/** The meeting that this window records: what is heard goes to the server in order, run after run. */

import { Problem } from "../api.js";
import { capture } from "./capture.js";
import { hold, stayAwake } from "./lock.js";
import { inWords } from "./refusals.js";
import { Sender } from "./sender.js";
import { close, open } from "./sources.js";
import { Run } from "./unsent.js";

export class Recording {
  /** `onChange(recording)` whenever something is different; `onGone(recording, words)` once nothing is left to do. */
  constructor({ onChange, onGone }) {
    Object.assign(this, { onChange, onGone });
  }

  /** starting, recording, paused, lost (its source is gone), interrupted (by a reload), stopping, gone. */
  phase = "starting";
  meeting = null;
  title = "";
  /** Of the chunk that was heard last, 0..1; null where that is not known. */
  peak = 0;
  /** Whether the line to the server stands, and in words why not. */
  line = { stands: true, words: "" };
  /** What the user should know, in words. */
  problem = "";
  // Its runs, and the lock that says which window has it, carry this name.
  #key = crypto.randomUUID();
  #language = "";
  #source = null;
  #capture = null;
  #runs = [];
  #sender = null;
  #release = () => {};
  #sleep = () => {};
  #begun = null;

  /** Seconds that were recorded. */
  get elapsed() {
    return this.#runs.at(-1)?.about.elapsed ?? 0;
  }

  /** Seconds of sound that only this browser has. */
  get waiting() {
    return this.#runs.reduce((sum, run) => sum + run.seconds, 0);
  }

  /** Why a reload would lose sound now; null while it would not. */
  get trouble() {
    return this.#runs.at(-1)?.trouble ?? null;
  }

  /** Begin a meeting; returns its id once the server has it. Raises a Problem. */
  async begin({ title, language, source, streams }) {
    Object.assign(this, { title });
    this.#language = language;
    this.#release = (await hold(this.#key)) ?? this.#release;
    this.#begun = Promise.withResolvers?.() ?? resolvers();
    const began = this.#begun.promise;
    // It may be refused while the devices are still being opened.
    began.catch(() => {});
    await this.#hear(source, streams);
    return began;
  }

  /** Take up what an earlier visit of this browser left; returns whether no other window has it. */
  async takeUp(left) {
    const release = await hold(left[0].recording);
    if (release === null) return false;
    this.#release = release;
    this.#key = left[0].recording;
    this.#runs = await Promise.all(left.map((about) => Run.again(about)));
    const { meeting, title, language, source, finished } = left.at(-1);
    Object.assign(this, { meeting, title, phase: finished ? "stopping" : "interrupted" });
    [this.#language, this.#source] = [language, source];
    this.#send();
    this.onChange(this);
    return true;
  }

  async pause() {
    if (this.phase !== "recording") return;
    this.#turn("paused");
    await this.#capture.pause();
  }

  async resume() {
    if (this.phase !== "paused") return;
    await this.#capture.resume();
    this.#turn("recording");
  }

  /** Record on after a reload, or after the source went away. Raises a Problem. */
  async goOn() {
    const streams = await open(this.#source ?? { kind: "microphone" });
    if (!["interrupted", "lost"].includes(this.phase)) return close(streams);
    this.problem = "";
    await this.#hear(this.#source ?? { kind: "microphone" }, streams);
  }

  /** End the meeting: everything that was heard is sent first. */
  async stop() {
    if (this.phase === "stopping" || this.phase === "gone") return;
    this.#turn("stopping");
    await this.#deaf();
    for (const run of this.#runs) run.note({ finished: true });
    if (this.#sender === null) this.#send();
    this.#advance();
  }

  async #hear(source, streams) {
    this.#source = source;
    const heard = await capture(streams, { onChunk: (chunk) => this.#take(chunk), onLost: () => this.#lost() }).catch((error) => {
      close(streams);
      throw error instanceof Problem ? error : new Problem(0, `The browser cannot record this: ${error.message}`);
    });
    const run = await Run.begin({
      recording: this.#key,
      meeting: this.meeting,
      title: this.title,
      language: this.#language,
      format: heard.format,
      sample_rate: heard.sample_rate,
      elapsed: this.elapsed,
      source,
    });
    // All of it is with the server: nothing has to go before what comes.
    if (this.#sender === null && this.#isSent) this.#runs.shift().forget();
    this.#runs.push(run);
    this.#capture = heard;
    if (this.phase !== "starting") this.#turn("recording");
    await heard.begin();
    this.#sleep = stayAwake();
    if (this.#sender === null) this.#send();
    this.#advance();
  }

  async #deaf() {
    this.#sleep();
    const heard = this.#capture;
    this.#capture = null;
    await heard?.end();
  }

  #take(chunk) {
    this.peak = chunk.peak;
    this.#runs.at(-1).add(chunk);
    this.#sender?.wake();
    this.onChange(this);
  }

  async #lost() {
    if (this.phase === "stopping" || this.phase === "gone") return;
    this.problem = this.#source.kind === "share" ? "The sharing has ended." : "The microphone is gone: it was unplugged, or taken away from this page.";
    this.#turn("lost");
    await this.#deaf();
  }

  #send() {
    this.#sender = new Sender(this.#runs[0], {
      onReady: (meeting) => this.#ready(meeting),
      onLine: (stands, words = "") => this.#lined(stands, words),
      onSent: () => this.#advance(),
      onRefused: (refusal) => this.#refused(refusal),
      onEnd: () => this.#gone(""),
    });
    this.#sender.open();
  }

  // Whether the server has all of the first run.
  get #isSent() {
    const [run] = this.#runs;
    return Boolean(run) && run.start === run.end && run.about.offset !== null;
  }

  /** Go to the next run once this one is with the server; after the last one say that it is over. */
  #advance() {
    if (this.#sender && this.#runs.length > 1 && this.#isSent) {
      this.#sender.close();
      this.#runs.shift().forget();
      this.#send();
    } else if (this.#sender && this.phase === "stopping" && this.#runs.length === 1) this.#sender.finish();
    // While it waits for its user, the meeting may end by itself.
    else if (this.#sender && this.phase === "interrupted" && this.#isSent) {
      this.#sender.close();
      this.#sender = null;
    }
    this.onChange(this);
  }

  #ready(meeting) {
    if (this.meeting !== meeting) for (const run of this.#runs) run.note({ meeting });
    this.meeting = meeting;
    if (this.phase === "starting") this.#turn("recording");
    this.#begun?.resolve(meeting);
    this.#advance();
  }

  #lined(stands, words) {
    this.line = { stands, words };
    if (!stands && this.phase === "starting") return this.#fail(new Problem(0, `The meeting could not begin. ${words} Try again.`));
    this.onChange(this);
  }

  #refused(refusal) {
    const words = inWords(refusal);
    if (this.phase === "starting") return this.#fail(new Problem(0, words));
    if (refusal.code === "over" && this.#canBeginAnew()) return this.#beginAnew();
    if (["over", "taken_over", "not_found"].includes(refusal.code)) return this.#gone(["interrupted", "stopping"].includes(this.phase) ? "" : words);
    // The server can do nothing with this run: a new one may be better.
    this.problem = words;
    this.#runs.shift().forget();
    this.#sender = null;
    this.#turn("lost");
    return this.#deaf();
  }

  // It ended by itself, because nothing was heard of this page for too long. What was recorded meanwhile is not lost.
  #canBeginAnew() {
    return this.waiting >= 1 && this.#runs[0].about.sample_rate !== null;
  }

  #beginAnew() {
    this.title = `${this.title || "Meeting"} (continued)`;
    this.meeting = null;
    for (const run of this.#runs) run.note({ meeting: null, offset: null, title: this.title });
    this.problem = "The connection was away for so long that the meeting ended. It goes on as a new one.";
    this.#send();
    this.onChange(this);
  }

  async #fail(problem) {
    await this.#gone("");
    this.#begun.reject(problem);
  }

  async #gone(words) {
    this.#sender?.close();
    await this.#deaf();
    for (const run of this.#runs) await run.forget();
    this.#release();
    this.#turn("gone");
    this.onGone(this, words);
  }

  #turn(phase) {
    this.phase = phase;
    this.onChange(this);
  }
}

function resolvers() {
  let [resolve, reject] = [null, null];
  const promise = new Promise((done, failed) => ([resolve, reject] = [done, failed]));
  return { promise, resolve, reject };
}
