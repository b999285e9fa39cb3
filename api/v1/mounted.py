"""An ASGI application -> a route of ours."""

from litestar.handlers import ASGIRouteHandler, asgi
from litestar.types import Receive, Scope, Send

from api.v1.endpoint import App


def mounted(app: App, *paths: str, need: str = "", is_root: bool = False) -> ASGIRouteHandler:
    """Return the route of an application; with `is_root` it also has all paths below.

    `need` is what the doors ask for, empty for what its method says.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    opt = {"door": need} if need else {}
    return asgi(list(paths), opt=opt, is_mount=is_root, copy_scope=False)(answer)
