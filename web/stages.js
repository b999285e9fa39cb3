/** Stages of a meeting -> what people call them, and how far the whole is. */

const NAMES = {
  detect_speech: ["Find speech", "Finding speech"],
  transcribe: ["Write down words", "Writing down words"],
  listen: ["Listen to voices", "Listening to voices"],
  diarize: ["Tell speakers apart", "Telling speakers apart"],
  attribute: ["Put words to speakers", "Putting words to speakers"],
  keyframes: ["Find slides", "Finding slides"],
  summarize: ["Summarise", "Summarising"],
};

const shown = (name) => name.replaceAll("_", " ").replace(/^./, (letter) => letter.toLocaleUpperCase());

/** What a stage does. */
export const stageName = (name) => NAMES[name]?.[0] ?? shown(name);

/** What a running stage is doing. */
export const stageDoing = (name) => NAMES[name]?.[1] ?? shown(name);

/** Share of the work that is done, 0..1. */
export function wholeProgress(stages) {
  if (stages.length === 0) return 0;
  const done = stages.map((stage) => (stage.state === "done" || stage.state === "failed" ? 1 : Math.min(1, stage.progress ?? 0)));
  return done.reduce((sum, share) => sum + share, 0) / stages.length;
}

/** What is going on, in a few words. */
export function doing(meeting) {
  if (meeting.state === "live") return "Live now";
  const running = meeting.stages.filter((stage) => stage.state === "running");
  // The one that is least far is what the reader waits for.
  const slowest = running.sort((a, b) => (a.progress ?? 0) - (b.progress ?? 0))[0];
  return slowest ? stageDoing(slowest.name) : "Waiting for its turn";
}

/** Return the stages after an event: `stage` {stage}, or `progress` {stages}, which says only some of each. */
export function afterEvent(stages, event) {
  const news = new Map((event.stages ?? [event.stage]).filter(Boolean).map((stage) => [stage.name, stage]));
  return stages.map((stage) => ({ ...stage, ...news.get(stage.name) }));
}
