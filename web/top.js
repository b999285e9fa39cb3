/** The bar at the top of every page. */

import * as api from "./api.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { me } from "./me.js";
import { navigation } from "./nav.js";
import { warn } from "./notice.js";
import { go } from "./router.js";
import { onSending } from "./sending.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");

/** Build the bar. */
export function top(place) {
  const sending = el("a", { class: "sending-now", href: "/", hidden: true });
  onSending((items) => {
    const moving = items.filter((item) => item.state === "sending" || item.state === "waiting");
    sending.hidden = moving.length === 0;
    sending.replaceChildren(icon("upload"), `Sending ${moving.length}`);
  });
  place.append(
    el("a", { class: "brand", href: "/", "aria-label": "Parley, all meetings" }, el("img", { src: "/icon.svg", alt: "", width: 26, height: 26 }), el("span", {}, "Parley")),
    navigation(),
    el("span", { class: "spread" }),
    el("span", { role: "status" }, sending),
    theme(),
    exit(),
  );
}

function theme() {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : DARK.matches);
  const button = el("button", { type: "button", class: "bare" });
  const show = () => {
    button.replaceChildren(icon(dark() ? "sun" : "moon"));
    button.title = dark() ? "Light colours" : "Dark colours";
    button.setAttribute("aria-label", button.title);
    dispatchEvent(new Event("repaint"));
  };
  button.addEventListener("click", () => {
    const wanted = dark() ? "light" : "dark";
    // What the system says anyway need not be kept: then it goes on following the system.
    if ((wanted === "dark") === DARK.matches) delete root.dataset.theme;
    else root.dataset.theme = wanted;
    keepTheme(root.dataset.theme);
    show();
  });
  DARK.addEventListener("change", show);
  show();
  return button;
}

// As theme.js reads it: a bare word.
function keepTheme(theme) {
  try {
    if (theme) localStorage.setItem("parley.theme", theme);
    else localStorage.removeItem("parley.theme");
  } catch {
    // Forbidden: it holds until the page is left.
  }
}

function exit() {
  const button = el("button", { type: "button", class: "bare", title: "Sign out", "aria-label": "Sign out", hidden: true }, icon("out"));
  const look = async () => {
    // Whoever reads by a share link, or on a server without keys, is not signed in.
    if (location.pathname.startsWith("/s/")) return;
    const { key } = await me().catch(() => ({ key: null }));
    button.hidden = !key;
  };
  addEventListener("signed-in", look);
  addEventListener("signed-out", () => {
    button.hidden = true;
  });
  look();
  button.addEventListener("click", async () => {
    try {
      await api.signOut();
      dispatchEvent(new Event("signed-out"));
    } catch (problem) {
      warn(problem);
    }
    go("/");
  });
  return button;
}
