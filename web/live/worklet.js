/** Sound of the audio graph -> chunks of 16-bit samples; runs on the browser's audio thread. */

const CHUNK_SECONDS = 0.1;

class Chunks extends AudioWorkletProcessor {
  constructor() {
    super();
    this.samples = new Int16Array(Math.round(sampleRate * CHUNK_SECONDS));
    this.count = 0;
    this.peak = 0;
    // Asked to, it passes on what it has of the last chunk.
    this.port.onmessage = () => {
      this.pass();
      this.port.postMessage("flushed");
    };
  }

  process([[input]]) {
    // No input: the sources are paused, and so is the time of the meeting.
    for (const value of input ?? []) {
      const sample = Math.max(-1, Math.min(1, value));
      this.samples[this.count] = sample * 32767;
      this.peak = Math.max(this.peak, Math.abs(sample));
      this.count += 1;
      if (this.count === this.samples.length) this.pass();
    }
    return true;
  }

  pass() {
    if (this.count === 0) return;
    const { buffer } = this.samples.slice(0, this.count);
    this.port.postMessage({ buffer, peak: this.peak }, [buffer]);
    this.count = 0;
    this.peak = 0;
  }
}

registerProcessor("chunks", Chunks);
