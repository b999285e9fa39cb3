/** A run of sound -> the server, over as many connections as it takes; what is acknowledged is forgotten. */

import { isFinal } from "./refusals.js";
import { connect, waitAfter, whyNot } from "./socket.js";

/** Bytes that may wait in the browser's own buffer: more stays where it is kept. */
const ROOM = 1 << 18;
/** While nothing is sent, the server is told that somebody is there. */
const PING = 15_000;
/** "I know all events": whoever watches the meeting has a connection of its own. */
const ALL_EVENTS = 2 ** 48;

export class Sender {
  /**
   * `onReady(meeting)` after each connection that stands, `onLine(stands, words)`, `onSent()` after something was
   * acknowledged, `onRefused(refusal)` where nothing more can be sent, `onEnd()` once the server closed the meeting.
   */
  constructor(run, { onReady, onLine, onSent, onRefused, onEnd }) {
    Object.assign(this, { run, onReady, onLine, onSent, onRefused, onEnd });
    this.#cursor = run.start;
    this.#again = () => this.#connect();
  }

  #socket = null;
  #isReady = false;
  #isFinishing = false;
  #isClosed = false;
  #isPumping = false;
  #stopped = false;
  #isMissing = false;
  #cursor;
  #tries = 0;
  #timer = 0;
  #pinger = 0;
  #again;

  /** Connect, and connect again whenever the line breaks. */
  open() {
    addEventListener("online", this.#again);
    addEventListener("signed-in", this.#again);
    this.#pinger = setInterval(() => this.#isReady && this.#socket.say("ping"), PING);
    this.#connect();
  }

  /** More was added to the run. */
  wake() {
    this.#pump();
  }

  /** Nothing more will be added: once everything is sent, the meeting ends. */
  finish() {
    this.#isFinishing = true;
    this.#pump();
  }

  /** Stop trying. */
  close() {
    this.#isClosed = true;
    this.#isReady = false;
    clearTimeout(this.#timer);
    clearInterval(this.#pinger);
    removeEventListener("online", this.#again);
    removeEventListener("signed-in", this.#again);
    this.#socket?.close();
  }

  #connect() {
    if (this.#isClosed || this.#isReady) return;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = connect("live", {}, {
      onOpen: () => this.#socket.say("start", this.#start()),
      onEvent: (event) => this.#take(event),
      onClose: (how) => this.#broken(how),
    });
  }

  #start() {
    const { meeting, title, language, format, sample_rate: rate, offset } = this.run.about;
    const shape = { format, ...(rate && { sample_rate: rate }), after: ALL_EVENTS };
    if (offset !== null) return { ...shape, meeting, ...(this.#isMissing && { first: this.run.start + offset }) };
    if (meeting !== null) return { ...shape, meeting, new_stream: true };
    return { ...shape, ...(title && { title }), ...(language && { language }) };
  }

  #take(event) {
    if (event.type === "ready") this.#ready(event);
    else if (event.type === "ack") this.#acknowledged((event.samples ?? event.bytes) - this.run.about.offset);
  }

  async #ready({ meeting, next_sample: sample, next_byte: byte }) {
    this.#tries = 0;
    this.#stopped = false;
    const { about, start } = this.run;
    const next = sample ?? byte;
    // The first time, the server says where the run begins; later, up to where it has the run for good.
    if (about.offset === null) this.run.note({ meeting, offset: next - start });
    const place = next - about.offset;
    if (place < start && !this.#isMissing) return this.#sayWhatIsMissing();
    this.#isMissing = false;
    this.#cursor = Math.max(place, start);
    this.#isReady = true;
    this.onLine(true);
    await this.run.drop(place);
    this.onReady(meeting);
    this.#pump();
  }

  // The server lost what it had acknowledged: said where this goes on, it leaves a gap that can be seen.
  #sayWhatIsMissing() {
    this.#isMissing = true;
    this.#connect();
  }

  async #acknowledged(place) {
    await this.run.drop(place);
    this.onSent();
  }

  async #pump() {
    if (this.#isPumping || !this.#isReady) return;
    this.#isPumping = true;
    const socket = this.#socket;
    const stands = () => this.#isReady && socket === this.#socket;
    while (stands() && this.#cursor < this.run.end) {
      if (socket.waiting > ROOM) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        continue;
      }
      const chunk = await this.run.read(this.#cursor);
      if (!stands()) break;
      // Acknowledged and forgotten between the two: the server has it.
      if (chunk) socket.send(chunk.data);
      this.#cursor = chunk ? chunk.end : Math.max(this.#cursor, this.run.start);
    }
    this.#isPumping = false;
    if (this.#isReady && socket !== this.#socket) return this.#pump();
    if (stands() && this.#isFinishing && !this.#stopped) {
      this.#stopped = true;
      socket.say("stop");
    }
  }

  async #broken({ code, refusal, opened }) {
    const isNew = this.run.about.offset === null;
    this.#isReady = false;
    if (this.#isClosed) return;
    if (code === 1000) return this.#leave(this.onEnd);
    // It took the end of the meeting before it could say so.
    if (refusal?.code === "over" && this.#isFinishing && this.#stopped) return this.#leave(this.onEnd);
    if (isFinal(refusal, isNew)) return this.#leave(() => this.onRefused(refusal));
    const status = opened ? 200 : await whyNot();
    if (this.#isClosed || this.#isReady) return;
    this.onLine(false, this.#words(refusal, status));
    if (status === 401) return;
    this.#timer = setTimeout(this.#again, waitAfter(this.#tries));
    this.#tries += 1;
  }

  #leave(then) {
    this.close();
    then();
  }

  #words(refusal, status) {
    if (status === 401) return "You are signed out.";
    if (status === 403) return "This key may not record.";
    return refusal && !["restart", "silent"].includes(refusal.code) ? refusal.message : "There is no connection to the server.";
  }
}
