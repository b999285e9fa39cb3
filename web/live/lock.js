/** A meeting is recorded by one window of a browser: the others must not take what it keeps for something left. */

const PATIENCE = 1500;

/** Hold a name as long as this page lives; returns how to let it go, or null where another window holds it. */
export function hold(name) {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve) => {
    // A page that was just left lets go a moment later.
    const signal = AbortSignal.timeout(PATIENCE);
    const kept = () => new Promise((release) => resolve(release));
    navigator.locks.request(`parley.live.${name}`, { signal }, kept).catch(() => resolve(null));
  });
}

/** Keep the screen on until the function that is returned is called: a phone that sleeps hears nothing. */
export function stayAwake() {
  let [sentinel, over] = [null, false];
  const ask = async () => {
    if (over || document.hidden) return;
    try {
      sentinel = await navigator.wakeLock?.request("screen");
    } catch {
      // A battery that is low, or a browser that has none: the meeting goes on.
    }
    if (over) sentinel?.release();
  };
  document.addEventListener("visibilitychange", ask);
  ask();
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", ask);
    sentinel?.release();
  };
}
