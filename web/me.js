/** Who is signed in, asked once. */

import * as api from "./api.js";

let known = null;

const forget = () => {
  known = null;
};
addEventListener("signed-in", forget);
addEventListener("signed-out", forget);

/** Return {role, ...}. */
export async function me() {
  known ??= api.me();
  try {
    return await known;
  } catch (problem) {
    forget();
    throw problem;
  }
}
