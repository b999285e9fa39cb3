/** Keys of this server, and what was used with them: for admins. */

import { el } from "../dom.js";
import { empty } from "../empty.js";
import { me } from "../me.js";
import { keyList } from "./list.js";
import { usage } from "./usage.js";

/** Show them in `place` until `signal` aborts. */
export async function show(place, _, signal) {
  document.title = "Keys and usage – Parley";
  const page = el("div", { class: "page wide keys-page" }, el("h1", {}, "Keys and usage"));
  place.append(page);
  const { role, keyed } = await me().catch(() => ({ role: null }));
  if (signal.aborted || role === null) return;
  if (role !== "admin") {
    page.append(empty({ drawing: "key", bad: true, title: "Keys are for administrators", text: "Sign in with an administrator's key to see keys and what they use.", actions: [{ label: "All meetings", href: "/", main: true }] }));
    return;
  }
  const names = new Map();
  const [list, used] = [keyList({ keyed, names, signal }), usage({ names, signal })];
  page.append(list.element, used.element);
  // Usage names keys by what the list calls them.
  await list.fill();
  await used.fill();
}
