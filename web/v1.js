/** The standard /v1 -> promises; errors come in OpenAI's shape, and become a `Problem` like all others. */

import { AWAY, Problem, refused, sentence } from "./api.js";

/** Return the sentence of an error in OpenAI's shape, or in ours. */
function words(status, text) {
  try {
    const { error } = JSON.parse(text);
    if (typeof error?.message === "string" && error.message) return error.message;
  } catch {
    // Not JSON: a proxy may have answered.
  }
  return sentence(status, text);
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, AWAY);
  }
  if (answer.ok) return answer;
  const text = await answer.text();
  throw answer.status === 401 ? refused(401, text) : new Problem(answer.status, words(answer.status, text));
}

const json = (body, signal) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });

/** Return all models, under every name. */
export const models = async (signal) => (await (await ask("/v1/models", { signal })).json()).data;

/** Return how engines and providers are: 503 tells it too. */
export async function health(signal) {
  const answer = await fetch("/health/ready", { signal }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, AWAY);
  });
  if (!answer.ok && answer.status !== 503) throw new Problem(answer.status, words(answer.status, await answer.text()));
  return answer.json();
}

/** Return what was used from a day to a day: 2026-11-20. */
export const usage = async (since, until, signal) => (await (await ask(`/v1/usage?since=${since}&until=${until}`, { signal })).json()).data;

/** Turn texts into vectors. */
export const embeddings = async (body, signal) => (await ask("/v1/embeddings", json(body, signal))).json();

/** Begin an answer that comes as events. */
export const chat = (body, signal) => ask("/v1/chat/completions", json({ ...body, stream: true, stream_options: { include_usage: true } }, signal));

/** Send a recording; its words come as events. */
export const transcription = (form, signal) => ask("/v1/audio/transcriptions", { method: "POST", body: form, signal });

/**
 * Yield the events of an answer, parsed. Throws a `Problem` where the server tells one in the middle, or where the
 * stream breaks off; stopping it lets go of the server's work.
 */
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  try {
    while (true) {
      const { done, value } = await reader.read().catch(broken);
      if (done) return;
      const whole = (held + value).replaceAll("\r\n", "\n").split("\n\n");
      held = whole.pop();
      for (const event of whole) {
        const data = event.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim()).join("\n");
        if (data === "[DONE]") return;
        if (data) yield told(data);
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function told(data) {
  const event = JSON.parse(data);
  if (event.error) throw new Problem(502, event.error.message ?? "The model's server broke off. Try again.");
  return event;
}

function broken(error) {
  if (error.name === "AbortError") throw error;
  throw new Problem(0, "The answer broke off: the connection was lost. Try again.");
}
