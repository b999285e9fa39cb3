"""Routes of the doors: keys, sign-in, sign-out, and who one is."""

from typing import Annotated, Any

from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import JSONBody, Parameter

from api.caller import LOCAL_ADMIN, Caller
from api.doors.callers import Callers
from api.doors.keyring import Keyring
from api.doors.knock import COOKIE, SECURE_COOKIE
from api.doors.shapes import KeyList, KeyWish, Me, NewKeyShape, SignInWish, key_of, me_of, new_key_of
from api.doors.sign_ins import SignIns
from api.errors import problems

KeyId = Annotated[str, Parameter(pattern=r"^[0-9A-Za-z]{1,64}$", description="Public part of the key.")]
AnyRequest = Request[Any, Any, Any]


@get("/api/keys", operation_id="listKeys", opt={"door": "admin"}, responses=problems(401, 403, 429, 503))
async def list_keys(keyring: NamedDependency[Keyring]) -> KeyList:
    """List all keys, without their secrets."""
    return KeyList(tuple(map(key_of, await keyring.all())))


@post("/api/keys", operation_id="makeKey", opt={"door": "admin"}, responses=problems(400, 401, 403, 409, 429, 503))
async def make_key(data: JSONBody[KeyWish], keyring: NamedDependency[Keyring]) -> NewKeyShape:
    """Make a key; this answer is the only one that has it."""
    made = await keyring.add(data.name, data.role, data.owner, {str(name): each for name, each in data.limits.items()})
    return new_key_of(made.row, made.text)


@delete(
    "/api/keys/{id:str}",
    operation_id="revokeKey",
    opt={"door": "admin"},
    responses=problems(400, 401, 403, 404, 409, 429, 503),
)
async def revoke_key(id: KeyId, keyring: NamedDependency[Keyring]) -> None:
    """Revoke a key, and end every sign-in with it. Its meetings stay."""
    await keyring.revoke(id)


@post(
    "/api/sign-in",
    operation_id="signIn",
    status_code=200,
    opt={"door": "open"},
    responses=problems(400, 401, 403, 429, 503),
)
async def sign_in(
    data: JSONBody[SignInWish],
    request: AnyRequest,
    sign_ins: NamedDependency[SignIns],
    callers: NamedDependency[Callers],
) -> Response[Me]:
    """Sign a browser in with a key; it is given a cookie that no script can read."""
    if not await callers.is_keyed():
        return Response(me_of(LOCAL_ADMIN, is_keyed=False))
    client = request.client.host if request.client else ""
    address = sign_ins.address(client, request.headers.getall("x-forwarded-for", []))
    signed_in = await sign_ins.sign_in(data.key.strip(), address)
    is_secure = is_over_https(request)
    cookie = _cookie(SECURE_COOKIE if is_secure else COOKIE, signed_in.cookie, signed_in.seconds, is_secure=is_secure)
    return Response(me_of(signed_in.caller, is_keyed=True), cookies=[cookie])


@post("/api/sign-out", operation_id="signOut", status_code=204, opt={"door": "open"}, responses=problems(403, 429, 503))
async def sign_out(request: AnyRequest, sign_ins: NamedDependency[SignIns]) -> Response[None]:
    """End this browser's sign-in."""
    for name in (SECURE_COOKIE, COOKIE):
        if name in request.cookies:
            await sign_ins.sign_out(request.cookies[name])
    gone = [_cookie(SECURE_COOKIE, "", 0, is_secure=True), _cookie(COOKIE, "", 0, is_secure=False)]
    return Response(None, status_code=204, cookies=gone)


@get("/api/me", operation_id="whoAmI", opt={"door": "read"}, responses=problems(401, 403, 429, 503))
async def who_am_i(caller: NamedDependency[Caller], callers: NamedDependency[Callers]) -> Me:
    """Return who calls, and what they may do."""
    return me_of(caller, is_keyed=await callers.is_keyed())


def is_over_https(request: AnyRequest) -> bool:
    """Tell whether the browser speaks HTTPS, if not to us, then to the proxy before us: its page's origin says so."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")


def _cookie(name: str, value: str, seconds: int, *, is_secure: bool) -> Cookie:
    return Cookie(name, value=value, path="/", max_age=seconds, httponly=True, secure=is_secure, samesite="strict")


ROUTES = (list_keys, make_key, revoke_key, sign_in, sign_out, who_am_i)
