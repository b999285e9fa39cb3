/** The server's routes -> promises; whatever goes wrong is a `Problem` in words. */

/** What the server refused, or that it could not be reached. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    /** HTTP status; 0 where no answer came. */
    this.status = status;
  }
}

/** What is said where no answer came. */
export const AWAY = "The server cannot be reached. Check that it runs and that you are connected, then try again.";
const IN_WORDS = {
  401: "You are signed out. Sign in again to go on.",
  403: "Your key does not allow this.",
  404: "This does not exist, or it belongs to somebody else.",
  409: "This changed in the meantime. Load the page again to see it as it is now.",
  413: "This is larger than the server accepts.",
  429: "Too many requests for now. Wait a minute, then try again.",
  503: "The server cannot do this right now. Try again in a moment.",
};

/** Return the sentence of an answer that is an error. */
export function sentence(status, text) {
  try {
    const { detail, title } = JSON.parse(text);
    if (typeof detail === "string" && detail) return detail;
    if (typeof title === "string" && title) return `${title}.`;
  } catch {
    // Not problem+json: a proxy may have answered.
  }
  return IN_WORDS[status] ?? `The server answered ${status}. Try again; if it stays so, look at the server's log.`;
}

let share = null;

/** Read one meeting by a share link from now on (null: as whoever is signed in). */
export function openWith(token) {
  share = token;
}

/** Write an address under /api. */
export function address(path, query = {}) {
  const wanted = Object.entries({ ...query, share }).filter(([, value]) => value !== null && value !== undefined);
  const asked = new URLSearchParams(wanted.map(([key, value]) => [key, String(value)])).toString();
  return asked ? `/api/${path}?${asked}` : `/api/${path}`;
}

async function ask(method, path, { query, body, signal, none = false } = {}) {
  const headers = body === undefined ? { Accept: "application/json" } : { Accept: "application/json", "Content-Type": "application/json" };
  let answer;
  try {
    answer = await fetch(address(path, query), { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, AWAY);
  }
  if (none && answer.status === 404) return null;
  if (!answer.ok) throw refused(answer.status, await answer.text());
  return answer.status === 204 ? null : answer.json();
}

/** Make the problem of an answer; who is signed out is asked to sign in at once. */
export function refused(status, text) {
  if (status === 401 && share === null) dispatchEvent(new Event("signed-out"));
  return new Problem(status, sentence(status, text));
}

const of = (id) => `meetings/${encodeURIComponent(id)}`;
const get = (path, options) => ask("GET", path, options);

export const meetings = (query, signal) => get("meetings", { query, signal });
export const meeting = (id, signal) => get(of(id), { signal });
export const transcript = (id, signal) => get(`${of(id)}/transcript`, { query: { format: "json" }, signal });
export const summary = (id, signal) => get(`${of(id)}/summary`, { signal, none: true });
export const found = (query, signal) => get("search", { query, signal });
export const templates = (signal) => get("templates", { signal });
export const slides = (id, signal) => get(`${of(id)}/slides`, { signal });
export const doneActions = (id, signal) => get(`${of(id)}/actions`, { signal });
export const shares = (id, signal) => get(`${of(id)}/share`, { signal });

export const change = (id, body) => ask("PATCH", of(id), { body });
export const remove = (id) => ask("DELETE", of(id));
export const purge = (id) => ask("DELETE", of(id), { query: { purge: true } });
export const restore = (id) => ask("POST", `${of(id)}/restore`);
export const correct = (id, utterance, body) => ask("PATCH", `${of(id)}/utterances/${encodeURIComponent(utterance)}`, { body });
export const merge = (id, label, into) => ask("POST", `${of(id)}/speakers/merge`, { body: { label, into } });
export const runAgain = (id, body) => ask("POST", `${of(id)}/runs`, { body });
export const summarise = (id, body) => ask("POST", `${of(id)}/summary`, { body });
export const tick = (id, body) => ask("PATCH", `${of(id)}/actions`, { body });
export const makeShare = (id, body) => ask("POST", `${of(id)}/share`, { body });
export const endShare = (id, link) => ask("DELETE", `${of(id)}/share/${encodeURIComponent(link)}`);
export const sample = () => ask("POST", "meetings/sample");
export const signIn = (key) => ask("POST", "sign-in", { body: { key } });
export const signOut = () => ask("POST", "sign-out");
export const me = () => get("me");
export const keys = async (signal) => (await get("keys", { signal })).items;
export const makeKey = (body) => ask("POST", "keys", { body });
export const revokeKey = (id) => ask("DELETE", `keys/${encodeURIComponent(id)}`);
export const opened = (token, signal) => get(`shared/${encodeURIComponent(token)}`, { signal });

let node = null;

/** Ask another server on the database, by name, for its status, engines, token and log from now on (null: this one). */
export function lookAt(name) {
  node = name;
}

const engine = (key, does, body) => ask("POST", `admin/models/${encodeURIComponent(key)}/${does}`, { query: { node }, body });
export const status = (signal) => get("admin/status", { query: { node }, signal });
export const jobs = (signal) => get("admin/jobs", { signal });
export const logAfter = (after, signal) => get("admin/log", { query: { after, node }, signal });
export const downloadModel = (key, body) => engine(key, "download", body);
export const loadModel = (key, body) => engine(key, "load", body);
export const unloadModel = (key) => engine(key, "unload");
export const cancelJob = (id) => ask("POST", `admin/jobs/${encodeURIComponent(id)}/cancel`);
export const setToken = (token) => ask("POST", "admin/huggingface/token", { query: { node }, body: { token } });
export const forgetToken = () => ask("DELETE", "admin/huggingface/token", { query: { node } });

export const eventsOf = (id) => address(`${of(id)}/events`);
export const audioOf = (id) => address(`${of(id)}/audio`);
export const fileOf = (id, format) => address(`${of(id)}/transcript`, { format });
