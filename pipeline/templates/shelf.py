"""Names -> templates: those that come with Parley, those in a folder of the user, those stored over the API."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, Self

import msgspec

from stages.template import Template
from storage.records import NoRecord, Records

OURS = Path(__file__).parent
KIND = "template"
"""What the database calls stored ones."""
Origin = Literal["parley", "folder", "stored"]
"""Where a template comes from; a later one hides an earlier one of the same name."""


class BadTemplate(ValueError):
    """A file is no template; the sentence names the file and says what is wrong."""


class UnknownTemplate(ValueError):
    """There is no template of this name."""

    @classmethod
    def of(cls, name: str, known: Iterable[str]) -> Self:
        """Name what was asked for, and what there is."""
        return cls(f"There is no template {name[:64]!r}; there are {', '.join(known)}.")


class Shelved(msgspec.Struct, frozen=True, kw_only=True):
    """A template, and where it comes from."""

    template: Template
    """The template."""
    origin: Origin
    """Where it comes from."""


class Shelf:
    """All templates. Files are read once, when the server starts."""

    def __init__(self, records: Records | None = None, folder: Path | None = None) -> None:
        """Read the files; without records, none can be stored.

        Raises:
            BadTemplate: a file of the folder is none, or there is no such folder.
        """
        self._records = records
        self._files = {name: Shelved(template=made, origin="parley") for name, made in read_folder(OURS).items()}
        for name, made in (read_folder(folder) if folder is not None else {}).items():
            self._files[name] = Shelved(template=made, origin="folder")

    async def all(self) -> Mapping[str, Shelved]:
        """Return all templates by name, sorted."""
        stored = await self._records.settings(KIND) if self._records is not None else {}
        found = dict(self._files)
        for name, data in stored.items():
            found[name] = Shelved(template=msgspec.json.decode(data, type=Template), origin="stored")
        return dict(sorted(found.items()))

    async def find(self, name: str) -> Template:
        """Return a template.

        Raises:
            UnknownTemplate: there is none of this name.
        """
        found = await self.all()
        if name not in found:
            raise UnknownTemplate.of(name, found)
        return found[name].template

    async def store(self, template: Template) -> None:
        """Store a template, in place of one of the same name."""
        assert self._records is not None
        await self._records.set_setting(KIND, template.name, msgspec.json.encode(template))

    async def remove(self, name: str) -> None:
        """Delete a stored template: one of a file with the same name is seen again. Raises NoRecord."""
        assert self._records is not None
        try:
            await self._records.setting(KIND, name)
        except NoRecord as error:
            raise NoRecord(f"No template {name!r} was stored; those that come as files cannot be deleted.") from error
        await self._records.set_setting(KIND, name, None)


def read_folder(folder: Path) -> Mapping[str, Template]:
    """Read every *.toml of a folder: the file's name without its end names the template.

    Raises:
        BadTemplate: a file is none, or there is no such folder.
    """
    if not folder.is_dir():
        raise BadTemplate(f"The folder of templates {folder} is not there. Make it, or change `templates`.")
    return {path.stem: read(path) for path in sorted(folder.glob("*.toml"))}


def read(path: Path) -> Template:
    """Read a template. Raises `BadTemplate`."""
    try:
        given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadTemplate(f"The template {path} is no TOML: {error}.") from error
    except OSError as error:
        raise BadTemplate(f"The template {path} cannot be read: {error.strerror}.") from error
    try:
        return msgspec.convert({"name": path.stem, **given}, Template)
    except msgspec.ValidationError as error:
        why = str(error).replace("`", "'").replace("$.", "").replace("Object ", "it ")
        raise BadTemplate(f"The template {path} is wrong: {why}.") from error
