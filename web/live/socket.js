/** A WebSocket to one of our routes: JSON in, and what became of it when it ends. */

import * as api from "../api.js";

/** The server says something at least every 15 s: a line that is silent for so long is dead. */
const SILENT = 25_000;
const WAITS = [500, 1000, 2000, 4000, 8000];

/** How long to wait before the next try. */
export const waitAfter = (tries) => WAITS[Math.min(tries, WAITS.length - 1)] * (0.8 + 0.4 * Math.random());

/**
 * Open a socket. `onOpen()`, `onEvent(event)`, and once `onClose({code, refusal, opened})`, where `refusal` is the
 * error that the server told last.
 */
export function connect(path, query, { onOpen = () => {}, onEvent, onClose }) {
  const place = new URL(api.address(path, query), location.href);
  place.protocol = place.protocol.replace("http", "ws");
  const socket = new WebSocket(place);
  socket.binaryType = "arraybuffer";
  let [refusal, opened, timer, ended] = [null, false, 0, false];
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => over(1006), SILENT);
  };
  const over = (code) => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    removeEventListener("offline", lost);
    socket.close();
    onClose({ code, refusal, opened });
  };
  const lost = () => over(1006);
  socket.addEventListener("open", () => {
    opened = true;
    heard();
    onOpen();
  });
  socket.addEventListener("message", ({ data }) => {
    if (ended) return;
    heard();
    const event = JSON.parse(data);
    if (event.type === "error") refusal = event;
    onEvent(event);
  });
  socket.addEventListener("close", ({ code }) => over(code));
  // A line that was cut would go on to look alive for minutes.
  addEventListener("offline", lost);
  heard();
  return {
    send: (data) => socket.readyState === WebSocket.OPEN && socket.send(data),
    say: (type, told = {}) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ type, ...told })),
    /** Bytes that wait to go out. */
    get waiting() {
      return socket.bufferedAmount;
    },
    close() {
      ended = true;
      clearTimeout(timer);
      removeEventListener("offline", lost);
      socket.close();
    },
  };
}

/**
 * A browser does not say why a socket was not opened: ask for something small. Whoever is signed out is asked to sign
 * in by that; returns the status, 0 while nobody answers, 200 if all is well.
 */
export async function whyNot() {
  try {
    await api.me();
    return 200;
  } catch (problem) {
    return problem.status ?? 0;
  }
}
