/** Starts the page. */

import { indicator } from "./live/indicator.js";
import { warn, placeNotices } from "./notice.js";
import { leave, start } from "./router.js";
import { signIn } from "./sign_in.js";
import { top } from "./top.js";

const place = document.getElementById("content");
placeNotices(document.getElementById("notices"));
top(document.getElementById("top"));
indicator(document.getElementById("top"));

addEventListener("signed-out", () => {
  // Several requests may be refused at once: one form is enough.
  if (place.querySelector(".sign-in")) return;
  leave();
  signIn(place, () => {
    dispatchEvent(new Event("signed-in"));
    dispatchEvent(new Event("shown-anew"));
  });
});
addEventListener("unhandledrejection", (event) => warn(event.reason ?? new Error("Something went wrong.")));
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  place.focus();
  place.scrollIntoView();
});

start(place);
