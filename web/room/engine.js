/** One engine -> its card. */

import * as api from "../api.js";
import { ask } from "../ask.js";
import { bytes } from "../clock.js";
import { el } from "../dom.js";
import { menu } from "../menu.js";
import { tell, warn } from "../notice.js";
import { chooseDevices } from "./devices.js";

const STATES = {
  absent: "Not downloaded",
  downloading: "Downloading",
  on_disk: "On disk",
  loading: "Loading",
  ready: "Ready",
  unloading: "Unloading",
  failed: "Failed",
};

/** Make the card; `show(engine, gpus)` brings it up to date and keeps the focus where it is. */
export function engineCard(changed) {
  const parts = {
    head: el("div", { class: "row-title" }),
    about: el("p", { class: "about" }),
    progress: el("div", { class: "row-progress", hidden: true }),
    error: el("p", { class: "row-error", role: "status" }),
    install: el("p", { class: "hint" }),
    buttons: el("div", { class: "engine-buttons" }),
  };
  const { buttons, ...told } = parts;
  const element = el("li", { class: "row engine" }, el("div", { class: "row-body" }, ...Object.values(told)), buttons);
  let drawn = "";
  const speed = new Speed();
  const show = (engine, gpus) => {
    const { runtime } = engine;
    element.dataset.state = runtime.state ?? "none";
    say(parts.head, [el("span", { class: "engine-name" }, engine.key), badge(engine), engine.chosen && el("span", { class: "chip" }, "in use"), engine.pinned && el("span", { class: "chip" }, "stays loaded")]);
    say(parts.about, [facts(engine)]);
    say(parts.error, [runtime.last_error ?? ""]);
    say(parts.install, engine.install && runtime.state !== "ready" ? ["It lacks packages: ", el("code", {}, engine.install)] : []);
    parts.progress.hidden = runtime.progress === null;
    if (runtime.progress) say(parts.progress, bar(engine, speed.of(runtime.progress.done)));
    else speed.forget();
    // Buttons are made anew only when others are due: the focus stays on those that remain.
    const due = `${runtime.state} ${engine.pinned} ${gpus.length}`;
    // A menu that is open stays until somebody chose from it.
    if (due === drawn || buttons.querySelector(":popover-open")) return;
    drawn = due;
    const inside = buttons.contains(document.activeElement);
    buttons.replaceChildren(...actions(engine, gpus, changed));
    if (inside) buttons.querySelector("button")?.focus();
  };
  return { element, show };
}

/** Bytes so far -> bytes a second, over the last few looks. */
class Speed {
  #seen = [];

  of(done) {
    const now = performance.now();
    this.#seen = [...this.#seen, [now, done]].slice(-6);
    const [since, before] = this.#seen[0];
    return now > since ? Math.max(0, ((done - before) * 1000) / (now - since)) : 0;
  }

  forget() {
    this.#seen = [];
  }
}

function say(place, content) {
  const made = el("div", {}, ...content);
  if (made.innerHTML !== place.innerHTML) place.replaceChildren(...made.childNodes);
}

function badge({ runtime }) {
  const kind = runtime.state === "ready" ? "good" : runtime.state === "failed" || runtime.state === null ? "failed" : "calm";
  return el("span", { class: `badge ${kind}` }, STATES[runtime.state] ?? "Cannot be used");
}

function facts({ model, licence, languages, memory, runtime, idle_unload_seconds }) {
  const known = [
    model,
    licence,
    languages.length > 1 && `${languages.length} languages`,
    memory > 0 && `${bytes(memory)} of memory`,
    runtime.state !== null && (runtime.device === "cpu" ? "on the processor" : `on ${runtime.device}`),
    runtime.details.sample_rate !== null && `hears ${runtime.details.sample_rate / 1000} kHz`,
    runtime.busy > 0 && `${runtime.busy} at work`,
    idle_unload_seconds !== null && `unloads after ${Math.round(idle_unload_seconds)} s without work`,
  ];
  return known.filter(Boolean).join(" · ");
}

function bar({ key, runtime: { progress } }, speed) {
  const { done, total } = progress;
  const text = total ? `${bytes(done)} of ${bytes(total)} · ${Math.floor((100 * done) / total)} %` : "Asking the hub";
  const left = total && speed > 0 ? ` · ${bytes(speed)}/s` : "";
  return [el("progress", { max: 1, value: total ? done / total : null, "aria-label": `Download of ${key}` }), el("span", {}, text + left)];
}

function actions(engine, gpus, changed) {
  const { key, runtime, pinned } = engine;
  const act = (run, done) => async () => {
    try {
      await run();
      tell(done);
    } catch (problem) {
      warn(problem);
    }
    changed();
  };
  const button = (label, run, kind = "plain") => el("button", { type: "button", class: kind, "aria-label": `${label}: ${key}`, on: { click: run } }, label);
  const download = act(() => api.downloadModel(key, {}), `${key} is being downloaded`);
  const unload = act(() => api.unloadModel(key), `${key} is being unloaded`);
  const load = async () => {
    const wish = await chooseDevices(engine, gpus);
    if (wish) await act(() => api.loadModel(key, wish), `${key} is being loaded`)();
  };
  const force = async () => {
    const sure = await ask({ title: `Download ${key} again?`, text: "Every file is fetched anew and checked. A loaded engine is unloaded first.", yes: "Download again" });
    if (sure) await act(() => api.downloadModel(key, { force: true }), `${key} is being downloaded`)();
  };
  const pin = act(() => api.loadModel(key, { pin: !pinned }), pinned ? `${key} may be unloaded when idle` : `${key} stays loaded`);
  const more = (...items) => menu({ label: `More for ${key}`, items: () => items });
  const again = { label: "Download again…", icon: "save", run: force };
  const offered = {
    absent: () => [button("Download", download, "main")],
    downloading: () => [button("Stop", unload)],
    on_disk: () => [button("Load", load), more(again)],
    ready: () => [button("Unload", unload), more({ label: pinned ? "Unload when idle" : "Keep loaded", icon: "check", run: pin }, { label: "Load elsewhere…", icon: "again", run: load }, again)],
    failed: () => [button("Try again", load, "main"), more(again, { label: "Put away", icon: "close", run: unload })],
  };
  return offered[runtime.state]?.() ?? [];
}
