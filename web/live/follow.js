/** The events of a live meeting -> calls, over as many connections as it takes. */

import { isFinal } from "./refusals.js";
import { connect, waitAfter, whyNot } from "./socket.js";

/**
 * Follow a meeting until `signal` aborts: first `snapshot`, then every event; `onLine(stands)` tells of the line,
 * `onOver()` that the server has nothing more to say.
 */
export function watch(id, { onEvent, onLine, onOver, signal }) {
  let [socket, seen, tries, timer] = [null, null, 0, 0];
  const open = () => {
    clearTimeout(timer);
    socket?.close();
    socket = connect(`meetings/${encodeURIComponent(id)}/live`, { after: seen }, { onOpen, onEvent: take, onClose: closed });
  };
  const onOpen = () => {
    tries = 0;
    onLine(true);
  };
  const take = (event) => {
    if (event.seq) seen = event.seq;
    if (event.type !== "error" || event.code === "captions_failed" || event.seq) onEvent(event);
  };
  const closed = async ({ code, refusal, opened }) => {
    if (signal.aborted) return;
    if (code === 1000 || isFinal(refusal, false)) return onOver();
    onLine(false);
    if (!opened && (await whyNot()) === 401) return;
    if (signal.aborted) return;
    timer = setTimeout(open, waitAfter(tries));
    tries += 1;
  };
  addEventListener("online", open, { signal });
  addEventListener("signed-in", open, { signal });
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    socket?.close();
  });
  open();
}
