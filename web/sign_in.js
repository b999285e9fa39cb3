/** The form that is shown where the server knows nobody. */

import * as api from "./api.js";
import { field } from "./ask.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

/** Ask for a key; `done` is called once the server took it. */
export function signIn(place, done) {
  document.title = "Sign in – Parley";
  const key = el("input", { name: "key", type: "password", autocomplete: "current-password", required: true, spellcheck: "false", "aria-describedby": "sign-in-problem" });
  const problem = el("p", { id: "sign-in-problem", class: "problem", role: "alert" });
  const button = el("button", { type: "submit", class: "main" }, "Sign in");
  const form = el(
    "form",
    { class: "sign-in card", "aria-labelledby": "sign-in-title" },
    el("div", { class: "empty-mark" }, icon("wave")),
    el("h1", { id: "sign-in-title" }, "Sign in to Parley"),
    el("p", { class: "quiet" }, "Recordings on this server are private. Enter the key that its administrator gave you."),
    field("Key", key),
    problem,
    button,
    el("p", { class: "hint" }, "No key yet? Whoever runs the server makes one with ", el("code", {}, "parley keys"), "."),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = "";
    try {
      await api.signIn(key.value.trim());
      done();
    } catch (refused) {
      problem.textContent = refused.status === 401 ? "This key is not known here, or was revoked. Check it and try again." : refused.message;
      key.setAttribute("aria-invalid", "true");
      key.select();
    } finally {
      button.disabled = false;
    }
  });
  place.replaceChildren(form);
  key.focus();
}
