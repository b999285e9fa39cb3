/* Sets the colours before the first paint: a classic script, so that nothing flashes. */
"use strict";

(() => {
  let kept = null;
  try {
    kept = localStorage.getItem("parley.theme");
  } catch {
    // Storage may be forbidden: then the system decides.
  }
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
})();
