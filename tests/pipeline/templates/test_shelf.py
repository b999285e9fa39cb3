"""Templates come with Parley, from a folder, or over the API; what is none is refused in words."""

from pathlib import Path

import pytest

from pipeline.templates.shelf import OURS, BadTemplate, Shelf, UnknownTemplate, read, read_folder
from stages.template import GENERAL

pytestmark = pytest.mark.anyio


def test_ours_are_there() -> None:
    assert set(read_folder(OURS)) == {"general", "standup", "interview", "lecture", "customer-call"}
    general = read(OURS / "general.toml")
    assert (general.title, general.instructions.strip()) == (GENERAL.title, GENERAL.instructions)


async def test_a_folder_adds_and_hides(tmp_path: Path) -> None:
    (tmp_path / "board.toml").write_text('title = "Board"\ninstructions = "Votes first."\nsections = ["decisions"]')
    (tmp_path / "general.toml").write_text('title = "Ours"\ninstructions = "x"')
    shelf = Shelf(folder=tmp_path)
    found = await shelf.all()
    assert found["board"].origin == found["general"].origin == "folder"
    assert found["lecture"].origin == "parley"
    assert (await shelf.find("board")).sections == ("decisions",)
    with pytest.raises(UnknownTemplate, match="no template 'bored'; there are board, customer-call"):
        await shelf.find("bored")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = ", "is no TOML"),
        ('title = "x"', "missing required field 'instructions'"),
        ('titel = "x"', "unknown field 'titel'"),
        ('title = "x"\ninstructions = "y"\nsections = ["jokes"]', "'jokes' - at 'sections"),
        ('title = "x"\ninstructions = "y"\nsections = []', "length >= 1"),
        ('title = "x"\ninstructions = "y"\nlength = "huge"', "'huge' - at 'length'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(BadTemplate, match="own") as caught:
        Shelf(folder=tmp_path)
    assert told in str(caught.value)


def test_a_name_that_no_request_could_say_is_refused(tmp_path: Path) -> None:
    (tmp_path / "our own.toml").write_text('title = "x"\ninstructions = "y"')
    with pytest.raises(BadTemplate, match="at 'name'"):
        Shelf(folder=tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match="is not there"):
        Shelf(folder=tmp_path / "none")
