"""A meeting of three hours through a window of 8,192 tokens: requests, tokens, wall time; nothing may be left out.

    python -m tests.bench.long_summary [--minutes 180] [--window 8192] [--seconds 2]

The model is scripted and answers in a fixed time; its tokens are those of MiniLM's WordPiece vocabulary, a real one.
The meeting is made of those in tests/bench/meetings, one after the other, again and again.
"""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Sequence

from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.speech import Utterance
from tests.bench.secretary import Secretary
from tests.bench.transcripts import Meeting, every, joined, read
from tests.pipeline.writing import house, points
from tests.upstreams import Scripted

MOST = 1.4
"""Tokens sent over tokens of the transcript."""


def meeting_of(minutes: float) -> Meeting:
    """Return a meeting of at least so many minutes, with the last one cut there."""
    known = [read(name) for name in every()]
    once = joined(known)
    times = int(minutes * 60 // once.utterances[-1].end) + 1
    whole = joined([once] * times)
    whole.utterances = [said for said in whole.utterances if said.start < minutes * 60]
    return whole


def as_text(said: Sequence[Utterance]) -> str:
    """Return a transcript as people read it: a speaker and what they said on each line."""
    return "".join(f"{utterance.speaker}: {utterance.text}\n" for utterance in said)


async def main() -> int:
    """Print the figures; return 1 where one is not as it should be."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--minutes", type=float, default=180)
    asked.add_argument("--window", type=int, default=8192)
    asked.add_argument("--seconds", type=float, default=2.0, help="time of an answer")
    options = asked.parse_args()
    whole = meeting_of(options.minutes)
    engine = MiniLM()
    host: EngineHost[MiniLM] = EngineHost(engine)
    await host.load()

    def count(text: str) -> int:
        return len(engine.tokenize([text])[0])

    model = Scripted(Secretary([read(name) for name in every()]), count=count)
    model.seconds = options.seconds
    async with house(model, host, window=options.window) as h:
        begun, used = time.perf_counter(), time.process_time()
        made = await h.of(whole.utterances)
        took, spent = time.perf_counter() - begun, time.process_time() - used
    words = count(" ".join(utterance.text for utterance in whole.utterances))
    lines = count(as_text(whole.utterances))
    await host.close()
    sent = sum(model.prompt_tokens)
    shown = Counter(line for each in model.asked if not each.is_end for _, _, line in each.lines)
    said = Counter(utterance.text for utterance in whole.utterances)
    left_out = sum((said - shown).values())
    longest = max(model.prompt_tokens)
    valid = sum(bool(point.evidence) for point in points(made)) / len(points(made))
    print(f"transcript      {len(whole.utterances)} utterances, {options.minutes:.0f} minutes, {lines} tokens")
    print(f"                with a speaker on each line, {words} of bare words")
    print(f"requests        {len(model.asked)}, {model.most_open} at once; {model.tokenized} more to count tokens")
    print(f"tokens sent     {sent}: {sent / lines:.2f} of the transcript, {sent / words:.2f} of its bare words")
    print(f"largest         {longest} tokens of a window of {options.window}")
    print(f"left out        {left_out} utterances; sent twice {sum((shown - said).values())}")
    print(f"wall time       {took:.1f} s; the model alone, one by one: {len(model.asked) * options.seconds:.0f} s")
    print(f"CPU time        {spent:.1f} s, nearly all of it vectors of sentences")
    print(f"points          {len(points(made))}, evidence valid {valid:.0%}, {made.dropped} dropped")
    good = sent / lines <= MOST and not left_out and longest < options.window and valid == 1 and not made.extractive
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
