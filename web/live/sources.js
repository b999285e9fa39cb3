/** Microphones, and tabs or screens with their sound -> streams; what a browser refuses is a `Problem` in words. */

import { Problem } from "../api.js";

const INSECURE = "Browsers give a microphone only to pages with https:// in their address, or on the same machine. Ask whoever runs this server for its https:// address. Recordings can be uploaded here all the same.";
const UNABLE = "This browser cannot record sound. Use a current Firefox, Chrome, Edge or Safari, or upload a recording.";
const MICROPHONE = {
  NotAllowedError: "The browser does not let this page hear the microphone. Allow it beside the address, at the left end of the address bar, then try again.",
  NotFoundError: "There is no microphone. Connect one and try again, or share the sound of a tab.",
  NotReadableError: "The microphone cannot be opened; another program may be using it. Close that, then try again.",
  OverconstrainedError: "The chosen microphone is not connected any more. Choose another one.",
};
const SHARED = {
  NotAllowedError: "Nothing was shared. Try again, and choose a tab or a screen.",
  NotReadableError: "The system does not let the browser share this. Choose a tab instead.",
};
const SILENT = "What you shared comes without sound. Share it again, and switch on “Also share tab audio” in the browser's window.";

/** Why nothing can be recorded here at all; null if it can. */
export function unable() {
  if (!globalThis.isSecureContext) return INSECURE;
  if (!navigator.mediaDevices?.getUserMedia || !(hasWorklet() || globalThis.MediaRecorder)) return UNABLE;
  return null;
}

/** Whether this browser gives raw samples. */
export const hasWorklet = () => typeof AudioContext === "function" && "audioWorklet" in AudioContext.prototype;

/** Whether it can share the sound of a tab: phones cannot. */
export const canShare = () => Boolean(navigator.mediaDevices?.getDisplayMedia);

/**
 * Open what is wanted: {kind: "microphone" | "share", device, both}. `both` adds the microphone to what is shared.
 * @returns streams that are heard together
 */
export async function open({ kind, device, both }) {
  if (kind === "microphone") return [await microphone(device)];
  const shared = await share();
  if (!both) return [shared];
  try {
    return [shared, await microphone(device)];
  } catch (problem) {
    close([shared]);
    throw problem;
  }
}

/** Let devices go. */
export const close = (streams) => streams.forEach((stream) => stream.getTracks().forEach((track) => track.stop()));

async function microphone(device) {
  // Noise suppression is made for human ears, and swallows words that a model would have understood.
  const wish = { channelCount: 1, echoCancellation: true, noiseSuppression: false, autoGainControl: true };
  return asked(() => navigator.mediaDevices.getUserMedia({ audio: device ? { ...wish, deviceId: { exact: device } } : wish }), MICROPHONE);
}

async function share() {
  const stream = await asked(() => navigator.mediaDevices.getDisplayMedia({ video: true, audio: { suppressLocalAudioPlayback: false }, systemAudio: "include", selfBrowserSurface: "exclude" }), SHARED);
  if (stream.getAudioTracks().length === 0) {
    close([stream]);
    throw new Problem(0, SILENT);
  }
  // Without its picture a browser would end the sharing: it is kept, and not looked at.
  for (const track of stream.getVideoTracks()) track.enabled = false;
  return stream;
}

async function asked(run, words) {
  const why = unable();
  if (why) throw new Problem(0, why);
  try {
    return await run();
  } catch (error) {
    throw new Problem(0, words[error.name] ?? `The browser refused: ${error.message || error.name}. Try again.`);
  }
}

/** Microphones as [{deviceId, label}]; null as long as the browser hides their names. */
export async function microphones() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const found = devices.filter((device) => device.kind === "audioinput");
  // Browsers list "Default" beside the device that it stands for: it is the choice of nothing in particular.
  const named = found.filter((device) => device.label && device.deviceId !== "default" && device.deviceId !== "communications");
  return named.length > 0 ? named : null;
}
