/** A summary -> how far its points were held against what they cite, for readers; null where there is nothing to say. */

const BY_WORDS = "In this language, each point was checked by the words that it shares with what it cites, not by its meaning.";
const NOT = "What each point cites was said; whether it says the same could not be checked in this language.";

export function howCompared({ extractive, model, compared = true, compared_by: by }) {
  if (extractive || !model) return null;
  if (!compared) return NOT;
  return by === "words" ? BY_WORDS : null;
}
