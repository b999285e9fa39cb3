/** What this browser remembers; where storage is forbidden, it remembers until the page is left. */

const here = new Map();

/** Return what was kept under a name, or what it is otherwise. */
export function recall(name, otherwise) {
  try {
    const text = localStorage.getItem(`parley.${name}`);
    return text === null ? here.get(name) ?? otherwise : JSON.parse(text);
  } catch {
    return here.get(name) ?? otherwise;
  }
}

/** Keep a JSON value under a name; undefined forgets it. */
export function keep(name, value) {
  here.set(name, value);
  try {
    if (value === undefined) localStorage.removeItem(`parley.${name}`);
    else localStorage.setItem(`parley.${name}`, JSON.stringify(value));
  } catch {
    // Full or forbidden: `here` has it.
  }
}
