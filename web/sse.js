/** A stream of server-sent events -> calls; it goes on after the last event whenever the line breaks. */

const TYPES = ["stage", "progress", "lag", "utterance", "utterances", "speaker", "gap", "summary", "meeting", "hypothesis", "error", "end", "state"];
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/**
 * Follow an address until `signal` aborts or the event `end` comes. `onEvent` is given {type, ...}; `onLine` whether
 * the line stands.
 */
export function follow(address, { onEvent, onLine = () => {}, signal }) {
  let [source, last, wait, timer] = [null, "", FIRST_WAIT, 0];

  const close = () => {
    clearTimeout(timer);
    source?.close();
  };
  const take = (message) => {
    if (message.lastEventId) last = message.lastEventId;
    const event = read(message);
    if (event === null) return;
    onEvent(event);
    if (event.type === "end") close();
  };
  const open = () => {
    // A new EventSource sends no Last-Event-ID: the query says it.
    const from = last ? `${address.includes("?") ? "&" : "?"}after=${encodeURIComponent(last)}` : "";
    source = new EventSource(address + from);
    source.addEventListener("open", () => {
      wait = FIRST_WAIT;
      onLine(true);
    });
    source.addEventListener("message", take);
    for (const type of TYPES.filter((type) => type !== "error")) source.addEventListener(type, take);
    source.addEventListener("error", (event) => {
      if (event instanceof MessageEvent) return take(event);
      onLine(false);
      // While it is CONNECTING the browser tries again by itself.
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  };

  signal.addEventListener("abort", close);
  open();
}

function read(message) {
  try {
    const event = JSON.parse(message.data);
    return { ...event, type: event.type ?? message.type };
  } catch {
    return null;
  }
}
