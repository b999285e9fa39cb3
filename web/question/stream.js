/** A question -> the events of its answer, as they come: `passages`, each `sentence`, `end`. */

import { address, Problem, refused } from "../api.js";

const AWAY = "The answer broke off, because the server cannot be reached. Ask again.";

/** Ask; `onEvent` is given {type, ...}. Rejects with a `Problem` in words. */
export async function question(path, text, { onEvent, signal }) {
  const headers = { Accept: "text/event-stream", "Content-Type": "application/json" };
  let ended = false;
  try {
    const answer = await fetch(address(path), { method: "POST", headers, body: JSON.stringify({ question: text }), signal });
    if (!answer.ok) throw refused(answer.status, await answer.text());
    for await (const event of events(answer.body)) {
      ended ||= event.type === "end";
      onEvent(event);
    }
  } catch (problem) {
    if (problem.name === "AbortError" || problem instanceof Problem) throw problem;
    throw new Problem(0, AWAY);
  }
  if (!ended) throw new Problem(0, AWAY);
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (held + value).split("\n\n");
    held = parts.pop();
    for (const part of parts) {
      const data = part.split("\n").find((line) => line.startsWith("data: "));
      if (data) yield JSON.parse(data.slice(6));
    }
  }
}
