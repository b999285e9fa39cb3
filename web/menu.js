/** A button that opens a list of things to do, by the menu pattern: arrows move, Escape closes. */

import { el } from "./dom.js";
import { icon } from "./icons.js";

let counted = 0;

/**
 * Make a menu. `items` is called when it opens and returns [{label, icon, run | href, download, danger} | "line"].
 */
export function menu({ label, drawing = "dots", text = null, items, kind = "bare" }) {
  counted += 1;
  const list = el("div", { class: "menu-list", role: "menu", id: `menu-${counted}`, "aria-label": label, popover: "auto" });
  const button = el(
    "button",
    { type: "button", class: kind, "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": text ? null : label, title: text ? null : label },
    icon(drawing),
    text,
    text && icon("down"),
  );
  const rows = () => [...list.querySelectorAll("[role=menuitem]")];
  const settle = () => {
    place(list, button);
    rows()[0]?.focus();
  };

  button.popoverTargetElement = list;
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    event.stopPropagation();
    list.showPopover();
    settle();
  });
  list.addEventListener("beforetoggle", (event) => {
    list.classList.remove("placed");
    if (event.newState !== "open") return;
    list.replaceChildren(...items().map((item) => (item === "line" ? el("hr", { role: "separator" }) : row(item, list))));
  });
  list.addEventListener("keydown", (event) => move(event, rows(), () => (list.hidePopover(), button.focus())));
  list.addEventListener("toggle", (event) => {
    const opened = event.newState === "open";
    button.setAttribute("aria-expanded", String(opened));
    const inside = list.contains(document.activeElement);
    if (opened && !inside) settle();
    if (!opened && inside) button.focus();
  });
  return el("span", { class: "menu" }, button, list);
}

function row({ label, icon: drawing, run, href, download, danger, checked }, list) {
  const inside = [drawing ? icon(drawing) : el("span", { class: "icon" }), el("span", {}, label), checked && icon("check")];
  const shape = { role: "menuitem", tabindex: "-1", class: danger ? "danger" : null };
  const choose = () => {
    list.hidePopover();
    run?.();
  };
  return href
    ? el("a", { ...shape, href, download: download ?? "", on: { click: choose } }, ...inside)
    : el("button", { ...shape, type: "button", on: { click: choose } }, ...inside);
}

function move(event, rows, close) {
  const at = rows.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (event.key === "Tab" || event.key === "Escape") {
    if (event.key === "Escape") event.preventDefault();
    close();
  } else if (to !== undefined) {
    event.preventDefault();
    rows[(to + rows.length) % rows.length]?.focus();
  } else if (event.key.length === 1 && event.key !== " ") {
    const start = event.key.toLocaleLowerCase();
    rows.find((row, index) => index > at && row.textContent.trim().toLocaleLowerCase().startsWith(start))?.focus();
  } else return;
  event.stopPropagation();
}

function place(list, button) {
  const [at, size] = [button.getBoundingClientRect(), list.getBoundingClientRect()];
  const below = at.bottom + 4 + size.height <= innerHeight || at.top < size.height + 4;
  list.style.top = `${below ? at.bottom + 4 : at.top - size.height - 4}px`;
  list.style.left = `${Math.max(8, Math.min(at.right - size.width, innerWidth - size.width - 8))}px`;
  list.classList.add("placed");
}
