"""A meeting -> whom models' work for it is counted under: the key that ordered it, else its owner.

A job was accepted, so limits a minute hold nothing up: requests and tokens are counted, and what is owed is waited for
by the key's next requests. A daily budget is money: once it is spent, no more models are asked for its meetings that
day, and whoever wanted one is told so.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

from pipeline.gateway.limits import BUDGET
from pipeline.gateway.record import Payer, counted
from pipeline.gateway.route import Route
from pipeline.gateway.switchboard import Switchboard
from pipeline.order import Order
from storage.records import NoRecord, Records
from storage.rows import MeetingRow


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A `Payer` while nobody is calling."""

    owner: str
    """Whose key it is."""
    key_id: str | None = None
    """Public part of the key; None where there is none."""
    limits: Mapping[str, float] = {}
    """What the key allows."""
    counted_as: str
    """What is counted by where there is no key."""


HOUSE = Account(owner="parley", counted_as="parley")
"""The server itself: what it asks for no meeting."""
PAYER: ContextVar[Payer] = ContextVar("payer", default=HOUSE)
"""Whom the work at hand is counted under."""


async def payer_of(records: Records, row: MeetingRow) -> Account:
    """Return whom the work for a meeting is counted under, with the limits that hold now."""
    id = Order.of(row).origin.key
    try:
        limits = (await records.key(id)).limits if id else {}
    except NoRecord:
        id = ""
        limits = {}
    return Account(owner=row.owner, key_id=id or None, limits=limits, counted_as=row.owner)


@contextmanager
def paid_by(payer: Payer) -> Iterator[None]:
    """Count what the block asks of models under somebody."""
    token = PAYER.set(payer)
    try:
        yield
    finally:
        PAYER.reset(token)


def keep_within_budget(board: Switchboard, route: Route) -> None:
    """Let the payer use a model while its budget lasts.

    Raises:
        LimitReached: it is spent.
    """
    payer = PAYER.get()
    budgets = {name: limit for name, limit in payer.limits.items() if name.endswith(BUDGET)}
    board.limits.admit(counted(payer), budgets, route.id)
