/** A stream of server-sent events -> calls; it goes on after the last event whenever the line breaks. */

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/**
 * Follow an address until `signal` aborts, or until the server closes it after the event `end`. `onEvent` is given
 * {type, ...}; `onLine` whether the line stands. `after` is the number of the last event that is known already.
 */
export function follow(address, { onEvent, onLine = () => {}, signal, after = 0 }) {
  let [source, last, wait, timer, ended] = [null, after, FIRST_WAIT, 0, false];

  const close = () => {
    clearTimeout(timer);
    source?.close();
  };
  const take = (message) => {
    const event = read(message.data);
    if (event === null) return;
    if (event.seq) last = event.seq;
    // More may follow the end of a run: that of the next one.
    ended = event.type === "end";
    onEvent(event);
  };
  const open = () => {
    // A new EventSource sends no Last-Event-ID: the query says it.
    const from = last ? `${address.includes("?") ? "&" : "?"}after=${last}` : "";
    source = new EventSource(address + from);
    source.addEventListener("open", () => {
      wait = FIRST_WAIT;
      onLine(true);
    });
    source.addEventListener("message", take);
    source.addEventListener("error", () => {
      if (ended) return close();
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

function read(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
