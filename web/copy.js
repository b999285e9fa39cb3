/** Text -> the clipboard. */

import { el } from "./dom.js";
import { say, warn } from "./notice.js";

/** Copy a text and say so. */
export async function copyText(text, done) {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyTheOldWay(text);
    say(done);
  } catch {
    warn(new Error("The browser does not allow copying here. Select the text and copy it by hand."));
  }
}

// Away from HTTPS and localhost there is no navigator.clipboard.
function copyTheOldWay(text) {
  const field = el("textarea", { value: text, class: "unseen", "aria-hidden": "true" });
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (!copied) throw new Error("refused");
}
