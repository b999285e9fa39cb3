"""Meetings with known decisions, actions and open questions -> how much of them a summariser finds. Run it as a module.

Recall and precision count points by the utterances they cite. Owners and dates count over the actions that were found.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec

from pipeline.chat import GatewayChats
from pipeline.gateway.providers import Provider
from pipeline.gateway.switchboard import Switchboard
from stages.engine import EngineHost
from stages.engines.minilm import MiniLM
from stages.extract import Extractive
from stages.extract.english import tokens
from stages.summarize import About, Embedder, Summarizer, SummaryWish
from stages.summary import Action, Point, Summary
from stages.write.writer import Writer
from tests.bench.secretary import Secretary
from tests.bench.transcripts import KINDS, TONGUES, Kind, Meeting, Truth, every, joined, read
from tests.pipeline.writing import NoUsage
from tests.upstreams import Scripted


class Score(msgspec.Struct):
    """How a summary does on one kind of point."""

    known: int = 0
    found: int = 0
    """Known points that are reported."""
    reported: int = 0
    wrong: int = 0
    """Reported points that are not known."""
    doubles: int = 0
    """Reports of a point that was reported already."""
    owners: int = 0
    """Found actions with the right owner."""
    dues: int = 0
    """Found actions with the right date."""

    @property
    def recall(self) -> float:
        """Share of the known points that are reported."""
        return self.found / self.known if self.known else 1.0

    @property
    def precision(self) -> float:
        """Share of the reported points that are known."""
        return 1 - self.wrong / self.reported if self.reported else 1.0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            *(a + b for a, b in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True))
        )


def reported(summary: Summary) -> dict[Kind, Sequence[Point | Action]]:
    """Return the points of a summary by kind."""
    return {"decision": summary.decisions, "action": summary.actions, "question": summary.questions}


def score(summary: Summary, meeting: Meeting) -> dict[Kind, Score]:
    """Compare a summary with what is known to be in the meeting."""
    return {
        kind: _score(points, [truth for truth in meeting.truths if truth.kind == kind], meeting)
        for kind, points in reported(summary).items()
    }


def _score(points: Sequence[Point | Action], truths: Sequence[Truth], meeting: Meeting) -> Score:
    result = Score(known=len(truths), reported=len(points))
    seen: set[int] = set()
    for point in points:
        hit = [number for number, truth in enumerate(truths) if set(truth.utterances) & set(point.evidence)]
        fresh = [number for number in hit if number not in seen]
        result.wrong += not hit and not meeting.either & set(point.evidence)
        result.doubles += bool(hit) and not fresh
        for number in fresh[:1]:
            seen.add(number)
            result.owners += isinstance(point, Action) and _right(point.owner, truths[number].owners)
            result.dues += isinstance(point, Action) and _right(point.due, truths[number].dues)
    result.found = len(seen)
    return result


def _right(said: str | None, known: Sequence[str]) -> bool:
    """Tell whether an owner or date is one of those known, or none where none is known."""
    return not known if said is None else any(said.lower() == one.lower() for one in known)


def validity(summary: Summary, meeting: Meeting) -> float:
    """Return the share of points that cite utterances of the meeting, and where they are quoted use no other word."""
    said = {utterance.id: tokens(utterance.text) for utterance in meeting.utterances}
    points: list[Point | Action] = [point for listed in reported(summary).values() for point in listed]
    points += [point for topic in summary.topics for point in topic.points]
    valid = sum(_valid(point, said, quoted=summary.extractive) for point in points)
    return valid / len(points) if points else 1.0


def _valid(point: Point | Action, said: Mapping[str, list[str]], *, quoted: bool) -> bool:
    text = point.task if isinstance(point, Action) else point.text
    words = {word for id in point.evidence for word in said.get(id, [])}
    is_real = bool(point.evidence) and set(point.evidence) <= said.keys()
    return is_real and (not quoted or words.issuperset(tokens(text)))


async def measure(summarizer: Summarizer, meetings: Sequence[Meeting]) -> dict[Kind, Score]:
    """Print a table, one line per meeting and kind, and return the sums."""
    total = {kind: Score() for kind in KINDS.values()}
    held = {kind: Score() for kind in KINDS.values()}
    print(f"{'meeting':24}{'kind':10} recall precision   found wrong doubles owners  dues   evidence  topics  seconds")
    for meeting in meetings:
        begun = time.perf_counter()
        summary = await summarizer.summarise(meeting.utterances, SummaryWish(), About())
        took = time.perf_counter() - begun
        for kind, result in score(summary, meeting).items():
            total[kind] += result
            held[kind] += result if meeting.held_out else Score()
            tail = f"{validity(summary, meeting):9.0%} {len(summary.topics):6} {took:8.2f}"
            print(_line(meeting.name, kind, result) + tail)
    for name, sums in (("all", total), ("of these, held out", held)) if len(meetings) > 1 else ():
        for kind, result in sums.items():
            print(_line(name, kind, result))
    return total


def _line(name: str, kind: str, result: Score) -> str:
    owners = f"{result.owners}/{result.found} {result.dues:3}/{result.found}" if kind == "action" else ""
    return (
        f"{name:24}{kind:10} {result.recall:6.0%} {result.precision:9.0%} {result.found:4}/{result.known:<3}"
        f"{result.wrong:5} {result.doubles:7} {owners:>12}"
    )


def show(summary: Summary, meeting: Meeting) -> None:
    """Print a summary for the eye, with misses and mistakes."""
    print(f"\n== {meeting.name}: {summary.title}\n{summary.overview}")
    for topic in summary.topics:
        print(f"[{topic.start:5.0f}-{topic.end:5.0f}] {topic.title}")
        print("".join(f"      {point.text}\n" for point in topic.points), end="")
    texts = {utterance.id: utterance.text for utterance in meeting.utterances}
    for kind, points in reported(summary).items():
        truths = [truth for truth in meeting.truths if truth.kind == kind]
        for point in points:
            known = any(set(truth.utterances) & set(point.evidence) for truth in truths)
            print(f"  {'+' if known else 'x'} {kind}: {point}")
        for truth in truths:
            if not any(set(truth.utterances) & set(point.evidence) for point in points):
                print(f"  - {kind} missed: {texts[truth.utterances[0]]}")


async def chats(options: argparse.Namespace, host: EngineHost[Embedder], meetings: Sequence[Meeting]) -> None:
    """Score a language model: the one at an address, or a scripted one that knows the meetings and slips errors in."""
    secretary = Secretary([read(name) for name in every()])
    async with asked_at(options.chat, secretary) as address:
        board = Switchboard([Provider(url=address, name="bench")], {}, NoUsage())
        async with board.running():
            writer = Writer(GatewayChats(board, options.model, options.window), host)
            scripted = "a scripted model (no language model): it knows the points, and slips in false ones"
            print(f"\n{options.chat or scripted}")
            await measure(writer, meetings)
            print("one after the other, as one meeting")
            await measure(writer, [joined(list(meetings))])
    if not options.chat:
        print(f"false points that it slipped in: {secretary.false}")


@asynccontextmanager
async def asked_at(address: str | None, secretary: Secretary) -> AsyncIterator[str]:
    """Yield the address of a model."""
    if address:
        yield address
        return
    async with Scripted(secretary).running() as scripted:
        yield scripted


async def main() -> None:
    """Score the extractive summary on every meeting, as written and without punctuation; then a model."""
    names = every()
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("names", nargs="*", default=names)
    asked.add_argument("--show", action="store_true", help="print the summaries too")
    asked.add_argument("--chat", help="address of a server with a language model (a scripted one)")
    asked.add_argument("--model", help="which of its models (the first)")
    asked.add_argument("--window", type=int, help="tokens that it reads and writes at once (as it says)")
    options = asked.parse_args()
    host: EngineHost[Embedder] = EngineHost(MiniLM())
    summarizer = Extractive(host)
    for punctuation in (True, False):
        print("\nas written" if punctuation else "\nwithout punctuation")
        meetings = [read(name, punctuation=punctuation) for name in options.names]
        for meeting in meetings if options.show else ():
            show(await summarizer.summarise(meeting.utterances, SummaryWish()), meeting)
        await measure(summarizer, meetings)
        if len(meetings) > 1:
            print("one after the other, as one meeting")
            await measure(summarizer, [joined(meetings)])
    if options.names == names:
        print("\nFrench, German and Spanish, as written")
        await measure(summarizer, [read(name, TONGUES) for name in every(TONGUES)])
    await chats(options, host, [read(name) for name in options.names])
    await host.close()


if __name__ == "__main__":
    asyncio.run(main())
