"""An ASGI application -> a route of ours."""

from litestar.handlers import ASGIRouteHandler, asgi
from litestar.types import Receive, Scope, Send

from api.v1.endpoint import App


def mounted(app: App, *paths: str, need: str = "") -> ASGIRouteHandler:
    """Return the route of an application; `need` is what the doors ask for, empty for what its method says."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    opt = {"door": need} if need else {}
    return asgi(list(paths), opt=opt, copy_scope=False)(answer)
