/** The parts of a meeting's page, put together: what happens in one shows in the others. */

import * as api from "../api.js";
import { el } from "../dom.js";
import { tell, warn } from "../notice.js";
import { go } from "../router.js";
import { throwAway } from "../list/row.js";
import { asked, offer } from "./asked.js";
import { correcting } from "./correct.js";
import { Evidence } from "./evidence.js";
import { Find } from "./find.js";
import { followMeeting, isGoingOn } from "./follow.js";
import { Heading } from "./heading.js";
import { listenToKeys, showKeys } from "./keys.js";
import { askHow } from "./make.js";
import { parts } from "./parts.js";
import { Player } from "./player.js";
import { Progress } from "./progress.js";
import { Reading } from "./reading.js";
import { Slides } from "./slides.js";
import { Speakers } from "./speakers.js";
import { Summary } from "./summary.js";
import { Talk } from "./talk.js";
import { Tools } from "./tools.js";
import { Transcript } from "./transcript.js";

export class Room {
  constructor(meeting, transcript, summary, { signal, editable, home }) {
    Object.assign(this, { meeting, editable, signal });
    const talk = new Talk(transcript);
    this.talk = talk;
    this.transcript = new Transcript(talk, { signal, onBuilt: () => this.find?.paint() });
    this.slides = new Slides(meeting.id, { onSeek: (time) => this.goTo(time) });
    this.reading = new Reading(talk, this.transcript, { signal });
    this.find = new Find(talk, this.transcript, this.reading, { signal });
    this.player = new Player(api.audioOf(meeting.id), talk, { signal, duration: meeting.duration, onTime: (time, playing) => this.hear(time, playing) });
    this.reading.player = this.player;
    this.tools = new Tools(talk, this.transcript, this.reading, { meeting: meeting.id, editable, signal, onChanged: (utterance) => this.changed(utterance), onStale: () => this.reload(), onFree: () => this.catchUp() });
    this.speakers = new Speakers(talk, { meeting: meeting.id, editable, onNamed: () => this.redraw(), onMerged: (fresh) => this.replace(fresh), onListen: (utterance) => this.listen(utterance) });
    this.evidence = new Evidence(talk, { signal, slideAt: (time) => this.slideAt(time) });
    this.summary = new Summary(talk, { meeting: meeting.id, editable, title: () => this.meeting.title, running: () => this.meeting.state === "live", evidence: this.evidence, slides: this.slides, onCited: (ids, at) => this.cite(ids, at), onSlide: (slide) => this.showSlide(slide), onAgain: () => this.makeAgain() });
    // Whoever has only a link reads, and asks nothing.
    this.asked = editable && asked(meeting.id, { signal, onCited: (citation) => this.playCited(citation) });
    this.progress = new Progress({ editable, onAgain: (stage) => this.again(stage ?? meeting.stages[0]?.name), onDelete: () => this.remove(), onRestore: () => this.restore() });
    this.heading = new Heading(meeting, { editable, home, on: { find: () => this.openFind(), keys: () => showKeys(editable), again: (stage, wish) => this.again(stage, wish), remove: () => this.remove() } });
    this.parts = parts();
    this.element = el(
      "div",
      { class: "meeting", data: { part: "words" } },
      this.heading.element,
      this.progress.element,
      this.parts,
      el(
        "div",
        { class: "columns" },
        el("div", { class: "column-words" }, this.slides.element, this.find.element, this.transcript.element, this.reading.back),
        el("aside", { class: "column-aside", "aria-label": "Summary and speakers" }, this.asked, this.summary.element, this.speakers.element),
      ),
      this.player.element,
    );
    this.given = summary;
  }

  /** Whether something new is not shown, because words are being corrected. */
  behind = false;
  /** Number of the last event that was seen. */
  seen = 0;

  /** Once the element is on the page: draw what depends on its size, and go where the address says. */
  enter() {
    this.showState();
    this.showSummary(this.given);
    this.player.refresh(this.meeting.duration);
    this.reading.settle();
    listenToKeys({ ...this, find: { open: () => this.openFind() } }, this.signal);
    addEventListener("hashchange", () => this.goToMoment(), { signal: this.signal });
    this.goToMoment();
    this.readSlides();
    if (this.meeting.state === "live" && !this.meeting.deleted_at) this.goLive();
    else if (isGoingOn(this.meeting)) followMeeting(this, this.signal);
  }

  async goLive() {
    const { goLive } = await import("../live/live.js");
    if (!this.signal.aborted) goLive(this, this.signal);
  }

  openFind(text) {
    this.look("words");
    this.find.open(text);
  }

  /** Where only one part fits, show this one. */
  look(part) {
    this.element.dataset.part = part;
    this.parts.show(part);
  }

  goToMoment() {
    const words = new URLSearchParams(location.search).get("find");
    const moment = new URLSearchParams(location.hash.slice(1));
    const at = this.talk.place(moment.get("u")) ?? (moment.has("t") ? this.talk.at(Number(moment.get("t"))) : undefined);
    if (at === undefined || at < 0) return;
    this.reading.show(at, { marked: true });
    this.player.seek(Number(moment.get("t")) || this.talk.utterances[at].start, { play: moment.has("play") });
    if (words) this.find.mark(words, at);
  }

  showState(broken = false) {
    this.progress.show(this.meeting, broken);
    this.heading.show(this.meeting);
    this.element.dataset.state = this.meeting.state;
    this.player.element.hidden = this.meeting.state === "live";
    if (this.asked) offer(this.asked, this.meeting.state !== "failed" || this.talk.utterances.length > 0);
    if (this.talk.utterances.length > 0 || this.talk.gaps.length > 0) return;
    if (this.meeting.state === "live") this.transcript.nothing("Captions appear here as soon as somebody speaks.");
    else if (isGoingOn(this.meeting)) this.transcript.wait("Words appear here as soon as they are known");
    else this.transcript.nothing(this.meeting.state === "failed" ? "There is no transcript, because processing failed." : "No speech was found in this recording.");
  }

  showSummary(summary) {
    const words = this.meeting.state === "live" ? "It comes after some minutes and grows with the meeting, or when the meeting is over." : isGoingOn(this.meeting) ? "It comes when the transcript is complete." : this.meeting.state === "failed" ? "There is none, because processing failed." : "There is none yet.";
    this.summary.show(summary, words, this.meeting.state === "done");
  }

  /** Show evidence: the one at `at` of these utterances, all of them marked. */
  cite(ids, at) {
    this.look("words");
    const indices = ids.map((id) => this.talk.place(id)).filter((index) => index !== undefined);
    const index = this.talk.place(ids[at]);
    this.reading.mark(indices);
    this.reading.show(index, { focus: true });
    if (!this.player.playing) this.player.seek(this.talk.utterances[index].start);
  }

  /** What is heard at a time shows in the words and in the slides. */
  hear(time, playing) {
    this.reading.hear(time, playing);
    this.slides.hear(time);
  }

  slideAt(time) {
    const slide = this.slides.at(time);
    return slide && this.slides.picture(slide);
  }

  goTo(time) {
    const at = this.talk.at(time);
    if (at >= 0) this.reading.show(at);
    if (this.meeting.state !== "live") this.player.seek(time, { play: this.player.playing });
  }

  /** Show a slide that is cited: the words of its moment, and its place in the strip. */
  showSlide(slide) {
    this.look("words");
    this.slides.hear(slide.start);
    this.goTo(slide.start);
  }

  async readSlides() {
    try {
      const { items, unread } = await api.slides(this.meeting.id, this.signal);
      this.slides.show(items);
      this.slides.note(unread);
      // What it cites of them can be shown only now.
      if (this.summary.summary && this.slides.some()) this.showSummary(this.summary.summary);
    } catch (problem) {
      warn(problem);
    }
  }

  /** Play the moment that an answer cites; a meeting that goes on only shows it. */
  playCited({ utterance, start }) {
    this.look("words");
    const at = this.talk.place(utterance) ?? this.talk.at(start);
    if (at >= 0) this.reading.show(at, { marked: true });
    if (this.meeting.state !== "live") this.player.seek(start, { play: true });
  }

  async makeAgain() {
    const wish = await askHow(this.summary.summary);
    if (wish) await this.again("summarize", wish);
  }

  listen(utterance) {
    this.look("words");
    this.reading.show(this.talk.place(utterance.id));
    this.player.seek(utterance.start, { play: true });
  }

  /** An utterance is different now. */
  changed(utterance) {
    const before = this.talk.place(utterance.id);
    const met = this.talk.speakers.length;
    const at = this.talk.upsert(utterance);
    if (before === at && met === this.talk.speakers.length) for (const index of [at, at + 1]) this.transcript.redraw(index);
    else this.transcript.redrawFrom(Math.min(before ?? at, at));
    this.refreshRest();
  }

  /** Names changed: draw everything that shows them. */
  redraw() {
    this.behind = correcting(this.transcript.element);
    if (this.behind) return;
    this.transcript.draw();
    this.refreshRest();
  }

  refreshRest() {
    this.reading.settle();
    this.find.again();
    this.speakers.draw();
    this.player.refresh(this.meeting.duration);
    if (this.summary.summary) this.summary.show(this.summary.summary);
  }

  /** Take another transcript in the place of the one that is shown; the reader stays where they are. */
  replace(transcript) {
    // Words that are being corrected right now are not pulled away.
    this.behind = correcting(this.transcript.element);
    if (this.behind) return;
    this.talk.replace(transcript);
    this.redraw();
  }

  /** After a correction: show what came meanwhile. */
  catchUp() {
    if (this.behind) this.reload();
  }

  /** Read everything again. */
  async reload() {
    try {
      const { id } = this.meeting;
      const [meeting, transcript, summary] = await Promise.all([api.meeting(id, this.signal), api.transcript(id, this.signal), api.summary(id, this.signal)]);
      this.meeting = meeting;
      this.replace(transcript);
      this.showState();
      this.showSummary(summary);
    } catch (problem) {
      warn(problem);
    }
  }

  async again(stage, wish = {}) {
    try {
      const asked = stage === "summarize" ? api.summarise(this.meeting.id, wish) : api.runAgain(this.meeting.id, { from: stage, ...wish });
      this.meeting = { ...this.meeting, error: null, ...(await asked) };
      this.showState();
      if (stage === "summarize") this.summary.show(null, "It is being made again.");
      tell("Running again");
      followMeeting(this, this.signal);
    } catch (problem) {
      warn(problem);
    }
  }

  async restore() {
    try {
      this.meeting = { ...this.meeting, ...(await api.restore(this.meeting.id)) };
      this.showState();
      if (isGoingOn(this.meeting)) followMeeting(this, this.signal);
    } catch (problem) {
      warn(problem);
    }
  }

  remove() {
    return throwAway(this.meeting, () => go("/"));
  }
}
