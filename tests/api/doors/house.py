"""A server with doors: real routes, a real database, a clock that the test sets."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
from litestar import Litestar, Request, Router, get, post, websocket
from litestar.connection import WebSocket
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from api.caller import Caller
from api.doors.doors import Doors
from api.doors.keyring import MadeKey
from api.doors.settings import DoorSettings
from api.errors import HANDLERS
from api.goodbye import Goodbye
from api.routes import actions, ask, audio, edits, meetings, runs, search, shares, slides, summary, transcript
from pipeline.asking.ask import Ask
from pipeline.engine_pool import EnginePool
from pipeline.gateway.switchboard import Switchboard
from pipeline.jobs import Jobs
from pipeline.meetings import Meetings
from pipeline.scratch import Scratch
from pipeline.templates.shelf import Shelf
from pipeline.work import Work
from storage.artifact_store import open_store
from storage.database.database import Database, open_database
from storage.rows import KeyRole, MeetingRow
from tests.pipeline.toy_server import toy_steps

BEGAN = datetime.now(UTC)
LOOPBACK = ("127.0.0.1", 40_000)
PROBLEM = {"type", "title", "status", "detail"}
AWAY = ("203.0.113.7", 40_000)


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.seconds - 1000.0)

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds


class Count(msgspec.Struct):
    """JSON that a handler reads."""

    count: int


@get("/health", opt={"door": "open"})
async def health() -> str:
    return "alive"


@get("/api/admin/status")
async def admin_status() -> dict[str, str]:
    return {}


@post("/api/typed", status_code=200)
async def typed(data: JSONBody[Count]) -> dict[str, int]:
    return {"count": data.count}


@post("/api/free", status_code=200)
async def free(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {"read": type(await request.json()).__name__}


@get("/api/seen")
async def seen(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return what any log behind the doors could show."""
    return {"query": request.scope["query_string"].decode(), "url": str(request.url)}


@get("/v1/models")
async def models() -> dict[str, str]:
    return {}


@get("/api/header")
async def header(request: Request[Any, Any, Any]) -> Stream:
    """Write whatever the caller says into a header, as no route should."""
    said = request.query_params["value"]
    return Stream(iter([b"done"]), media_type="text/plain", headers={"X-Said": said})


@websocket("/api/meetings/{id:str}/live", opt={"door": "read"})
async def follow(socket: WebSocket[Any, Any, Any], id: FromPath[str], caller: NamedDependency[Caller]) -> None:
    """Say what is followed."""
    await socket.accept()
    await socket.send_json({"follows": id, "role": caller.role})


@websocket(["/api/live", "/v1/realtime"])
async def live(socket: WebSocket[Any, Any, Any], caller: NamedDependency[Caller]) -> None:
    """Say who calls, then echo."""
    await socket.accept(subprotocols=next(iter(socket.scope["subprotocols"]), None))
    await socket.send_json({"owner": caller.owner, "query": socket.scope["query_string"].decode()})
    while True:
        await socket.send_text(await socket.receive_text())


class House(msgspec.Struct):
    """What a test talks to."""

    app: Litestar
    doors: Doors
    records: Database
    meetings: Meetings
    clock: Clock

    def client(
        self, client: tuple[str, int] = LOOPBACK, base: str = "http://localhost", **more: Any
    ) -> httpx.AsyncClient:
        """Return somebody's client."""
        transport = httpx.ASGITransport(app=self.app, client=client)  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url=base, **more)

    def bearer(self, made: MadeKey) -> httpx.AsyncClient:
        """Return the client of a program with a key."""
        return self.bearer_of(made.text)

    def bearer_of(self, key: str) -> httpx.AsyncClient:
        """Return the client of a program that shows this as its key."""
        return self.client(AWAY, headers={"Authorization": f"Bearer {key}"})

    async def key(self, name: str, role: KeyRole = "user", **more: Any) -> MadeKey:
        """Make a key; the first one is an admin's."""
        if not await self.records.keys() and role != "admin":
            await self.doors.keyring.add("root", "admin")
        return await self.doors.keyring.add(name, role, **more)

    async def meeting(self, owner: str, title: str = "Talk") -> str:
        """Keep a meeting of somebody's."""
        id = f"m{len((await self.records.meetings(None)).items)}{owner}"
        row = MeetingRow(id=id, owner=owner, title=title, state="done", created_at=datetime.now(UTC), source="upload")
        await self.records.add_meeting(row)
        return id


@asynccontextmanager
async def house(folder: Path, settings: DoorSettings | None = None) -> AsyncIterator[House]:
    """Build a server in a folder."""
    store = open_store(str(folder / "artifacts"))
    records = open_database(f"sqlite:///{folder}/parley.db")
    if not (folder / "parley.db").exists():
        await records.migrate()
    work = Work(store, records, EnginePool(), Scratch(folder / "scratch"), steps_of=toy_steps)
    kept = Meetings(store, records, Jobs(work, f"sqlite:///{folder}/jobs.db", queues=()))
    asks = Ask(store, records, EnginePool(), Switchboard((), {}, records))
    clock = Clock()
    doors = Doors(settings or DoorSettings(), records, kept.shared, clock, clock.now)
    modules = (actions, ask, audio, edits, meetings, runs, search, shares, slides, summary, transcript)
    api = Router("/api", route_handlers=[each for module in modules for each in module.ROUTES])
    app = Litestar(
        [api, health, admin_status, typed, free, seen, models, header, follow, live],
        plugins=[doors],
        dependencies={
            "meetings": Provide(lambda: kept, sync_to_thread=False),
            "ask": Provide(lambda: asks, sync_to_thread=False),
            "closing": Provide(Goodbye, sync_to_thread=False),
            "shelf": Provide(lambda: Shelf(records), sync_to_thread=False),
        },
        exception_handlers={**HANDLERS},
        openapi_config=None,
    )
    doors.stand_before(app)
    try:
        yield House(app, doors, records, kept, clock)
    finally:
        await records.close()


class Socket:
    """A WebSocket client that is one ASGI call."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self._incoming: list[Mapping[str, Any]] = [{"type": "websocket.connect"}]
        self._incoming += [{"type": "websocket.receive", "text": text} for text in texts]
        self._incoming.append({"type": "websocket.disconnect", "code": 1000})
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> Mapping[str, Any]:
        return self._incoming.pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def is_accepted(self) -> bool:
        return bool(self.sent[0]["type"] == "websocket.accept")

    @property
    def close_code(self) -> int:
        return int(self.sent[-1]["code"])

    @property
    def texts(self) -> list[Any]:
        return [
            msgspec.json.decode(each["text"]) if each.get("text") else msgspec.json.decode(each["bytes"])
            for each in self.sent
            if each["type"] == "websocket.send"
        ]


async def connect(
    app: Any,
    path: str = "/api/live",
    headers: Mapping[str, str] | None = None,
    *,
    query: str = "",
    protocols: Sequence[str] = (),
    texts: Sequence[str] = (),
    client: tuple[str, int] = LOOPBACK,
) -> Socket:
    """Open a WebSocket, send texts, and close it."""
    said = {"host": "localhost:8000"} | {name.lower(): value for name, value in (headers or {}).items()}
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in said.items()],
        "subprotocols": list(protocols),
        "client": client,
        "server": ("127.0.0.1", 8000),
    }
    socket = Socket(texts)
    await app(scope, socket.receive, socket.send)
    return socket


def is_problem(answer: httpx.Response, status: int) -> bool:
    """Tell whether an answer is a problem in the shape that all of /api has."""
    told: dict[str, Any] = answer.json()
    has_shape: bool = answer.headers["content-type"] == "application/problem+json" and set(told) == PROBLEM
    return has_shape and answer.status_code == told["status"] == status and len(str(told["detail"])) > 20
