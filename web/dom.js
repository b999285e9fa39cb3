/** Plain values -> elements: text becomes text nodes, never markup. */

const AS_PROPERTY = new Set(["value", "checked", "disabled", "hidden", "open", "className"]);

/**
 * Make an element. `on` holds listeners, `data` data attributes; null, undefined and false are left out,
 * among the children too.
 */
export function el(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) give(made, key, value);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

function give(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
  else if (key === "data") Object.assign(element.dataset, value);
  else if (AS_PROPERTY.has(key)) element[key] = value;
  else element.setAttribute(key, value === true ? "" : String(value));
}

/** Run at most once per frame, with the newest arguments. */
export function eachFrame(run) {
  let waiting = null;
  return (...given) => {
    if (waiting === null) requestAnimationFrame(() => {
      const newest = waiting;
      waiting = null;
      run(...newest);
    });
    waiting = given;
  };
}

/** Run once nothing was asked for a while. */
export function afterPause(milliseconds, run) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...given), milliseconds);
  };
}

/** Whether the reader asked for less movement. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
