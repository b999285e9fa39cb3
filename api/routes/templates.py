"""Templates of summaries that users wrote."""

import msgspec
from litestar import delete, get, post
from litestar.params import JSONBody

from api.errors import NotThere, problems
from api.given import TheRecords
from api.routes.common import USUAL
from api.shapes import Label, Title, Words
from storage.records import NoRecord

KIND = "template"


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a summary is to be written."""

    name: Label
    """Names it in requests."""
    title: Title
    """Names it to people."""
    instructions: Words
    """What a language model is told."""


class TemplateList(msgspec.Struct, frozen=True):
    """All templates."""

    items: tuple[Template, ...]
    """By name."""


@get("/templates", operation_id="listTemplates", responses=problems(*USUAL))
async def list_templates(records: TheRecords) -> TemplateList:
    """List the templates that were stored; `general` is always there besides."""
    kept = await records.settings(KIND)
    return TemplateList(tuple(msgspec.json.decode(kept[name], type=Template) for name in sorted(kept)))


@post("/templates", operation_id="storeTemplate", status_code=201, responses=problems(*USUAL))
async def store_template(data: JSONBody[Template], records: TheRecords) -> Template:
    """Store a template, in place of one of the same name."""
    await records.set_setting(KIND, data.name, msgspec.json.encode(data))
    return data


@delete("/templates/{name:str}", operation_id="deleteTemplate", responses=problems(*USUAL, 404))
async def delete_template(name: Label, records: TheRecords) -> None:
    """Delete a template; summaries made by it stay."""
    try:
        await records.setting(KIND, name)
    except NoRecord as error:
        raise NotThere(f"There is no template {name!r}.") from error
    await records.set_setting(KIND, name, None)


ROUTES = (list_templates, store_template, delete_template)
