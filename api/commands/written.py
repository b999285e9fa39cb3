"""Settings -> stages whose summary a language model writes, for a command that runs without a server."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date

import msgspec

from api.settings import Settings
from api.v1.mount import serve_chat
from pipeline.attempts import manifests
from pipeline.chat import GatewayChats
from pipeline.engine_pool import EnginePool
from pipeline.gateway.switchboard import Switchboard
from pipeline.options import Options
from pipeline.process import StepsOf, results
from pipeline.steps import Step, steps_of
from pipeline.templates.shelf import Shelf
from stages.stage import Sound
from stages.summarize import About, Summarize
from stages.write.chat import NoChat
from storage.rows import UsageRow
from storage.store import Store

SUMMARY = Summarize.name


class Uncounted:
    """Keeps no usage: a command is nobody's key."""

    async def add_usage(self, rows: Sequence[UsageRow]) -> None:
        """Forget it."""

    async def usage(self, since: date, until: date, owner: str | None = None) -> Sequence[UsageRow]:
        """Return nothing."""
        return ()


@asynccontextmanager
async def written_steps(settings: Settings, pool: EnginePool, options: Options) -> AsyncIterator[StepsOf]:
    """Yield stages that ask the configured language model while the block lasts.

    Raises:
        UnknownTemplate: the options name one that there is not.
    """
    house = settings.summary
    template = await Shelf(folder=house.templates).find(options.template)
    about = About(template=template, glossary=house.glossary, day=options.held_on)
    board = Switchboard(settings.all_providers(), settings.models, Uncounted(), settings.gateway)
    serve_chat(board, pool)
    async with board.running():
        chats = GatewayChats(board, house.model, house.window, house.patience_seconds)
        try:
            writer = (await chats.chat(options.summary_model)).name
        except NoChat:
            writer = ""

        def steps(sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
            made = steps_of(sound, pool, options, chats=chats, house=house)
            return [_written(step, writer, about) if step.stage.name == SUMMARY else step for step in made]

        yield steps


def _written(step: Step, writer: str, about: About) -> Step:
    """Let a summary rest on who writes it: with another model it is made again."""
    assert isinstance(step.stage, Summarize)
    step.stage.about = about
    known = {"written_by": writer, "template": msgspec.to_builtins(about.template), "held_on": str(about.day or "")}
    return msgspec.structs.replace(step, options={**step.options, **known})


async def takes_of(store: Store, meeting: str) -> Mapping[str, int]:
    """Return how often the summary was asked for: once more where sentences stood in for a model that was not there."""
    kept = (await manifests(store, meeting)).get(SUMMARY)
    if kept is None or not kept.done:
        return {}
    summary = (await results(store, meeting)).summary
    stood_in = summary is not None and summary.why_extractive is not None
    take = int(kept.options.get("take", 0)) + stood_in
    return {SUMMARY: take} if take else {}


async def has_summary(store: Store, meeting: str) -> bool:
    """Tell whether there is a summary, by whomever: where none is asked for, it stays."""
    kept = (await manifests(store, meeting)).get(SUMMARY)
    return kept is not None and kept.done
