/** The Hugging Face token: whether there is one, and a field for another. It is never shown. */

import * as api from "../api.js";
import { ask, field } from "../ask.js";
import { el } from "../dom.js";
import { say, warn } from "../notice.js";

const TOLD = {
  file: "A token is kept on the server, where only it can read it.",
  environment: "A token comes from the environment of the server; it is changed there.",
};

/** Make the section. */
export function token() {
  const text = el("p", { class: "about" });
  const set = el("button", { type: "button", class: "plain", on: { click: () => give(show) } }, "Set a token");
  const forget = el("button", { type: "button", class: "plain danger", on: { click: () => remove(show) } }, "Remove it");
  const element = el(
    "section",
    { "aria-labelledby": "room-token" },
    el("h2", { id: "room-token" }, "Hugging Face token"),
    el("div", { class: "rows" }, el("div", { class: "row" }, el("div", { class: "row-body" }, text), set, forget)),
  );
  function show({ source }) {
    text.textContent = TOLD[source] ?? "There is none. Models that are not gated need none.";
    set.textContent = source === "file" ? "Replace it" : "Set a token";
    set.hidden = source === "environment";
    forget.hidden = source !== "file";
  }
  return { element, show };
}

async function give(show) {
  const input = el("input", { name: "token", type: "password", required: true, minlength: 8, maxlength: 400, pattern: "\\S+", autocomplete: "off", autofocus: true });
  const given = await ask({ title: "Hugging Face token", text: "For gated models: accept their conditions at the hub first.", fields: [field("Token", input, "It begins with hf_. It is kept on the server and never shown again.")], yes: "Keep it" });
  if (given) await act(() => api.setToken(given.get("token").trim()), show, "The token is kept.");
}

async function remove(show) {
  const sure = await ask({ title: "Remove the token?", text: "Models that are on this machine stay.", yes: "Remove it", danger: true });
  if (sure) await act(api.forgetToken, show, "The token is gone.");
}

async function act(run, show, done) {
  try {
    show(await run());
    say(done);
  } catch (problem) {
    warn(problem);
  }
}
