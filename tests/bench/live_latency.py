"""One stream at the pace of the clock: when its words are seen, what that is made of, and how often they change."""

import difflib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from pipeline.process import results
from pipeline.score import normal_words, word_errors
from pipeline.steps import steps_of
from stages.agree import bare
from stages.speech import Hypothesis, Speech, Transcribed, Word
from tests.api.served import Served, served
from tests.bench.live_client import Took, stream
from tests.bench.live_source import Sentence, Spoken, read_by_a_person, read_by_voices
from tests.bench.live_spy import Notes, Spies, WatchedHost, watched

SECONDS = 120.0
"""Sound of synthetic voices."""
NEAR = 0.5
"""A word that ends this near to a sentence's end is its last one, in seconds."""


class Final(msgspec.Struct, frozen=True):
    """How the last words of a sentence came, in seconds after its end."""

    total: float
    """When the client had them."""
    detector: float
    """Until the detector was sure that nobody speaks."""
    asr: float
    """Of the recognizer, after that."""
    align: float
    """Of the aligner."""
    queue: float
    """Between them, waiting for engines and threads."""
    publish: float
    """From there to the client: attribution, database, network."""


async def latency() -> None:
    """Print a table for synthetic voices and for a reader."""
    spies = Spies()
    with tempfile.TemporaryDirectory() as place:
        async with served(Path(place), steps_of=steps_of, live_steps_of=spies.steps_of) as s:
            hosts = await watched(s.parts.pool)
            for name, spoken in (("synthetic voices", read_by_voices(SECONDS, 1)), ("reader", read_by_a_person())):
                took = await stream(s.port, spoken.pcm)
                print(f"\n{name}: {len(spoken.samples) / 16_000:.0f} s, {len(spoken.sentences)} sentences")
                _print_words(spoken, took, spies.notes[-1], hosts)
                await _print_errors(s, spoken, took)
                _print_changes(spies.notes[-1])


def _print_words(spoken: Spoken, took: Took, notes: Notes, hosts: dict[str, WatchedHost]) -> None:
    firsts = [at for sentence in spoken.sentences if (at := _first(sentence, took)) is not None]
    print(f"first word seen after its onset: p50 {_q(firsts, 0.5)}, p95 {_q(firsts, 0.95)} ({len(firsts)} sentences)")
    finals = [final for sentence in spoken.sentences if (final := _final(sentence, took, notes, hosts)) is not None]
    totals = [final.total for final in finals]
    print(f"final words after the end of speech: p50 {_q(totals, 0.5)}, p95 {_q(totals, 0.95)} ({len(finals)})")
    for part in ("detector", "asr", "align", "queue", "publish"):
        shares = [getattr(final, part) for final in finals]
        print(f"    {part:<9} p50 {_q(shares, 0.5)}, p95 {_q(shares, 0.95)}")


def _first(sentence: Sentence, took: Took) -> float | None:
    """Return how long after its onset the first word was seen."""
    for told in took.events("hypothesis", "utterance"):
        said: dict[str, Any] = told.event.get("utterance", told.event)
        is_near = told.at > sentence.start and said["end"] > sentence.start and said["start"] < sentence.end
        if is_near and sentence.words[0] in normal_words(said["text"]):
            return told.at - sentence.start
    return None


def _final(sentence: Sentence, took: Took, notes: Notes, hosts: dict[str, WatchedHost]) -> Final | None:
    """Return how the last words came; None where the sentence ended inside a longer stretch."""
    for told in took.events("utterance"):
        words = told.event["utterance"]["words"]
        if abs(words[-1]["end"] - sentence.end) < NEAR and told.at > sentence.end - NEAR:
            break
    else:
        return None
    items = [(at - took.began, item) for at, item in notes]
    closed = [at for at, item in items if isinstance(item, Speech) and item.start < sentence.end < item.end + NEAR]
    ready = [at for at, item in items if isinstance(item, Transcribed) and abs(item.end - sentence.end) < 2 * NEAR]
    if not closed or not ready:
        return None
    asr, align = (_within(hosts[role], took, closed[0], ready[0]) for role in ("asr", "aligner"))
    queue = max(0.0, ready[0] - closed[0] - asr - align)
    return Final(told.at - sentence.end, closed[0] - sentence.end, asr, align, queue, told.at - ready[0])


def _within(host: WatchedHost, took: Took, begin: float, end: float) -> float:
    spans = [(first - took.began, last - took.began) for first, last in host.calls]
    return sum(max(0.0, min(last, end) - max(first, begin)) for first, last in spans)


async def _print_errors(s: Served, spoken: Spoken, took: Took) -> None:
    shown: dict[str, dict[str, Any]] = {}
    for told in took.told:
        if told.event["type"] == "stage" and told.event["stage"]["name"] == "recording":
            break
        if told.event["type"] == "utterance":
            shown[told.event["utterance"]["id"]] = told.event["utterance"]
    live = " ".join(said["text"] for said in sorted(shown.values(), key=lambda said: float(said["start"])))
    found = await results(s.parts.store, took.meeting)
    final = " ".join(said.text for said in sorted(found.utterances, key=lambda said: said.start))
    for name, text in (("live", live), ("offline", final)):
        wrong = word_errors(spoken.text, text)
        print(f"WER {name}: {wrong.wer:.2%} ({wrong.errors} of {wrong.words})")


def _print_changes(notes: Notes) -> None:
    """Print how many of the words that two hypotheses agreed on are not among the final ones, in order."""
    agreed: dict[float, list[str]] = {}
    for _, item in notes:
        if isinstance(item, Hypothesis):
            known = agreed.setdefault(item.start, [])
            known += [bare(word) for word in item.text[: item.agreed].split()][len(known) :]
    words = sorted((item for _, item in notes if isinstance(item, Word)), key=lambda word: word.start)
    count, kept = 0, 0
    for start, first in agreed.items():
        last = [bare(word.text) for word in words if word.start >= start - 0.01][: len(first) + 3]
        matcher = difflib.SequenceMatcher(None, first, last, autojunk=False)
        same = sum(block.size for block in matcher.get_matching_blocks())
        count, kept = count + len(first), kept + same
        if same < len(first):
            print(f"    agreed: {' '.join(first)}\n    final:  {' '.join(last)}")
    share = (count - kept) / max(1, count)
    print(f"words that hypotheses agreed on: {count}, later changed: {count - kept} ({share:.2%})")


def _q(values: Sequence[float], share: float) -> str:
    return f"{np.quantile(values, share):.2f} s" if len(values) else "-"
