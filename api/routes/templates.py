"""Templates of summaries: those that come with Parley, and those that users wrote."""

import msgspec
from litestar import delete, get, post
from litestar.params import JSONBody

from api.errors import NotThere, problems
from api.given import TheShelf
from api.routes.common import USUAL
from api.shapes import Label
from pipeline.templates.shelf import Origin, Shelved
from stages.summary import Length
from stages.template import Section, Template
from storage.records import NoRecord


class TemplateShape(msgspec.Struct, frozen=True, kw_only=True):
    """How a summary is to be written."""

    name: str
    """Names it in requests."""
    title: str
    """Names it to people."""
    instructions: str
    """What a language model is told about this kind of meeting."""
    sections: tuple[Section, ...]
    """Parts that the summary has, beside title and overview."""
    length: Length
    """How much it says where the user does not choose."""
    origin: Origin
    """Where it comes from: Parley, a file in the folder of the server, or this API. Only the last can be deleted."""


class TemplateList(msgspec.Struct, frozen=True):
    """All templates."""

    items: tuple[TemplateShape, ...]
    """By name."""


@get("/templates", operation_id="listTemplates", responses=problems(*USUAL))
async def list_templates(shelf: TheShelf) -> TemplateList:
    """List the templates that a summary can follow."""
    return TemplateList(tuple(_shown(shelved) for shelved in (await shelf.all()).values()))


@post("/templates", operation_id="storeTemplate", status_code=201, responses=problems(*USUAL))
async def store_template(data: JSONBody[Template], shelf: TheShelf) -> TemplateShape:
    """Store a template, in place of one of the same name."""
    await shelf.store(data)
    return _shown(Shelved(template=data, origin="stored"))


@delete("/templates/{name:str}", operation_id="deleteTemplate", responses=problems(*USUAL, 404))
async def delete_template(name: Label, shelf: TheShelf) -> None:
    """Delete a stored template; summaries made by it stay."""
    try:
        await shelf.remove(name)
    except NoRecord as error:
        raise NotThere(str(error)) from error


def _shown(shelved: Shelved) -> TemplateShape:
    return TemplateShape(**msgspec.structs.asdict(shelved.template), origin=shelved.origin)


ROUTES = (list_templates, store_template, delete_template)
