/** The control room: machine, engines, jobs, packages and log, looked at often while something moves. */

import * as api from "../api.js";
import { fully } from "../clock.js";
import { el } from "../dom.js";
import { empty, skeleton } from "../empty.js";
import { tell } from "../notice.js";
import { engines, moving } from "./engines.js";
import { jobs } from "./jobs.js";
import { log } from "./log.js";
import { machine } from "./machine.js";
import { packages } from "./packages.js";
import { servers } from "./servers.js";
import { token } from "./token.js";

const FAST = 1000;
const SLOW = 10_000;

/** Show it in `place` until `signal` aborts. */
export async function show(place, _, signal) {
  document.title = "Control room – Parley";
  const about = el("p", { class: "about" });
  const lost = el("p", { class: "problem", role: "status" });
  const body = el("div", {}, skeleton(8, "Looking at the server"));
  let timer = 0;
  const again = () => {
    clearTimeout(timer);
    look();
  };
  const made = () => ({ machine: machine(), engines: engines(again), jobs: jobs(again), token: token(), packages: packages(), log: log(signal) });
  let parts = made();
  const choice = servers((name) => {
    api.lookAt(name);
    parts = made();
    lost.textContent = "";
    body.replaceChildren(skeleton(8, "Looking at the server"));
    again();
  });
  place.append(el("div", { class: "page room" }, el("div", { class: "room-head" }, el("h1", {}, "Control room"), choice.element, about), lost, body));

  const look = async () => {
    const asked = parts;
    const stale = () => signal.aborted || asked !== parts;
    let pause = SLOW;
    try {
      const [status, queue] = await Promise.all([api.status(signal), api.jobs(signal), asked.log.look()]);
      if (stale()) return;
      const first = body.firstElementChild !== parts.machine.element;
      fill(parts, status, queue.items);
      choice.show(status);
      about.textContent = `Parley ${status.version} · server ${status.node} · since ${fully(status.started_at)}`;
      lost.textContent = "";
      if (first) {
        body.replaceChildren(...Object.values(parts).map((part) => part.element));
        tell(`The control room of ${status.node} is shown`);
      }
      if (status.engines.some(moving) || queue.items.length > 0) pause = FAST;
    } catch (problem) {
      if (problem.name === "AbortError" || problem.status === 401 || stale()) return;
      if (problem.status === 403) return body.replaceChildren(empty({ drawing: "warning", bad: true, title: "For administrators", text: problem.message }));
      const shown = body.firstElementChild === parts.machine.element;
      lost.textContent = shown ? `${problem.message} What is shown may be old.` : problem.message;
      if (!shown) body.replaceChildren();
    }
    clearTimeout(timer);
    // A page that nobody looks at asks nothing; it looks again when it is seen.
    if (!signal.aborted && !document.hidden) timer = setTimeout(look, pause);
  };
  document.addEventListener("visibilitychange", () => !document.hidden && again(), { signal });
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    api.lookAt(null);
  });
  await look();
}

function fill(parts, status, items) {
  parts.machine.show(status);
  parts.engines.show(status);
  parts.jobs.show(items);
  parts.token.show(status.token);
  parts.packages.show(status.dependencies);
  parts.log.show(status.started_at);
}
