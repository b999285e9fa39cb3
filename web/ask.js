/** Questions to the reader, in a dialog. */

import { el } from "./dom.js";
import { icon } from "./icons.js";

/**
 * Open a dialog with a form; resolves to its FormData, or null where it was left. `danger` paints its button.
 */
export function ask({ title, text, fields = [], yes, no = "Cancel", danger = false, wide = false }) {
  const { promise, resolve } = Promise.withResolvers?.() ?? resolvers();
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { id: "asked" }, title),
    text && el("p", { class: "quiet" }, text),
    ...fields,
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", class: "plain", on: { click: () => dialog.close() } }, no),
      yes && el("button", { type: "submit", class: danger ? "main danger" : "main", value: "yes" }, yes),
    ),
  );
  const dialog = panel(form, { labelled: "asked", wide });
  let answer = null;
  form.addEventListener("submit", () => {
    answer = new FormData(form);
  });
  dialog.addEventListener("close", () => resolve(answer));
  dialog.showModal();
  return promise;
}

/** Show something in a dialog that only closes. */
export function present(title, ...content) {
  const dialog = panel(
    el(
      "div",
      {},
      el("div", { class: "titled" }, el("h2", { id: "asked" }, title), closer(() => dialog.close())),
      ...content,
    ),
    { labelled: "asked", wide: true },
  );
  dialog.showModal();
  return dialog;
}

const closer = (close) =>
  el("button", { type: "button", class: "bare", "aria-label": "Close", on: { click: close } }, icon("close"));

function panel(content, { labelled, wide }) {
  const dialog = el("dialog", { class: wide ? "ask wide" : "ask", "aria-labelledby": labelled }, content);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  // A page that is left takes its dialogs along.
  addEventListener("popstate", () => dialog.close(), { once: true });
  document.body.append(dialog);
  return dialog;
}

function resolvers() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** A labelled field; `hint` stands below it. */
export function field(label, input, hint) {
  return el("label", { class: "field" }, el("span", {}, label), input, hint && el("small", {}, hint));
}
