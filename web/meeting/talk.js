/** A transcript -> what can be asked of it quickly: who speaks at a time, which word, what a label is called. */

/** Colours that style/tokens.css has for speakers. */
export const COLOURS = 10;

const byTime = (a, b) => a.start - b.start || a.end - b.end || (a.id < b.id ? -1 : 1);

export class Talk {
  constructor(transcript) {
    this.replace(transcript);
  }

  /** Take another transcript in the place of this one. */
  replace({ utterances, speakers, gaps, language, duration }) {
    this.utterances = [...utterances].sort(byTime);
    this.speakers = [...speakers];
    this.gaps = [...gaps].sort(byTime);
    this.language = language;
    this.duration = duration ?? 0;
    this.#measured = new WeakMap();
    this.#index();
  }

  #measured;
  #starts;
  #places;

  #index() {
    this.#starts = Float64Array.from(this.utterances, (utterance) => utterance.start);
    this.#places = new Map(this.utterances.map((utterance, index) => [utterance.id, index]));
  }

  /** Put an utterance in the place of the one with its id, or where its time says; returns its index. */
  upsert(utterance) {
    const known = this.#places.get(utterance.id);
    if (known !== undefined) this.utterances.splice(known, 1);
    let at = this.utterances.length;
    while (at > 0 && byTime(utterance, this.utterances[at - 1]) < 0) at -= 1;
    this.utterances.splice(at, 0, utterance);
    this.#meet(utterance.speaker);
    this.duration = Math.max(this.duration, utterance.end);
    this.#index();
    return at;
  }

  /** Whether another utterance of the same track fills the time of this one. */
  collides({ id, start, end }) {
    const track = id.slice(0, id.lastIndexOf("-"));
    for (let index = lastNotAfter(this.#starts, end); index >= 0 && index > lastNotAfter(this.#starts, start) - 9; index -= 1) {
      const other = this.utterances[index];
      const common = Math.min(end, other.end) - Math.max(start, other.start);
      if (other.id.slice(0, other.id.lastIndexOf("-")) === track && common > 0.1) return true;
    }
    return false;
  }

  /** Say who spoke some utterances: labels that come late. */
  relabel(ids, speaker) {
    this.#meet(speaker);
    for (const id of ids) {
      const at = this.#places.get(id);
      if (at !== undefined) this.utterances[at] = { ...this.utterances[at], speaker };
    }
  }

  #meet(label) {
    if (label && !this.speakers.some((speaker) => speaker.label === label)) this.speakers.push({ label, name: null });
  }

  /** Index of an utterance; undefined for an id that is not here. */
  place(id) {
    return this.#places.get(id);
  }

  /** Index of the utterance that is heard at a time, or of the last one before it; -1 before the first. */
  at(time) {
    let last = lastNotAfter(this.#starts, time);
    // A short remark inside a longer one: once it is over, the longer one is heard still.
    for (let index = last, steps = 0; index >= 0 && steps < 8; index -= 1, steps += 1) {
      if (this.utterances[index].end > time) return index;
    }
    return last;
  }

  /** Index of the word that is heard at a time in an utterance, or of the last one before it; -1 before the first. */
  wordAt(utterance, time) {
    return lastNotAfter(this.measure(utterance).starts, time);
  }

  /** Index of the word that holds a character of the utterance's text; -1 without words. */
  wordOf(utterance, offset) {
    const { begins } = this.measure(utterance);
    return Math.max(lastNotAfter(begins, offset), begins.length ? 0 : -1);
  }

  /** Where the words of an utterance stand in its text: `begins`, `ends` (characters) and `starts` (seconds). */
  measure(utterance) {
    const known = this.#measured.get(utterance);
    if (known) return known;
    const words = utterance.words ?? [];
    const measured = { begins: new Float64Array(words.length), ends: new Float64Array(words.length), starts: new Float64Array(words.length) };
    let from = 0;
    words.forEach((word, index) => {
      const found = utterance.text.indexOf(word.text, from);
      const begin = found < 0 ? from : found;
      measured.begins[index] = begin;
      measured.ends[index] = Math.min(utterance.text.length, begin + word.text.length);
      measured.starts[index] = word.start;
      from = measured.ends[index];
    });
    this.#measured.set(utterance, measured);
    return measured;
  }

  /** What a label is shown as. */
  name(label) {
    if (!label) return "Unknown";
    const speaker = this.speakers.find((speaker) => speaker.label === label);
    if (speaker?.name) return speaker.name;
    return /^S\d+$/.test(label) ? `Speaker ${label.slice(1)}` : label;
  }

  /** Words of a model, with what its labels of speakers are shown as. */
  called(text) {
    return text.replace(/(?<![\w-])S\d+(?![\w-])/g, (label) => (this.speakers.some((speaker) => speaker.label === label) ? this.name(label) : label));
  }

  /** Number of a label's colour; null for nobody. */
  colour(label) {
    if (!label) return null;
    const at = this.speakers.findIndex((speaker) => speaker.label === label);
    return (at < 0 ? [...label].reduce((sum, letter) => sum + letter.codePointAt(0), 0) : at) % COLOURS;
  }

  /** Seconds that each label speaks. */
  shares() {
    const seconds = new Map(this.speakers.map((speaker) => [speaker.label, 0]));
    for (const { speaker, start, end } of this.utterances) {
      if (speaker) seconds.set(speaker, (seconds.get(speaker) ?? 0) + end - start);
    }
    return seconds;
  }
}

/** Index of the last number that is not after `wanted`, in rising numbers; -1 if all are. */
function lastNotAfter(numbers, wanted) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
