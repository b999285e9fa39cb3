"""A live meeting -> a running summary every few minutes, beside its captions and never in their way."""

import logging
from collections.abc import Awaitable, Callable

import anyio
import msgspec

from pipeline.about import Known as KnownAbout
from pipeline.engine_pool import EnginePool
from pipeline.live.known import known
from pipeline.live.publish import Publisher
from pipeline.order import Order
from pipeline.payer import paid_by, payer_of
from pipeline.summary_settings import SummarySettings
from stages.engine_errors import EngineError
from stages.evidence import check_evidence
from stages.extract import Extractive
from stages.speech import by_time
from stages.summarize import About
from stages.summary import Summary
from stages.write.chat import Chats
from stages.write.running import Running, RunningSummary
from storage.records import DatabaseAway, NoRecord, Overtaken, Records
from storage.rows import MeetingRow

log = logging.getLogger(__name__)

LOST = (NoRecord, Overtaken)
"""The meeting was deleted, or another node has it."""


class SumUp(msgspec.Struct, frozen=True):
    """How live meetings are summed up."""

    every_seconds: float
    """Time between two looks."""
    begin: Callable[[MeetingRow, Summary | None], Awaitable[Running]]
    """Begins a running summary, or goes on with what an earlier process told."""


def sum_up_of(pool: EnginePool, chats: Chats, about: KnownAbout, settings: SummarySettings) -> SumUp | None:
    """Return how it is done; None where the settings want none."""
    if settings.live_minutes <= 0:
        return None

    async def begin(row: MeetingRow, before: Summary | None) -> Running:
        order = Order.of(row)
        template = await about.template(order.template)
        day = order.held_on or row.created_at.date()
        extractive = Extractive(pool.host("embed"), remembers=True)
        known_about = About(day=day, template=template, glossary=settings.glossary)
        return RunningSummary(chats, extractive, order.summary, known_about, before)

    return SumUp(settings.live_minutes * 60, begin)


async def keep_summing_up(sum_up: SumUp, records: Records, row: MeetingRow, publisher: Publisher) -> None:
    """Tell a running summary until cancelled.

    Raises:
        NoRecord, Overtaken: the meeting was deleted, or another node has it.
    """
    running: Running | None = None
    while True:
        await anyio.sleep(sum_up.every_seconds)
        try:
            told = await known(records, row.id)
            running = running or await sum_up.begin(row, told.summary)
            said = sorted(told.utterances, key=by_time)
            with paid_by(await payer_of(records, row)):
                made = await running.extend(said)
            if made is not None:
                await publisher.summary(check_evidence(made, said))
        except LOST:
            raise
        except (DatabaseAway, EngineError) as error:
            log.warning("The live meeting %s is not summed up now: %s", row.id, error)
        except Exception:
            # A summary is worth no meeting: the sound and the captions go on.
            log.exception("The live meeting %s cannot be summed up.", row.id)
