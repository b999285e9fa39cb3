"""POST /v1/images/generations: passed on to whoever makes pictures."""

from api.v1.chat import asked
from api.v1.endpoint import Request
from api.v1.relay import relay
from pipeline.gateway.body import required, value_of
from pipeline.gateway.errors import NoPictures, NothingServes
from pipeline.gateway.providers import ModelType

PICTURES: ModelType = "image-generation"


async def images(request: Request) -> None:
    """Make pictures; without a model's name, the first that does is asked."""
    name = value_of(request.fields, "model", str)
    required(request.fields, "prompt", str)
    try:
        found = await (
            request.board.first("image-generation") if name is None else request.board.find(name, "image-generation")
        )
    except NothingServes as error:
        raise NoPictures(str(error)) from error
    route = request.admitted(found)
    async with request.call(route, asked("/v1/images/generations", request.fields)) as call:
        await relay(request.exchange, call, needs_done=False)
