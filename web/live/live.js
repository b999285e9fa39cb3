/** A meeting's page while the meeting is live: captions as they come, and the better transcript after its end. */

import * as api from "../api.js";
import { eachFrame, el } from "../dom.js";
import { correcting } from "../meeting/correct.js";
import { tell, warn } from "../notice.js";
import { afterEvent } from "../stages.js";
import { Along } from "./along.js";
import { Bar } from "./bar.js";
import { watch } from "./follow.js";
import { Hypotheses } from "./hypotheses.js";
import { listenToLiveKeys } from "./keys.js";
import { onRecording } from "./now.js";

/** So many final lines are kept where screen readers hear of them. */
const SPOKEN = 4;

/** Make the page of a room live until `signal` aborts, or until the meeting is done. */
export function goLive(room, signal) {
  const live = new Live(room, signal);
  live.enter();
  return live;
}

class Live {
  constructor(room, signal) {
    this.room = room;
    this.#over = new AbortController();
    this.#signal = AbortSignal.any([signal, this.#over.signal]);
    this.#bar = new Bar(this.#signal);
    this.#hypotheses = new Hypotheses();
    this.#along = new Along(this.#signal);
    this.#spoken = el("div", { class: "unseen", role: "log", "aria-live": "polite", "aria-label": "Captions" });
    this.#show = eachFrame(() => !this.#signal.aborted && this.#draw());
    this.#drawRest = eachFrame(() => !this.#signal.aborted && room.refreshRest());
  }

  #over;
  #signal;
  #bar;
  #hypotheses;
  #along;
  #spoken;
  #show;
  #drawRest;
  #recording = null;
  #line = { stands: true };
  #lag = 0;
  #heard = 0;

  enter() {
    const { room } = this;
    room.element.dataset.live = "";
    // There is nothing to hear before the end.
    room.reading.player = null;
    room.transcript.element.after(this.#hypotheses.element, this.#along.element);
    room.element.append(this.#bar.element, this.#spoken);
    this.#signal.addEventListener("abort", () => this.#leave());
    listenToLiveKeys(() => this.#recording, this.#signal);
    onRecording((recording) => {
      this.#recording = recording?.meeting === room.meeting.id ? recording : null;
      this.#show();
    }, this.#signal);
    watch(room.meeting.id, {
      signal: this.#signal,
      onEvent: (event) => this.#takes[event.type]?.(event),
      onLine: (stands) => {
        this.#line = { stands };
        this.#show();
      },
      onOver: () => this.#end(),
    });
    this.#show();
    this.#along.move();
  }

  #takes = {
    snapshot: (event) => this.#begin(event),
    hypothesis: (event) => {
      this.#hypotheses.take(event);
      this.#hear(event.end);
    },
    utterance: ({ utterance }) => this.room.meeting.state === "live" && this.#final(utterance),
    speaker: ({ utterances, speaker }) => this.#relabel(utterances, speaker),
    gap: ({ start, end, stage, reason }) => this.#gap({ start, end, stage, reason }),
    lag: ({ lag }) => {
      this.#lag = lag;
      this.#show();
    },
    stage: (event) => this.#work(event),
    progress: (event) => this.#work(event),
    slide: ({ slide }) => this.room.slides.upsert(slide),
    summary: ({ summary }) => this.#finished(summary),
    error: (event) => event.code === "captions_failed" && warn(new Error(`There are no captions for now: ${event.message} The meeting is recorded all the same, and written down when it ends.`)),
    end: () => this.#end(),
    trashed: () => this.#end(),
  };

  #begin({ meeting, transcript, summary }) {
    const { room } = this;
    if (meeting.state !== "live") return this.#work({ stages: [] });
    room.replace(transcript);
    room.showState();
    if (summary) room.showSummary(summary);
    this.#hear(transcript.duration ?? 0);
    this.#along.move();
  }

  #final(utterance) {
    const { room } = this;
    const known = room.talk.place(utterance.id);
    this.#hypotheses.settle(utterance);
    const at = room.talk.upsert(utterance);
    this.#drawFrom(Math.min(known ?? at, at));
    this.#hear(utterance.end);
    this.#drawRest();
    if (known === undefined) this.#speak(utterance);
  }

  #drawFrom(index) {
    const { room } = this;
    const edited = room.transcript.element.querySelector(".line:has(.correct)");
    // Words that are being corrected are not pulled away: what changed is shown after that.
    if (edited && Number(edited.dataset.index) >= index) room.behind = true;
    else room.transcript.redrawFrom(index);
  }

  #relabel(ids, speaker) {
    const { talk, transcript } = this.room;
    const met = talk.speakers.length;
    talk.relabel(ids, speaker);
    const places = ids.map((id) => talk.place(id)).filter((index) => index !== undefined);
    // The first speaker gives everybody before a name: "Unknown" is said only beside others.
    if (met === 0) this.#drawFrom(0);
    else for (const index of new Set(places.flatMap((index) => [index, index + 1]))) transcript.redraw(index);
    this.#drawRest();
  }

  #gap(gap) {
    const { talk, transcript } = this.room;
    if (talk.gaps.some((known) => known.start === gap.start && known.stage === gap.stage)) return;
    talk.gaps.push(gap);
    if (talk.utterances.length === 0) transcript.draw();
    else transcript.redrawFrom(talk.utterances.length - 1);
    this.#along.move();
  }

  #speak({ speaker, text }) {
    this.#spoken.append(el("p", {}, speaker ? `${this.room.talk.name(speaker)}: ${text}` : text));
    while (this.#spoken.childElementCount > SPOKEN) this.#spoken.firstChild.remove();
  }

  #hear(end) {
    this.#heard = Math.max(this.#heard, end);
    this.#show();
    this.#along.move();
  }

  // The first stage that tells of itself says that the meeting has ended.
  async #work(event) {
    const { room } = this;
    if (room.meeting.state === "live") {
      room.meeting = { ...room.meeting, state: "processing" };
      room.element.dataset.finishing = "";
      this.#hypotheses.clear();
      tell("The meeting has ended. The transcript is being improved.");
      room.meeting = await api.meeting(room.meeting.id, this.#signal).catch(() => room.meeting);
    }
    room.meeting = { ...room.meeting, stages: afterEvent(room.meeting.stages, event) };
    this.#show();
    if (event.stage?.name === "attribute" && event.stage.state === "done") await this.#improve();
  }

  // Speakers told apart over the whole recording: better than anything that could be known while it went on.
  async #improve() {
    const { room } = this;
    const better = await api.transcript(room.meeting.id, this.#signal).catch(() => null);
    if (better?.utterances.length > 0 && !this.#signal.aborted) room.replace(better);
    if (correcting(room.transcript.element)) room.behind = true;
  }

  async #finished(summary) {
    // A summary that comes while people speak is a running one: the transcript is still that of the captions.
    if (this.room.meeting.state !== "live") await this.#improve();
    if (!this.#signal.aborted) this.room.showSummary(summary);
  }

  async #end() {
    const { room } = this;
    await room.reload();
    // A stream that was read from its start tells the ends of earlier runs too.
    if (this.#signal.aborted || room.meeting.state === "live") return;
    if (room.meeting.state === "processing" && !room.meeting.deleted_at) return;
    tell(room.meeting.state === "failed" ? "Processing failed" : "The meeting is complete");
    this.#over.abort();
  }

  #leave() {
    const { room } = this;
    this.#hypotheses.element.remove();
    this.#along.element.remove();
    this.#spoken.remove();
    this.#bar.element.remove();
    delete room.element.dataset.live;
    delete room.element.dataset.finishing;
    room.reading.player = room.player;
    room.player.reopen();
    room.showState();
  }

  #draw() {
    const { room } = this;
    const elapsed = this.#recording?.phase === "interrupted" ? Math.max(this.#recording.elapsed, this.#heard) : (this.#recording?.elapsed ?? this.#heard);
    this.#bar.show({ recording: this.#recording, meeting: room.meeting, elapsed, lag: this.#lag, line: this.#line });
  }
}
