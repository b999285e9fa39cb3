"""All webhooks: made, listed, deleted, and told what happened."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import msgspec

from pipeline.measures import WEBHOOK_TRIES
from pipeline.patience import Patience
from pipeline.webhooks.addresses import Allowed
from pipeline.webhooks.send import new_secret, send
from pipeline.webhooks.shape import BadWebhook, Delivery, EventType, Webhook, WebhookSettings
from storage.records import NoRecord, Records

KIND, DELIVERIES = "webhook", "delivery"
MOST_KEPT = 100
"""Deliveries of one webhook that are remembered."""
GONE = 410
"""The receiver wants nothing more. Source: Standard Webhooks."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An event on its way to one webhook."""

    hook: str
    """Id of the webhook."""
    event: str
    """Id of the event."""
    type: EventType
    """What happened."""
    meeting: str | None
    """Id of the meeting; None for a test."""
    body: str
    """What is sent: ids and states, nothing of what was said."""


class Hooks:
    """Each call that names an owner sees that owner's webhooks only."""

    def __init__(self, records: Records, settings: WebhookSettings) -> None:
        """Raises ValueError if `allowed` makes no sense."""
        self.settings = settings
        """As configured."""
        self._records, self._allowed, self._patience = records, Allowed(settings.allowed), Patience()

    async def add(
        self, owner: str, url: str, *, meeting: str | None, everybody: bool, events: Sequence[EventType]
    ) -> Webhook:
        """Make a webhook.

        Raises:
            BadWebhook: nothing may be sent to this address, or there are too many.
        """
        self._allowed.check(url)
        if len(await self.of(owner)) >= self.settings.most:
            raise BadWebhook(f"There are {self.settings.most} webhooks already. Delete one first.")
        hook = Webhook(
            id=secrets.token_hex(8),
            owner=owner,
            url=url,
            secret=new_secret(),
            created_at=datetime.now(UTC),
            meeting=meeting,
            everybody=everybody,
            events=tuple(events),
        )
        await self._keep(hook)
        return hook

    async def of(self, owner: str) -> Sequence[Webhook]:
        """Return an owner's webhooks, oldest first."""
        return [hook for hook in await self._all() if hook.owner == owner]

    async def one(self, id: str, owner: str) -> Webhook:
        """Return a webhook. Raises NoRecord if there is none, or it is somebody else's."""
        hook = msgspec.json.decode(await self._records.setting(KIND, id), type=Webhook)
        if hook.owner != owner:
            raise NoRecord("There is no such webhook.")
        return hook

    async def delete(self, id: str, owner: str) -> None:
        """Delete a webhook, and what is remembered of it. Raises NoRecord."""
        hook = await self.one(id, owner)
        await self._records.set_setting(KIND, hook.id, None)
        for event in await self._records.settings(f"{DELIVERIES}:{id}"):
            await self._records.set_setting(f"{DELIVERIES}:{id}", event, None)

    async def deliveries(self, id: str, owner: str) -> Sequence[Delivery]:
        """Return what became of the last events, newest first. Raises NoRecord."""
        await self.one(id, owner)
        return await self._deliveries(id)

    def test(self, hook: Webhook) -> Told:
        """Return an event that only tells that it works."""
        event, body = f"evt_test_{secrets.token_hex(8)}", _body("webhook.test", {"webhook": hook.id})
        return Told(hook=hook.id, event=event, type="webhook.test", meeting=None, body=body)

    async def told(self, meeting: str, run: int) -> list[Told]:
        """Return what is to be told, and to whom, now that a run of a meeting is over."""
        try:
            row = await self._patience.until_done(partial(self._records.meeting, meeting))
        except NoRecord:
            return []
        if row.state not in ("done", "failed"):
            return []
        kind: EventType = "meeting.done" if row.state == "done" else "meeting.failed"
        data = {"meeting": row.id, "run": run, "state": row.state, "duration": row.duration, "language": row.language}
        event, body = f"evt_{row.id}_{run}_{row.state}", _body(kind, data)
        return [
            Told(hook=hook.id, event=event, type=kind, meeting=row.id, body=body)
            for hook in await self._patience.until_done(self._all)
            if (hook.everybody or hook.owner == row.owner)
            and hook.meeting in (None, row.id)
            and kind in hook.events
            and not hook.is_gone
        ]

    async def attempt(self, told: Told, number: int) -> float | None:
        """Try for the `number`-th time, from 0. Return the pause before the next try; None if it is over."""
        hook = await self._patience.until_done(partial(self._find, told.hook))
        if hook is None or hook.is_gone:
            return None
        made = await send(hook, told.event, told.body.encode(), self._allowed, self.settings.timeout_seconds)
        is_over = made.error is None or made.status == GONE or number >= len(self.settings.retry_seconds)
        state = "delivered" if made.error is None else "failed" if is_over else "waiting"
        WEBHOOK_TRIES.labels("answered" if made.error is None else "refused" if made.status else "unreached").inc()
        if made.status == GONE:
            await self._keep(msgspec.structs.replace(hook, is_gone=True))
        before = {each.event: each for each in await self._deliveries(hook.id)}.get(told.event)
        await self._note(
            hook.id,
            Delivery(
                event=told.event,
                type=told.type,
                meeting=told.meeting,
                state=state,  # type: ignore[arg-type]
                tries=(*(before.tries if before else ()), made),
            ),
        )
        return None if is_over else self.settings.retry_seconds[number]

    async def _find(self, id: str) -> Webhook | None:
        try:
            return msgspec.json.decode(await self._records.setting(KIND, id), type=Webhook)
        except NoRecord:
            return None

    async def _all(self) -> list[Webhook]:
        kept = [msgspec.json.decode(each, type=Webhook) for each in (await self._records.settings(KIND)).values()]
        return sorted(kept, key=lambda hook: hook.created_at)

    async def _keep(self, hook: Webhook) -> None:
        await self._records.set_setting(KIND, hook.id, msgspec.json.encode(hook))

    async def _deliveries(self, id: str) -> Sequence[Delivery]:
        kept = (await self._records.settings(f"{DELIVERIES}:{id}")).values()
        found = [msgspec.json.decode(each, type=Delivery) for each in kept]
        return sorted(found, key=lambda each: each.tries[0].at, reverse=True)

    async def _note(self, id: str, delivery: Delivery) -> None:
        kind = f"{DELIVERIES}:{id}"
        await self._patience.until_done(
            lambda: self._records.set_setting(kind, delivery.event, msgspec.json.encode(delivery))
        )
        for old in (await self._deliveries(id))[MOST_KEPT:]:
            await self._records.set_setting(kind, old.event, None)


def _body(kind: EventType, data: dict[str, object]) -> str:
    return msgspec.json.encode({"type": kind, "timestamp": datetime.now(UTC), "data": data}).decode()
