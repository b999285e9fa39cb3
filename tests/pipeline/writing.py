"""A summary by a scripted model, over the gateway and real HTTP."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date

import msgspec

from pipeline.chat import GatewayChats
from pipeline.gateway.providers import Provider
from pipeline.gateway.switchboard import Switchboard
from stages.engine import EngineHost
from stages.evidence import check_evidence
from stages.speech import Utterance
from stages.summarize import About, Embedder, SummaryWish
from stages.summary import Action, Point, Summary
from stages.write.writer import Writer
from storage.rows import UsageRow
from tests.bench.transcripts import spoken
from tests.upstreams import Scripted

DAY = date(2026, 11, 20)


class NoUsage:
    """Keeps what was used in memory."""

    def __init__(self) -> None:
        self.rows: list[UsageRow] = []

    async def add_usage(self, rows: Sequence[UsageRow]) -> None:
        self.rows += rows

    async def usage(self, since: date, until: date, owner: str | None = None) -> Sequence[UsageRow]:
        return self.rows


class House(msgspec.Struct):
    """A writer, and whom it asks."""

    writer: Writer
    board: Switchboard
    usage: NoUsage

    async def of(self, said: Sequence[Utterance], **about: object) -> Summary:
        """Summarise; evidence is checked once more, as the stage does."""
        wish = SummaryWish()
        made = await self.writer.summarise(said, wish, msgspec.convert({"day": DAY, **about}, About))
        assert check_evidence(made, said) == made
        return made


@asynccontextmanager
async def house(
    model: Scripted,
    embedder: EngineHost[Embedder],
    window: int | None = None,
    patience: float = 60.0,
    together: int = 4,
) -> AsyncIterator[House]:
    """Run the model and a gateway in front of it."""
    usage = NoUsage()
    async with model.running() as address:
        board = Switchboard([Provider(url=address, name="scripted", connect_seconds=2)], {}, usage)
        async with board.running():
            chats = GatewayChats(board, window=window, patience=patience)
            yield House(Writer(chats, embedder, together), board, usage)


def points(summary: Summary) -> list[Point | Action]:
    """Return everything that a summary says with evidence."""
    listed: list[Point | Action] = [*summary.decisions, *summary.actions, *summary.questions]
    return [*listed, *(point for topic in summary.topics for point in topic.points)]


def talk(*lines: str) -> list[Utterance]:
    """Return utterances of `S1: text` lines, one after the other."""
    made: list[Utterance] = []
    for line in lines:
        speaker, _, text = line.partition(": ")
        made.append(spoken(speaker, text, made[-1].end + 1 if made else 0.0))
    return made


GARDEN = talk(
    "S1: Good morning, today we talk about the garden and about the fence along the road.",
    "S2: The beans are fine, but we have no tomatoes left for the spring at all.",
    "S1: So we agreed to order forty tomato plants from the nursery in town.",
    "S3: I will call the nursery about the tomato plants by Thursday.",
    "S1: The fence along the road is rotten at the gate and has to be replaced this year.",
    "S2: It costs two thousand if we do the work ourselves on two weekends in April.",
    "S1: Then it is agreed, we replace the whole fence ourselves in April.",
    "S2: Who speaks with the neighbours about the noise?",
    "S3: Nobody knows yet, we have to find that out first.",
)


def long_talk(minutes: float) -> list[Utterance]:
    """Return a meeting of so many minutes whose lines all differ."""
    subjects = "budget roof garden kitchen website insurance parking heating choir library".split()
    made: list[Utterance] = []
    number, end = 0, 0.0
    while end < minutes * 60:
        subject = subjects[number // 40 % len(subjects)]
        text = (
            f"About the {subject} I want to say that offer number {number} of the {subject} firm from the "
            f"{number % 7 + 2}th street came in, and that we looked at the {subject} again with the neighbours."
        )
        if number % 25 == 24:
            text = f"So we agreed to take offer number {number} for the {subject} and to sign it soon."
        made.append(spoken(f"S{number % 4 + 1}", text, end + 0.6))
        number, end = number + 1, made[-1].end
    return made
