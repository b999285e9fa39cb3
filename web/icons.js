/** Name -> a small drawing of ours, in the colour of the text around it, silent for screen readers. */

const DRAWINGS = {
  back: "M15 5l-7 7 7 7",
  again: "M4 12a8 8 0 1 0 2.5-5.8M4 4v5h5",
  ahead5: "M20 12a8 8 0 1 1-2.5-5.8M20 4v5h-5M13.9 9h-3.6v2.7c2-.6 3.9 0 3.9 1.8s-2 2.3-4 1.4",
  back5: "M4 12a8 8 0 1 0 2.5-5.8M4 4v5h5M13.9 9h-3.6v2.7c2-.6 3.9 0 3.9 1.8s-2 2.3-4 1.4",
  bin: "M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7M10.5 10.5v5.5M13.5 10.5v5.5",
  both: "M3.5 5h10v7.5H8L5 15v-2.5H3.5zM16.5 9h4v7.5H19V19l-3-2.5h-5.5V15",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  cross: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 9l6 6M15 9l-6 6",
  dots: "M6 12h.01M12 12h.01M18 12h.01",
  down: "M6 9.5l6 6 6-6",
  chip: "M7 7h10v10H7zM10 3.5V7M14 3.5V7M10 17v3.5M14 17v3.5M3.5 10H7M3.5 14H7M17 10h3.5M17 14h3.5",
  file: "M7 3.5h7l4 4V20.5H7zM13.5 4v4H18",
  gauge: "M5 18a8.5 8.5 0 1 1 14 0M12 14l4-5M12 14h.01",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .8-1 1.7M12 16.8h.01",
  key: "M8 11.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8M11 12.7L19.5 4.5M16 8l3 3M13.5 10.3l2 2",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  merge: "M6 4v3c0 4 6 4 6 8v5M18 4v3c0 4-6 4-6 8M9 17l3 3 3-3",
  microphone: "M12 3.5a3 3 0 0 0-3 3V12a3 3 0 0 0 6 0V6.5a3 3 0 0 0-3-3M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z",
  mute: "M9 9v3a3 3 0 0 0 4.6 2.5M15 11V6.5a3 3 0 0 0-5.8-1M5.5 11.5a6.5 6.5 0 0 0 10 5.5M18.5 11.5a6.5 6.5 0 0 1-.6 2.7M12 18v3M4 4l16 16",
  out: "M14 4H6v16h8M10 12h10M16.5 8.5L20 12l-3.5 3.5",
  pen: "M5 19l1-4L16.5 4.5l3 3L9 18zM14 7l3 3",
  person: "M12 4a3.8 3.8 0 1 0 0 7.6A3.8 3.8 0 0 0 12 4M4.8 20c.6-4 3.5-5.8 7.2-5.8s6.6 1.8 7.2 5.8",
  restore: "M4.5 12a7.5 7.5 0 1 1 2.2 5.3M4.5 17.5v-5h5",
  screen: "M3.5 5h17v11.5h-17zM8.5 20h7M12 16.5V20",
  save: "M12 4v11M7.5 11l4.5 4.5L16.5 11M5 19.5h14",
  send: "M4.5 12L20 4.5 15 20l-3.5-6.5zM11.5 13.5L20 4.5",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5L20 20",
  spark: "M12 4v4M12 16v4M4 12h4M16 12h4M6.5 6.5l2.5 2.5M15 15l2.5 2.5M17.5 6.5L15 9M9 15l-2.5 2.5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  target: "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14M12 2v5M12 17v5M2 12h5M17 12h5",
  up: "M6 14.5l6-6 6 6",
  upload: "M12 15.5V5M7.5 9L12 4.5 16.5 9M5 19.5h14",
  warning: "M12 4L2.8 20h18.4zM12 10v4.5M12 17.2h.01",
  wave: "M4 10v4M8 7v10M12 4v16M16 8v8M20 10.5v3",
};

const FILLED = { record: "M12 5.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13", stop: "M7 7h10v10H7z", pause: "M7 5h3.5v14H7zM13.5 5H17v14h-3.5z", play: "M8 4.8v14.4a.8.8 0 0 0 1.2.7l11-7.2a.8.8 0 0 0 0-1.4l-11-7.2A.8.8 0 0 0 8 4.8Z" };

const SVG = "http://www.w3.org/2000/svg";

/** Draw an icon. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", name in FILLED ? "icon filled" : `icon icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", FILLED[name] ?? DRAWINGS[name]);
  drawing.append(path);
  return drawing;
}
