/** Files that are dropped or chosen -> a short form, then sending. */

import { ask, field } from "../ask.js";
import { bytes } from "../clock.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { warn } from "../notice.js";
import { send } from "../sending.js";
import { language, numberOf, speakers } from "../wishes.js";

/** Let recordings be dropped anywhere on the page until `signal` aborts. */
export function acceptDrops(signal) {
  const veil = el("div", { class: "veil", hidden: true }, el("div", {}, icon("upload"), el("strong", {}, "Drop to transcribe")));
  document.body.append(veil);
  signal.addEventListener("abort", () => veil.remove());
  let depth = 0;
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const listen = (type, run) => addEventListener(type, (event) => carriesFiles(event) && run(event), { signal });
  listen("dragenter", () => {
    depth += 1;
    veil.hidden = false;
  });
  listen("dragleave", () => {
    depth = Math.max(0, depth - 1);
    veil.hidden = depth === 0;
  });
  listen("dragover", (event) => event.preventDefault());
  listen("drop", (event) => {
    event.preventDefault();
    depth = 0;
    veil.hidden = true;
    propose([...event.dataTransfer.files]);
  });
}

/** Let the user choose files. */
export function pick() {
  const input = el("input", { type: "file", multiple: true, accept: "audio/*,video/*,.mkv,.m4a,.opus,.ogg,.oga,.flac,.amr,.wma,.caf", hidden: true });
  input.addEventListener("change", () => propose([...input.files]));
  input.addEventListener("cancel", () => input.remove());
  document.body.append(input);
  input.click();
}

async function propose(files) {
  document.querySelectorAll("body > input[type=file]").forEach((input) => input.remove());
  const full = files.filter((file) => file.size > 0);
  if (full.length < files.length) warn(new Error(`${files.find((file) => file.size === 0).name} is empty, or a folder. Choose a recording with sound in it.`));
  if (full.length === 0) return;
  const titles = full.map((file, index) => titleField(file, index, full.length));
  const given = await ask({
    title: full.length === 1 ? "New recording" : `${full.length} new recordings`,
    fields: [...titles, el("div", { class: "two" }, language(), speakers())],
    yes: "Send",
    wide: true,
  });
  if (!given) return;
  const shared = { language: given.get("language"), speakers: numberOf(given) };
  full.forEach((file, index) => send(file, { title: given.get(`title-${index}`).trim(), ...shared }));
}

function titleField(file, index, count) {
  const title = file.name.replace(/\.[^.]{1,5}$/, "").replaceAll(/[_]+/g, " ");
  const input = el("input", { name: `title-${index}`, value: title, maxlength: 300, autofocus: index === 0, autocomplete: "off" });
  return field(count === 1 ? "Title" : `Title ${index + 1}`, input, `${file.name}, ${bytes(file.size)}`);
}
