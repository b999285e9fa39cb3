"""Reference and hypothesis -> error rates: words (WER), turns (DER), words by speaker (cpWER)."""

import re
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from stages.speech import SpeakerTurn

STEP_SECONDS = 0.01
"""Grid on which turns are compared: RTTM files rarely say more."""

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SPELLED = {"mr": "mister", "mrs": "missus", "dr": "doctor", "ok": "okay"}


class Said(msgspec.Struct, frozen=True):
    """What one speaker said at one time."""

    start: float
    """Seconds from the start of the meeting."""
    speaker: str | None
    """Label; None if unknown."""
    text: str
    """The words."""


class WordErrors(msgspec.Struct, frozen=True):
    """Word error rate and what it was counted from."""

    wer: float
    """Errors over reference words."""
    errors: int
    """Substitutions, deletions and insertions."""
    words: int
    """Words in the reference."""


class TurnErrors(msgspec.Struct, frozen=True):
    """Diarization error rate and its parts, each over the seconds of reference speech."""

    der: float
    """The sum of the three that follow."""
    missed: float
    """Speech that nobody was given."""
    false_alarm: float
    """Speakers where the reference has none."""
    confusion: float
    """Speech that the wrong speaker was given."""
    speech_seconds: float
    """Reference speech, overlaps counted for each speaker."""
    speakers: tuple[int, int]
    """How many the reference and the hypothesis have."""


class SpeakerWordErrors(msgspec.Struct, frozen=True):
    """Word errors when words must also stand with the right speaker."""

    cpwer: float
    """Errors with the best pairing of speakers, over reference words."""
    wer: float
    """Errors without regard to speakers, over reference words."""
    words: int
    """Words in the reference."""
    speakers: tuple[int, int]
    """How many the reference and the hypothesis have; words of nobody count as one more."""


def normal_words(text: str) -> list[str]:
    """Return the words of a text as they are compared: lower case, digits up to 999 spelled out, no punctuation."""
    text = text.lower().replace("’", "'").replace("%", " percent ")
    text = re.sub(r"\d+", lambda digits: f" {_number(digits[0])} ", text)
    found = (word.strip("'") for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*'?", text))
    return [_SPELLED.get(word, word) for word in found if word]


def word_errors(reference: str, hypothesis: str) -> WordErrors:
    """Compare two texts."""
    return pooled([word_errors_of(normal_words(reference), normal_words(hypothesis))])


def word_errors_of(reference: Sequence[str], hypothesis: Sequence[str]) -> WordErrors:
    """Compare two lists of words."""
    errors = edits(reference, hypothesis)
    return WordErrors(errors / max(1, len(reference)), errors, len(reference))


def pooled(rows: Sequence[WordErrors]) -> WordErrors:
    """Add the errors and the words of several texts."""
    errors, words = sum(row.errors for row in rows), sum(row.words for row in rows)
    return WordErrors(round(errors / max(1, words), 4), errors, words)


def edits(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Return the least number of substitutions, deletions and insertions. Source: Levenshtein 1966, row by row."""
    numbers = {word: at for at, word in enumerate({*reference, *hypothesis})}
    target = np.array([numbers[word] for word in hypothesis], dtype=np.int64)
    columns = np.arange(len(hypothesis) + 1)
    row = columns.copy()
    for deleted, word in enumerate(reference, start=1):
        changed = np.minimum(row[1:] + 1, row[:-1] + (target != numbers[word]))
        row = np.concatenate(([deleted], changed))
        row = np.minimum.accumulate(row - columns) + columns
    return int(row[-1])


def turn_errors(
    reference: Sequence[SpeakerTurn],
    hypothesis: Sequence[SpeakerTurn],
    collar: float = 0.0,
    duration: float | None = None,
) -> TurnErrors:
    """Compare turns. `collar` is the total width in seconds left out around each boundary of the reference.

    Source: NIST Rich Transcription md-eval; overlaps are scored.
    """
    end = duration or max((turn.end for turn in (*reference, *hypothesis)), default=0.0)
    steps = round(end / STEP_SECONDS)
    ref, hyp = _grid(reference, steps), _grid(hypothesis, steps)
    scored = _outside_collars(reference, steps, collar)
    ref, hyp = ref[:, scored], hyp[:, scored]
    together = ref.astype(np.int64) @ hyp.T.astype(np.int64)
    correct = int(sum(together[pair] for pair in _best_pairs(-together)))
    in_ref, in_hyp = ref.sum(0), hyp.sum(0)
    speech = max(1, int(in_ref.sum()))
    missed = int(np.maximum(in_ref - in_hyp, 0).sum())
    false_alarm = int(np.maximum(in_hyp - in_ref, 0).sum())
    confusion = int(np.minimum(in_ref, in_hyp).sum()) - correct
    return TurnErrors(
        der=round((missed + false_alarm + confusion) / speech, 4),
        missed=round(missed / speech, 4),
        false_alarm=round(false_alarm / speech, 4),
        confusion=round(confusion / speech, 4),
        speech_seconds=round(speech * STEP_SECONDS, 2),
        speakers=(len(ref), len(hyp)),
    )


def speaker_word_errors(reference: Sequence[Said], hypothesis: Sequence[Said]) -> SpeakerWordErrors:
    """Compare what each speaker said, in time order. Source: Watanabe et al., CHiME-6, 2020 (cpWER)."""
    ref, hyp = _by_speaker(reference), _by_speaker(hypothesis)
    speakers = (len(ref), len(hyp))
    size = max(speakers)
    ref += [[]] * (size - len(ref))
    hyp += [[]] * (size - len(hyp))
    costs = np.array([[edits(r, h) for h in hyp] for r in ref], dtype=np.int64).reshape(size, size)
    errors = int(sum(costs[pair] for pair in _best_pairs(costs)))
    total = max(1, sum(len(words) for words in ref))
    whole = edits(_in_order(reference), _in_order(hypothesis))
    return SpeakerWordErrors(round(errors / total, 4), round(whole / total, 4), total, speakers)


def _in_order(said: Sequence[Said]) -> list[str]:
    return [word for row in sorted(said, key=lambda row: row.start) for word in normal_words(row.text)]


def _by_speaker(said: Sequence[Said]) -> list[list[str]]:
    rows: dict[str | None, list[Said]] = {}
    for row in said:
        rows.setdefault(row.speaker, []).append(row)
    return [_in_order(of_speaker) for of_speaker in rows.values()]


def _best_pairs(costs: NDArray[np.int64]) -> list[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(costs)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def _grid(turns: Sequence[SpeakerTurn], steps: int) -> NDArray[np.bool_]:
    labels = sorted({turn.speaker for turn in turns})
    active = np.zeros((len(labels), steps), dtype=bool)
    for turn in turns:
        active[labels.index(turn.speaker), round(turn.start / STEP_SECONDS) : round(turn.end / STEP_SECONDS)] = True
    return active


def _outside_collars(reference: Sequence[SpeakerTurn], steps: int, collar: float) -> NDArray[np.bool_]:
    scored = np.ones(steps, dtype=bool)
    if collar > 0:
        for edge in {time for turn in reference for time in (turn.start, turn.end)}:
            first = max(0, round((edge - collar / 2) / STEP_SECONDS))
            scored[first : round((edge + collar / 2) / STEP_SECONDS)] = False
    return scored


def _number(digits: str) -> str:
    value = int(digits)
    if len(digits) > 3:
        return " ".join(_ONES[int(digit)] for digit in digits)
    hundreds, rest = divmod(value, 100)
    spoken = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        spoken += [_TENS[tens - 2]] + ([_ONES[ones]] if ones else [])
    elif rest or not hundreds:
        spoken.append(_ONES[rest])
    return " ".join(spoken)
