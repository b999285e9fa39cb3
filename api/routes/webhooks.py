"""Who is told when a meeting has come to its end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import JSONBody, Parameter
from msgspec import Meta

from api.doors.refusals import NotAllowed
from api.errors import problems
from api.given import TheCaller, TheDeliveries, TheHooks, TheMeetings
from api.routes.common import ID, OF_ONE, USUAL
from pipeline.webhooks.shape import EVENTS, Delivery, EventType, Webhook

HookId = Annotated[str, Parameter(pattern=ID, description="Id of the webhook.")]
Wanted = Annotated[tuple[EventType, ...], Meta(min_length=1, max_length=len(EVENTS))]


class WebhookWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A webhook that is to be made."""

    url: Annotated[str, Meta(max_length=2000)]
    """Where events are sent to: an https address that is not private, or one that the configuration allows."""
    meeting: Annotated[str, Meta(pattern=ID)] | None = None
    """The one meeting that it is about; null for all of the key's owner."""
    everybody: bool = False
    """Whether it is about everybody's meetings; for admins."""
    events: Wanted = EVENTS
    """What is told."""


class WebhookShape(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook, without its secret."""

    id: str
    """Names it in every address."""
    url: str
    """Where events are sent to."""
    created_at: datetime
    """UTC."""
    meeting: str | None
    """The one meeting that it is about; null for all."""
    everybody: bool
    """Whether it is about everybody's meetings."""
    events: tuple[EventType, ...]
    """What is told."""
    is_gone: bool
    """Whether its receiver said that it is gone (410): nothing is sent any more."""


class NewWebhook(WebhookShape, frozen=True, kw_only=True):
    """A webhook that was just made."""

    secret: str
    """Signs what is sent, as Standard Webhooks has it; shown this once."""


class WebhookList(msgspec.Struct, frozen=True):
    """The webhooks of a key's owner."""

    items: tuple[WebhookShape, ...]
    """Oldest first."""


class DeliveryList(msgspec.Struct, frozen=True):
    """What became of the last events."""

    items: tuple[Delivery, ...]
    """Newest first."""


class TestSent(msgspec.Struct, frozen=True):
    """A test is on its way."""

    event: str
    """Its id, under which `deliveries` tells what became of it."""


@post("/webhooks", operation_id="makeWebhook", status_code=201, responses=problems(*OF_ONE))
async def make_webhook(
    data: JSONBody[WebhookWish], hooks: TheHooks, meetings: TheMeetings, caller: TheCaller
) -> NewWebhook:
    """Tell somebody when meetings have come to their end; the secret is shown this once."""
    if data.everybody and caller.role != "admin":
        raise NotAllowed("Only an admin's key may ask about everybody's meetings.")
    if data.meeting is not None:
        await meetings.meeting(data.meeting, caller.owner)
    hook = await hooks.add(
        caller.owner, data.url, meeting=data.meeting, everybody=data.everybody, events=tuple(dict.fromkeys(data.events))
    )
    return NewWebhook(**msgspec.structs.asdict(_shape(hook)), secret=hook.secret)


@get("/webhooks", operation_id="listWebhooks", responses=problems(*USUAL))
async def list_webhooks(hooks: TheHooks, caller: TheCaller) -> WebhookList:
    """List who is told."""
    return WebhookList(tuple(map(_shape, await hooks.of(caller.owner))))


@delete("/webhooks/{id:str}", operation_id="deleteWebhook", responses=problems(*OF_ONE))
async def delete_webhook(id: HookId, hooks: TheHooks, caller: TheCaller) -> None:
    """Tell somebody no more; what waits for its next try is not sent."""
    await hooks.delete(id, caller.owner)


@post("/webhooks/{id:str}/test", operation_id="testWebhook", status_code=202, responses=problems(*OF_ONE))
async def test_webhook(id: HookId, hooks: TheHooks, deliveries: TheDeliveries, caller: TheCaller) -> TestSent:
    """Send an event that only tells that it works."""
    told = hooks.test(await hooks.one(id, caller.owner))
    await deliveries.test(told)
    return TestSent(told.event)


@get("/webhooks/{id:str}/deliveries", operation_id="listDeliveries", responses=problems(*OF_ONE))
async def list_deliveries(id: HookId, hooks: TheHooks, caller: TheCaller) -> DeliveryList:
    """Tell what became of the last 100 events."""
    found: Sequence[Delivery] = await hooks.deliveries(id, caller.owner)
    return DeliveryList(tuple(found))


def _shape(hook: Webhook) -> WebhookShape:
    return WebhookShape(**{name: getattr(hook, name) for name in WebhookShape.__struct_fields__})


ROUTES = (make_webhook, list_webhooks, delete_webhook, test_webhook, list_deliveries)
