"""Settings -> the server's application: the one place that chooses store, database and jobs, and puts all together."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, Router
from litestar.di import Provide
from litestar.handlers.base import BaseRouteHandler

from api import openapi
from api.address import address_of
from api.admin import routes as admin
from api.admin.elsewhere import Elsewhere
from api.admin.status import Statuses
from api.background import going_on, sweep_always
from api.doors.client_secrets import ClientSecrets
from api.doors.doors import Doors
from api.errors import HANDLERS
from api.gauges import Gauges
from api.goodbye import Goodbye
from api.log_tail import LogTail
from api.marked import Marked
from api.meter import Meter
from api.node_name import node_name
from api.only_one import only_one
from api.otel import tracing
from api.parts import Parts
from api.prepared import Bucket, prepared
from api.readiness import Readiness
from api.rotated import database_password, store_keys
from api.routes import health, older, page
from api.routes.meeting_routes import MEETINGS
from api.settings import Settings
from api.v1.audio.ears import Ears
from api.v1.audio.mount import audio_routes, serve_speech
from api.v1.mount import routes, serve_chat, serve_embedded
from api.v1.realtime.mount import realtime_routes
from pipeline.about import Known
from pipeline.asking.ask import NO_MODEL, Ask
from pipeline.at_once import AtOnce
from pipeline.captions import Captions
from pipeline.chat import GatewayChats
from pipeline.engine_pool import EnginePool
from pipeline.engine_room import EngineRoom
from pipeline.gateway.switchboard import Switchboard
from pipeline.job_queue import JobQueue
from pipeline.jobs import SCHEMA as JOBS_VERSION
from pipeline.jobs import Jobs
from pipeline.live.publications import Publications
from pipeline.live.registry import LiveMeetings
from pipeline.live.running import sum_up_of
from pipeline.meetings import Meetings
from pipeline.nodes import Nodes
from pipeline.process import StepsOf
from pipeline.queues import queues_of
from pipeline.scratch import Scratch
from pipeline.steps import live_steps_of as live_steps
from pipeline.steps import steps_of as all_steps
from pipeline.templates.shelf import Shelf
from pipeline.webhooks.hooks import Hooks
from pipeline.webhooks.queue import Deliveries
from pipeline.work import Work
from stages.hub_token import token_kept_in
from storage import latency
from storage.artifact_store import open_store
from storage.database.database import open_database
from storage.database.postgres import threads_engine
from storage.s3_place import S3Place

WEB = Path(__file__).parent.parent / "web"


def parts_of(settings: Settings, steps_of: StepsOf | None = None, live_steps_of: StepsOf | None = None) -> Parts:
    """Choose and connect the parts; stages are ours if none are given. Only a node's name is written before `running`.

    Raises:
        ValueError: an address of a store or database makes no sense.
        StoreAway: the folder of the store cannot be made.
        BadTemplate: a file in the folder of templates is none.
    """
    password = database_password(settings)
    store, records = (
        open_store(
            settings.store_url(),
            access_key=settings.store_access_key,
            secret_key=settings.store_secret_key,
            keys=store_keys(settings),
        ),
        open_database(settings.database_url(), password),
    )
    pool = EnginePool(settings.engine_choices())
    board = Switchboard(settings.all_providers(), settings.models, records, settings.gateway)
    summary, shelf = settings.summary, Shelf(records, settings.summary.templates)
    known = Known(shelf, summary)
    chats = GatewayChats(board, summary.model, summary.window, summary.patience_seconds)
    steps_of = steps_of or partial(all_steps, chats=chats, house=summary)
    live_steps_of = live_steps_of or partial(live_steps, house=summary)
    scratch = settings.data / "scratch" / "server"
    ears = Ears(pool, scratch, steps_of)
    if "engines" in settings.roles:
        serve_embedded(board, pool)
        serve_chat(board, pool)
        serve_speech(board, ears)
    captions = Captions(store, board, summary) if summary.model != NO_MODEL else None
    work = Work(store, records, pool, Scratch(scratch), steps_of=steps_of, known=known, captions=captions)
    hooks = Hooks(records, settings.webhooks)
    deliveries = Deliveries(hooks)
    queues = queues_of(settings.roles, pool.offers())
    nodes = Nodes(
        records,
        settings.node or node_name(settings.data),
        settings.roles,
        queues=queues,
        version=JOBS_VERSION,
        address=address_of(settings),
    )
    jobs = Jobs(
        work,
        settings.jobs_url(),
        executor=nodes.me.name,
        together=settings.jobs_together,
        queues=queues,
        nodes=nodes,
        engine=threads_engine(settings.jobs_url(), None if settings.jobs else password),
        deliveries=deliveries,
    )
    keep_days, folder = settings.keeping.retention_days, settings.data / "live"
    sum_up = sum_up_of(pool, chats, known, summary)
    live = LiveMeetings(store, records, pool, jobs, folder, settings.live, keep_days, live_steps_of, sum_up)
    return Parts(
        settings=settings,
        store=store,
        records=records,
        pool=pool,
        nodes=nodes,
        jobs=jobs,
        meetings=Meetings(store, records, jobs, settings.keeping),
        live=live,
        publications=Publications(live, records, settings.webrtc),
        board=board,
        ears=ears,
        ask=Ask(store, records, pool, board, settings.summary.model),
        at_once=AtOnce(pool, scratch, lambda: open_store("memory:"), steps_of),
        shelf=shelf,
        hooks=hooks,
        deliveries=deliveries,
        scratch=scratch,
        log=LogTail(),
        closing=Goodbye(),
    )


@asynccontextmanager
async def running(parts: Parts) -> AsyncGenerator[None, None]:
    """Start everything in order, and end it in the other order.

    Raises:
        InUse: another server works in the data folder.
        StoreAway, DatabaseAway: they cannot be reached.
    """
    async with AsyncExitStack() as ends:
        ends.enter_context(parts.log.listening())
        ends.enter_context(only_one(parts.settings.data))
        ends.enter_context(token_kept_in(parts.settings.data))
        ends.enter_context(tracing(parts.settings.otel, parts.nodes.me.name))
        ends.push_async_callback(parts.records.close)
        await prepared(parts.settings, parts.records, _bucket(parts.settings))
        ends.push_async_callback(parts.pool.close)
        await ends.enter_async_context(parts.board.running())
        await ends.enter_async_context(parts.nodes)
        await ends.enter_async_context(parts.jobs)
        if "api" in parts.settings.roles:
            await ends.enter_async_context(parts.live)
            await ends.enter_async_context(parts.publications)
            await ends.enter_async_context(going_on(sweep_always(parts.meetings)))
        if "engines" in parts.settings.roles:
            await ends.enter_async_context(going_on(parts.pool.load_pinned()))
        yield


def _bucket(settings: Settings) -> Bucket | None:
    if not settings.store.startswith("s3:"):
        return None
    from storage.minio_bucket import MinioBucket

    return MinioBucket(S3Place.parse(settings.store, settings.store_access_key, settings.store_secret_key))


async def drained(parts: Parts) -> None:
    """Take nothing more, and let jobs end; what is left is handed over when the server ends."""
    await parts.nodes.drain()
    parts.live.places.close()
    await parts.jobs.drain(parts.settings.drain_seconds)


def app_of(parts: Parts, web: Path = WEB) -> Litestar:
    """Put the routes together over parts that are running while the application does."""
    readiness = Readiness(parts.store, parts.records, parts.pool, parts.board, parts.nodes)
    meter = Meter(Gauges(parts.pool, parts.live, parts.jobs, readiness).look, (latency.REGISTRY,))

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None, None]:
        async with running(parts):
            yield

    def given(value: Any) -> Provide:
        return Provide(lambda: value, sync_to_thread=False, use_cache=False)

    api = [
        Router("/api", route_handlers=[route for module in MEETINGS for route in module.ROUTES], tags=["meetings"]),
        *page.ROUTES,
    ]
    room = admin.routers(Elsewhere(parts.nodes, parts.records))
    spoken = [
        Router("/api", route_handlers=[*older.ROUTES], tags=["older"]),
        *routes(parts.board, parts.records),
        *speech_routes(parts),
    ]
    engine_room = EngineRoom(parts.pool)
    named = msgspec.structs.replace(parts.settings, node=parts.nodes.me.name)
    roles = parts.settings.roles
    doors = Doors(parts.settings.doors, parts.records, parts.meetings.shared)
    app = Litestar(
        route_handlers=[
            *(api if "api" in roles else ()),
            *(room if "api" in roles or "engines" in roles else ()),
            *(spoken if "api" in roles or "engines" in roles else ()),
            Router("/", route_handlers=[*health.ROUTES], tags=["server"]),
        ],
        dependencies={
            "meetings": given(parts.meetings),
            "live": given(parts.live),
            "publications": given(parts.publications),
            "records": given(parts.records),
            "pool": given(parts.pool),
            "ask": given(parts.ask),
            "at_once": given(parts.at_once),
            "shelf": given(parts.shelf),
            "hooks": given(parts.hooks),
            "deliveries": given(parts.deliveries),
            "readiness": given(readiness),
            "engine_room": given(engine_room),
            "statuses": given(Statuses(named, parts.pool, engine_room, readiness, parts.records)),
            "job_queue": given(JobQueue(parts.jobs)),
            "log_tail": given(parts.log),
            "meter": given(meter),
            "closing": given(parts.closing),
            "scratch_folder": given(parts.scratch),
            "web_folder": given(web),
            "largest_upload": given(parts.settings.keeping.largest_upload),
        },
        exception_handlers=dict(HANDLERS),
        before_send=[meter.count],
        lifespan=[lifespan],
        openapi_config=openapi.config(),
        plugins=[doors],
        logging_config=None,
    )
    doors.stand_before(app)
    app.asgi_handler = Marked(app.asgi_handler)
    return app


def speech_routes(parts: Parts) -> list[BaseRouteHandler]:
    """Return the routes of /v1 that hear."""
    largest, secrets = parts.settings.keeping.largest_upload, ClientSecrets(parts.records)
    return [
        *audio_routes(parts.board, parts.ears, parts.scratch, largest),
        *realtime_routes(parts.board, parts.ears, parts.live, parts.pool, secrets, parts.closing),
    ]


def create_app(settings: Settings, steps_of: StepsOf | None = None, web: Path = WEB) -> Litestar:
    """Return the application."""
    return app_of(parts_of(settings, steps_of), web)
