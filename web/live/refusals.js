/** Why the server ended a connection -> whether to try again, and words. */

/** Of these the server says what they are, and trying again would not help. */
const FINAL = new Set(["over", "taken_over", "not_found", "other_format", "missing", "bad_sound", "cannot_do", "bad_message", "wrong_frame", "too_big"]);

const WORDS = {
  not_found: "This meeting was deleted.",
  over: "This meeting is over.",
  taken_over: "Another window or device goes on with this meeting.",
};

/** Whether a refusal stands, however often one asks; before anything was sent, a full server is one too. */
export const isFinal = (refusal, isNew) => Boolean(refusal) && (FINAL.has(refusal.code) || (isNew && refusal.code === "too_many"));

/** Say it to people. */
export const inWords = (refusal) => WORDS[refusal.code] ?? refusal.message;
