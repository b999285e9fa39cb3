/** Links to the other parts of the page, in the bar at the top, for those who may use them. */

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { me } from "./me.js";

const PARTS = [
  { href: "/playground", text: "Playground", drawing: "spark", roles: ["admin", "user"] },
  { href: "/models", text: "Models", drawing: "chip", roles: ["admin", "user", "read"] },
  { href: "/keys", text: "Keys", drawing: "key", roles: ["admin"] },
  { href: "/room", text: "Control room", drawing: "gauge", roles: ["admin"] },
];

/** Build the links; they follow who is signed in and where the reader is. */
export function navigation() {
  const links = PARTS.map(({ href, text, drawing }) => el("a", { href, title: text, hidden: true }, icon(drawing), el("span", {}, text)));
  const nav = el("nav", { class: "nav", "aria-label": "Parts of Parley", hidden: true }, ...links);
  const mark = () => links.forEach((link) => {
    if (location.pathname.startsWith(link.getAttribute("href"))) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  const look = async () => {
    // Whoever reads by a share link sees one meeting, and no more.
    const { role } = location.pathname.startsWith("/s/") ? { role: "share" } : await me().catch(() => ({ role: null }));
    links.forEach((link, number) => {
      link.hidden = !PARTS[number].roles.includes(role);
    });
    nav.hidden = links.every((link) => link.hidden);
  };
  addEventListener("signed-in", look);
  addEventListener("signed-out", () => {
    nav.hidden = true;
  });
  addEventListener("shown-anew", mark);
  addEventListener("popstate", mark);
  mark();
  look();
  return nav;
}
