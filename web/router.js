/** The address -> what is shown; links inside the page change it without loading anew. */

import { openWith } from "./api.js";
import { tell } from "./notice.js";

const ROUTES = [
  [/^\/$/, () => import("./list/page.js"), () => ({})],
  [/^\/live\/?$/, () => import("./live/page.js"), () => ({})],
  [/^\/meetings\/([^/]+)\/?$/, () => import("./meeting/page.js"), ([id]) => ({ id })],
  [/^\/playground\/?$/, () => import("./playground/page.js"), () => ({})],
  [/^\/models\/?$/, () => import("./models/page.js"), () => ({})],
  [/^\/keys\/?$/, () => import("./keys/page.js"), () => ({})],
  [/^\/room\/?$/, () => import("./room/page.js"), () => ({})],
  [/^\/s\/([^/]+)\/?$/, () => import("./meeting/page.js"), ([token]) => ({ token })],
];

let leaving = new AbortController();
let where = "";
let entered = false;

/** Show what the address says, and whatever it will say. */
export function start(place) {
  const show = () => enter(place);
  addEventListener("popstate", () => pathNow() !== where && show());
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || !ours(link, event)) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  });
  addEventListener("shown-anew", show);
  show();
}

/** Go to an address of ours. */
export function go(href, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  dispatchEvent(new Event("shown-anew"));
}

/** Leave the view for something that is no address: one that is only being fetched does not come on top of it. */
export function leave() {
  leaving.abort();
}

/** Change what the address says of the view without leaving it. */
export function note(href) {
  history.replaceState(history.state, "", href);
  where = pathNow();
}

const pathNow = () => location.pathname + location.search;

function ours(link, event) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return false;
  return ROUTES.some(([path]) => path.test(link.pathname)) && !link.getAttribute("href").startsWith("#");
}

async function enter(place) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  where = pathNow();
  const [path, load, read] = ROUTES.find(([path]) => path.test(location.pathname)) ?? [null, () => import("./lost.js"), () => ({})];
  const given = read((path?.exec(location.pathname) ?? []).slice(1).map(decodeURIComponent));
  openWith(given.token ?? null);
  const { show } = await load();
  if (signal.aborted) return;
  place.replaceChildren();
  scrollTo(0, 0);
  await show(place, given, signal);
  // Whoever cannot see is told where they are now; at the first view the browser says it.
  if (entered && !signal.aborted && !place.contains(document.activeElement)) {
    place.focus({ preventScroll: true });
    tell(document.title);
  }
  entered = true;
}
