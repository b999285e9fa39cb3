/** Streams that are heard together -> chunks of sound, as raw samples or as a container. */

import { Problem } from "../api.js";
import { close, hasWorklet } from "./sources.js";

/** As the server takes it at most. */
const HIGHEST_RATE = 48_000;
const WANTED_RATE = 16_000;
/** How often a recorder gives what it has. */
const SLICE = 250;
const CONTAINERS = [["audio/webm;codecs=opus", "webm"], ["audio/ogg;codecs=opus", "ogg"]];

/**
 * Get ready to hear streams. `onChunk({data, units, seconds, peak})` is called with each chunk: units are samples, or
 * bytes of a container; `onLost()` once a stream ends by itself.
 * @returns {format, sample_rate, begin(), pause(), resume(), end()}
 */
export async function capture(streams, { onChunk, onLost }) {
  const tracks = streams.flatMap((stream) => stream.getAudioTracks());
  const made = (hasWorklet() && (await samples(streams, onChunk))) || container(streams, onChunk);
  for (const track of tracks) track.addEventListener("ended", onLost, { once: true });
  const end = async () => {
    for (const track of tracks) track.removeEventListener("ended", onLost);
    await made.end();
    close(streams);
  };
  return { ...made, end };
}

async function samples(streams, onChunk) {
  const joined = join(streams, WANTED_RATE) ?? join(streams);
  if (joined === null || joined.context.sampleRate > HIGHEST_RATE) {
    joined?.context.close();
    return null;
  }
  const { context, sources } = joined;
  await context.audioWorklet.addModule("/live/worklet.js");
  const node = new AudioWorkletNode(context, "chunks", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
  const flushed = () => new Promise((resolve) => {
    node.port.onmessage = ({ data }) => (data === "flushed" ? resolve() : take(data));
    node.port.postMessage("flush");
  });
  const take = ({ buffer, peak }) => {
    const units = buffer.byteLength / 2;
    onChunk({ data: buffer, units, seconds: units / context.sampleRate, peak });
  };
  return {
    format: "pcm_s16le",
    sample_rate: context.sampleRate,
    async begin() {
      node.port.onmessage = ({ data }) => take(data);
      for (const source of sources) source.connect(node);
      await context.resume();
    },
    async pause() {
      await context.suspend();
      mute(streams, true);
    },
    async resume() {
      mute(streams, false);
      await context.resume();
    },
    async end() {
      for (const source of sources) source.disconnect();
      await flushed();
      await context.close();
    },
  };
}

// Some browsers let sound of one rate into no graph of another: then the server resamples.
function join(streams, sampleRate) {
  const context = new AudioContext(sampleRate ? { sampleRate, latencyHint: "interactive" } : {});
  try {
    return { context, sources: streams.map((stream) => context.createMediaStreamSource(new MediaStream(stream.getAudioTracks()))) };
  } catch {
    context.close();
    return null;
  }
}

function container(streams, onChunk) {
  const [mimeType, format] = CONTAINERS.find(([type]) => globalThis.MediaRecorder?.isTypeSupported(type)) ?? [];
  if (!format) throw new Problem(0, "This browser records in no format that the server reads. Use a current Firefox or Chrome, or upload a recording.");
  const mixed = mix(streams);
  const recorder = new MediaRecorder(mixed.stream, { mimeType, audioBitsPerSecond: 48_000 });
  let [heard, since, last] = [0, 0, Promise.resolve()];
  recorder.addEventListener("dataavailable", ({ data }) => {
    const now = performance.now();
    const seconds = recorder.state === "paused" ? 0 : (now - since) / 1000;
    since = now;
    heard += seconds;
    if (data.size === 0) return;
    // One after the other, whichever of them is read first.
    last = last.then(async () => onChunk({ data: await data.arrayBuffer(), units: data.size, seconds, peak: null }));
  });
  return {
    format,
    sample_rate: null,
    async begin() {
      since = performance.now();
      recorder.start(SLICE);
    },
    async pause() {
      recorder.requestData();
      recorder.pause();
      mute(streams, true);
    },
    async resume() {
      mute(streams, false);
      since = performance.now();
      recorder.resume();
    },
    async end() {
      await new Promise((resolve) => {
        if (recorder.state === "inactive") return resolve();
        recorder.addEventListener("stop", resolve, { once: true });
        recorder.stop();
      });
      await last;
      mixed.close();
    },
  };
}

function mix(streams) {
  if (streams.length === 1) return { stream: new MediaStream(streams[0].getAudioTracks()), close: () => {} };
  const { context, sources } = join(streams);
  const target = context.createMediaStreamDestination();
  for (const source of sources) source.connect(target);
  return { stream: target.stream, close: () => context.close() };
}

// Browsers show that nothing is heard while it pauses.
const mute = (streams, muted) => streams.forEach((stream) => stream.getAudioTracks().forEach((track) => (track.enabled = !muted)));
