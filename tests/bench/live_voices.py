"""Speakers while people speak: DER of online labels against the references, and against the offline labels."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.process import results
from pipeline.steps import steps_of
from stages.speech import SpeakerTurn, Utterance
from tests.api.served import served
from tests.bench.live_client import Took, stream
from tests.bench.live_spy import ROLES, Notes, Spies
from tests.bench.turns import Case, Errors, Turn, cases, errors

GROUPS = ("synthetic, 5 min", "people, 5 min")
"""Assembled meetings that are measured."""
SPEED = 6.0
"""Labels depend on the sound alone, so it may come faster."""


async def voices() -> None:
    """Print a line for each meeting, and one for all."""
    print("\nonline speakers          against reference:    DER  missed made up confused speech")
    total: dict[str, Errors] = {}
    spies = Spies()
    with tempfile.TemporaryDirectory() as place:
        async with served(Path(place), steps_of=steps_of, live_steps_of=spies.steps_of) as s:
            for role in ROLES:
                await s.parts.pool.host(role).load()
            for case in (case for case in cases() if case.group in GROUPS):
                took = await stream(s.port, _pcm(case), speed=SPEED)
                offline = [
                    (turn.start, turn.end, turn.speaker) for turn in (await results(s.parts.store, took.meeting)).turns
                ]
                online, length = _turns(spies.notes[-1]), len(case.samples) / 16_000
                found = {
                    "online, reference": errors(case.turns, online, length),
                    "offline, reference": errors(case.turns, offline, length),
                    "online, offline": errors(offline, online, length),
                }
                for name, wrong in found.items():
                    print(f"{case.name:<24} {name:<20} {wrong}", flush=True)
                    total[name] = total.get(name, Errors()) + wrong
                print(f"{case.name:<24} labels kept at the end: {_kept(spies.notes[-1], took):.1%} of the words")
    for name, wrong in total.items():
        print(f"{'all':<24} {name:<20} {wrong}")


def _pcm(case: Case) -> bytes:
    return (case.samples.clip(-1, 1) * 32767).astype("<i2").tobytes()


def _turns(notes: Notes) -> list[Turn]:
    return [(item.start, item.end, item.speaker) for _, item in notes if isinstance(item, SpeakerTurn)]


def _kept(notes: Notes, took: Took) -> float:
    """Return the share of words whose label at the end is the one that viewers knew."""
    live: dict[float, str | None] = {}
    for _, item in notes:
        if isinstance(item, Utterance):
            live.update({round(word.start, 2): item.speaker for word in item.words})
    last: dict[str, Sequence[dict[str, object]]] = {}
    for told in took.events("utterance"):
        last[told.event["utterance"]["id"]] = told.event["utterance"]["words"]
    words = [word for said in last.values() for word in said if word["speaker"] is not None]
    same = sum(live.get(round(float(str(word["start"])), 2)) == word["speaker"] for word in words)
    return same / max(1, len(words))
