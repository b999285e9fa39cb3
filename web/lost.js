/** An address that leads nowhere. */

import { empty } from "./empty.js";

/** Say so, and offer the way home. */
export function show(place) {
  document.title = "Not found – Parley";
  place.replaceChildren(
    empty({ drawing: "search", title: "Nothing is here", text: "This address leads to no meeting. It may have been cut off when it was copied.", actions: [{ label: "All meetings", href: "/" }] }),
  );
}
