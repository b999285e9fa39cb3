/** Keys while a meeting is live: the space bar pauses it, for whoever records it; those of the player do nothing. */

const PLAYER = [" ", "ArrowLeft", "ArrowRight", ",", "<", ".", ">"];

/** Listen until `signal` aborts; `recording()` is this window's, or null. */
export function listenToLiveKeys(recording, signal) {
  const listen = (event) => {
    if (!PLAYER.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open], :popover-open") || event.target.closest("input, textarea, select, button, a, summary")) return;
    // The keys of the page see that it is taken.
    event.preventDefault();
    if (event.key !== " " || event.repeat) return;
    const mine = recording();
    if (mine?.phase === "recording") mine.pause();
    else if (mine?.phase === "paused") mine.resume();
  };
  addEventListener("keydown", listen, { signal, capture: true });
}
