/** Sound that the server has not acknowledged: kept in IndexedDB, so that a reload or a crash loses none of it. */

const CHUNKS = "chunks";
const RUNS = "runs";
/** So many chunks stay in memory too; sound that waits longer is read back. */
const AT_HAND = 600;
/** After so many chunks it is noted how long the meeting is. */
const NOTED = 50;

let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("parley-live", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(RUNS, { keyPath: "key" });
      request.result.createObjectStore(CHUNKS, { keyPath: ["run", "place"] });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function store(name, mode) {
  return (await database()).transaction(name, mode, { durability: "relaxed" }).objectStore(name);
}

const all = (key) => IDBKeyRange.bound([key], [key, []]);

/** What other visits of this browser have left, newest first. */
export async function leftRuns() {
  const found = await done((await store(RUNS, "readonly")).getAll());
  return found.sort((a, b) => b.begun - a.begun);
}

/**
 * One run of sound, as one recorder makes it. Places count its samples, or its bytes, from 0. `about` says what it
 * belongs to: {key, begun, recording, meeting, title, language, format, sample_rate, offset, elapsed, finished}.
 */
export class Run {
  constructor(about) {
    this.about = about;
  }

  /** Begin a run. */
  static async begin(about) {
    const run = new Run({ key: crypto.randomUUID(), begun: Date.now(), meeting: null, offset: null, elapsed: 0, finished: false, ...about });
    await run.note({});
    return run;
  }

  /** Read back a run that an earlier visit left. */
  static async again(about) {
    const run = new Run(about);
    const request = (await store(CHUNKS, "readonly")).openCursor(all(about.key));
    await new Promise((resolve, reject) => {
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return resolve();
        const { place, units, seconds } = cursor.value;
        // Where a chunk could not be kept, what follows it has lost its place.
        if (run.#chunks.length > 0 && place !== run.end) return resolve();
        run.#note({ place, units, seconds });
        cursor.continue();
      };
    });
    return run;
  }

  /** Place after the last chunk. */
  end = 0;
  /** Why nothing more can be kept: a reload would now lose sound. Null as long as it can. */
  trouble = null;
  /** Seconds of sound that wait. */
  seconds = 0;
  #chunks = [];
  #atHand = new Map();
  #added = 0;
  #isForgotten = false;

  /** Place of the first chunk that is kept; the end if none is. */
  get start() {
    return this.#chunks[0]?.place ?? this.end;
  }

  /** Keep a chunk that follows those before. */
  add({ data, units, seconds }) {
    const place = this.end;
    this.#note({ place, units, seconds });
    this.#atHand.set(place, data);
    this.about.elapsed += seconds;
    this.#keep({ run: this.about.key, place, units, seconds, data });
    // What could not be kept must stay in memory.
    if (this.#atHand.size > AT_HAND && this.trouble === null) this.#atHand.delete(this.#atHand.keys().next().value);
  }

  #note(chunk) {
    this.#chunks.push(chunk);
    this.end = chunk.place + chunk.units;
    this.seconds += chunk.seconds;
  }

  async #keep(chunk) {
    this.#added += 1;
    try {
      await done((await store(CHUNKS, "readwrite")).put(chunk));
      if (this.#added % NOTED === 0) await this.note({});
    } catch (error) {
      this.trouble = error;
    }
  }

  /** Return what there is from a place on, as much as one chunk holds: {data, end}; null where nothing is kept. */
  async read(place) {
    const chunk = this.#chunkAt(place);
    if (!chunk) return null;
    const width = this.about.sample_rate ? 2 : 1;
    const kept = this.#atHand.get(chunk.place) ?? (await done((await store(CHUNKS, "readonly")).get([this.about.key, chunk.place])))?.data;
    // Somebody cleared what this browser keeps: silence holds the place of what is lost.
    const data = kept ?? new ArrayBuffer(chunk.units * width);
    return { data: data.slice((place - chunk.place) * width), end: chunk.place + chunk.units };
  }

  #chunkAt(place) {
    let [low, high] = [0, this.#chunks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#chunks[middle].place + this.#chunks[middle].units <= place) low = middle + 1;
      else high = middle;
    }
    return this.#chunks[low]?.place <= place ? this.#chunks[low] : null;
  }

  /** Forget what lies before a place: the server has it for good. */
  async drop(place) {
    const before = this.#chunks.findIndex((chunk) => chunk.place + chunk.units > place);
    const gone = this.#chunks.splice(0, before < 0 ? this.#chunks.length : before);
    if (gone.length === 0) return;
    for (const chunk of gone) {
      this.#atHand.delete(chunk.place);
      this.seconds -= chunk.seconds;
    }
    const { key } = this.about;
    await done((await store(CHUNKS, "readwrite")).delete(IDBKeyRange.bound([key], [key, gone.at(-1).place]))).catch(() => {});
  }

  /** Remember something about the run. */
  async note(changes) {
    Object.assign(this.about, changes);
    if (this.#isForgotten) return;
    try {
      await done((await store(RUNS, "readwrite")).put({ ...this.about }));
    } catch (error) {
      this.trouble = error;
    }
  }

  /** Leave no trace of it. */
  async forget() {
    this.#isForgotten = true;
    this.#chunks = [];
    this.#atHand.clear();
    try {
      const both = (await database()).transaction([CHUNKS, RUNS], "readwrite");
      both.objectStore(CHUNKS).delete(all(this.about.key));
      await done(both.objectStore(RUNS).delete(this.about.key));
    } catch {
      // It is tried again when the page is opened next.
    }
  }
}
