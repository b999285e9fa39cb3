/** Files -> uploads: two at a time, each with what was sent of it; they go on while other views are open. */

import { address, refused, Problem } from "./api.js";

const AT_ONCE = 2;

const items = [];
const listeners = new Set();
let counted = 0;

/** Call with all uploads, now and whenever one changes; returns how to stop that. */
export function onSending(listener, signal) {
  listeners.add(listener);
  signal?.addEventListener("abort", () => listeners.delete(listener));
  listener(items);
}

const changed = () => listeners.forEach((listener) => listener(items));

/** Send a file; `wish` holds title, language and speakers, as the user typed them. */
export function send(file, wish) {
  counted += 1;
  items.unshift({ key: counted, file, wish, title: wish.title || file.name, state: "waiting", sent: 0, speed: null, problem: null, meeting: null, request: null });
  next();
}

/** Stop an upload that is not complete: the server keeps nothing of it. */
export function cancel(item) {
  item.request?.abort();
  forget(item);
  next();
}

/** Send once more what failed. */
export function retry(item) {
  Object.assign(item, { state: "waiting", sent: 0, speed: null, problem: null });
  next();
}

/** Take an upload off the list. */
export function forget(item) {
  const at = items.indexOf(item);
  if (at >= 0) items.splice(at, 1);
  changed();
}

function next() {
  const moving = items.filter((item) => item.state === "sending").length;
  const waiting = items.filter((item) => item.state === "waiting").reverse();
  waiting.slice(0, Math.max(0, AT_ONCE - moving)).forEach(transfer);
  changed();
}

function transfer(item) {
  const request = new XMLHttpRequest();
  const begun = performance.now();
  item.request = request;
  item.state = "sending";
  request.open("POST", address("meetings"));
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (event) => {
    item.sent = event.lengthComputable ? event.loaded / event.total : 0;
    item.speed = event.loaded / Math.max(0.001, (performance.now() - begun) / 1000);
    changed();
  });
  request.addEventListener("load", () => (request.status < 300 ? accepted(item, request.responseText) : failed(item, refused(request.status, request.responseText))));
  request.addEventListener("error", () =>
    failed(item, new Problem(0, "The connection broke while sending. Nothing is lost on your side: send it again.")),
  );
  request.send(form(item));
}

// Fields come before the file, so that the server knows them before the first byte of sound.
function form({ file, wish }) {
  const form = new FormData();
  for (const [name, value] of Object.entries(wish)) if (value) form.append(name, value);
  form.append("file", file, file.name);
  return form;
}

function accepted(item, text) {
  item.meeting = JSON.parse(text);
  item.state = "sent";
  item.sent = 1;
  next();
  dispatchEvent(new CustomEvent("meeting-added", { detail: item.meeting }));
  forget(item);
}

function failed(item, problem) {
  item.state = "failed";
  item.problem = problem;
  next();
}

addEventListener("beforeunload", (event) => {
  if (items.some((item) => item.state === "sending" || item.state === "waiting")) event.preventDefault();
});
