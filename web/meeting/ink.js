/** Stretches of text -> painted by the browser's highlights: not one element more, however many words there are. */

const NAMES = ["word", "pointed", "unsure", "found", "found-now"];

const inks = new Map();

/** The paint of a name; where a browser has none, painting does nothing. */
function ink(name) {
  if (!inks.has(name)) {
    const made = typeof Highlight === "function" ? new Highlight() : new Set();
    made.priority = NAMES.length - NAMES.indexOf(name);
    if (name === "found-now") made.priority = NAMES.length + 1;
    inks.set(name, made);
    globalThis.CSS?.highlights?.set(name, made);
  }
  return inks.get(name);
}

/** Make a range inside the text of an element. */
export function stretch(element, begin, end) {
  const text = element.firstChild;
  if (!text || text.nodeType !== Node.TEXT_NODE) return null;
  const range = new Range();
  range.setStart(text, Math.min(begin, text.length));
  range.setEnd(text, Math.min(end, text.length));
  return range;
}

/** Paint these ranges and no others. */
export function paint(name, ranges) {
  const paint = ink(name);
  paint.clear();
  for (const range of ranges) if (range) paint.add(range);
}

/** Paint these ranges too. */
export function paintMore(name, ranges) {
  for (const range of ranges) ink(name).add(range);
}

/** Take the paint off some ranges. */
export function unpaint(name, ranges) {
  for (const range of ranges) ink(name).delete(range);
}

/** Take all paint off. */
export function wash() {
  for (const paint of inks.values()) paint.clear();
}

/** The character of a text under a point of the window: {node, offset}, or null beside all text. */
export function characterAt(x, y) {
  if (document.caretPositionFromPoint) {
    const found = document.caretPositionFromPoint(x, y);
    return found && { node: found.offsetNode, offset: found.offset };
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? { node: range.startContainer, offset: range.startOffset } : null;
}
