"""What is asked of another server, with `?node=`: it is sent there as it came, and its answer comes back as it is.

Servers on one database know the same keys and sign-ins, so that the other one lets in whoever we let in.
"""

from typing import Any
from urllib.parse import quote

import httpx
from litestar import Request, Response

from api.errors import Problem
from pipeline.nodes import DEAD_SECONDS, Nodes
from storage.records import Records
from storage.rows import NodeRow

QUERY = "node"
SHOWN = ("authorization", "x-api-key", "cookie", "content-type", "accept")
"""Headers that travel."""
OURS = {"Sec-Fetch-Site": "same-origin"}
"""Our own doors have looked at whose page asks: a cookie counts without another proof."""
CONNECT_SECONDS, ANSWER_SECONDS = 3.0, 20.0

AnyRequest = Request[Any, Any, Any]


class NoSuchNode(Problem):
    """No server has this name."""

    status = 404


class NothingThere(Problem):
    """The server has nothing that could be asked."""

    status = 409


class NodeAway(Problem):
    """The server does not answer."""

    status = 503


class Elsewhere:
    """Passes requests on to other servers on the database."""

    def __init__(self, nodes: Nodes, records: Records) -> None:
        self._nodes, self._records = nodes, records

    async def answer(self, request: AnyRequest) -> Response[bytes] | None:
        """Return another server's answer; None where we are asked.

        Raises:
            NoSuchNode, NothingThere, NodeAway: it cannot be asked.
            RecordError: the database cannot say where it is.
        """
        name = request.query_params.get(QUERY)
        if not name or name == self._nodes.me.name:
            return None
        return await self._passed_on(request, await self._find(name))

    async def _find(self, name: str) -> NodeRow:
        others = {node.name: node for node in await self._records.nodes()}
        node = others.get(name)
        if node is None:
            known = ", ".join(sorted({*others, self._nodes.me.name}))
            raise NoSuchNode(f"No server is called {name[:100]!r}. There are {known}.")
        if node.age >= DEAD_SECONDS:
            raise NodeAway(f"The server {name} was last heard of {node.age:.0f} s ago. Start it again.")
        if not {"api", "engines"} & {*node.roles}:
            raise NothingThere(f"The server {name} has no engines: its roles are {', '.join(node.roles)}.")
        if not node.address:
            raise NothingThere(f"The server {name} does not say where it is. Set `address` there (PARLEY_ADDRESS).")
        return node

    async def _passed_on(self, request: AnyRequest, node: NodeRow) -> Response[bytes]:
        query = [(key, value) for key, value in request.query_params.multi_items() if key != QUERY]
        headers = {name: request.headers[name] for name in SHOWN if name in request.headers} | OURS
        limits = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        try:
            async with httpx.AsyncClient(timeout=limits, trust_env=False) as client:
                answer = await client.request(
                    request.method,
                    node.address + quote(request.scope["path"]),
                    params=query,
                    headers=headers,
                    content=await request.body(),
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NodeAway(
                f"The server {node.name} does not answer at {node.address}: {str(error) or type(error).__name__}. If "
                "it is elsewhere, set `address` there (PARLEY_ADDRESS)."
            ) from error
        return Response(
            answer.content, status_code=answer.status_code, media_type=answer.headers.get("content-type", "text/plain")
        )
