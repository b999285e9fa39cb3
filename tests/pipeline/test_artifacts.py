"""Artifacts: parts, manifests, resume, fencing; with the real runner and toy stages on real stores."""

import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import anyio
import msgspec
import numpy as np
import pytest

from pipeline.artifacts import Artifacts, delete_meeting
from pipeline.attempts import Fenced, manifests
from pipeline.manifest import Recipe, digests, part_key
from pipeline.replay import Damaged, fingerprint, shown_items
from stages.engine import Card
from stages.speech import AudioChunk, Gap, Hypothesis, Mark, Span, SpeakerTurn, Utterance, Voices, Word
from storage.artifact_store import ArtifactStore, open_store
from storage.store import BadKey, StoreFull
from tests.pipeline.toy_run import RECIPES, keys, run_all
from tests.pipeline.toys import Broken, Upper

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    return open_store(str(tmp_path / "store") if request.param == "folder" else "memory:")


def word(start: float, track: str = "0") -> Word:
    return Word(start=start, end=start + 1, text=f"w{start:g}", confidence=0.5, track=track)


def mark(end: float, track: str = "0") -> Mark:
    return Mark(start=end, end=end, track=track)


async def open_words(store: ArtifactStore, **changes: float) -> Artifacts:
    return await Artifacts.open(store, "m", {"ramp": Recipe()}, part_seconds=changes.get("part_seconds", 0))


async def give(artifacts: Artifacts, *made: Span, stage: str = "ramp") -> None:
    for item in made:
        await artifacts.item(stage, item)


async def kept(artifacts: Artifacts, stage: str = "ramp") -> list[Span]:
    return [item async for item in (await artifacts.kept(stage)).items()]


async def test_items_count_from_their_mark_on(store: ArtifactStore) -> None:
    first = await open_words(store)
    await give(first, word(0), word(1))
    assert await kept(first) == [], "no mark yet"
    await give(first, mark(2), word(2))
    assert await kept(first) == [word(0), word(1), mark(2)]
    second = await open_words(store)
    replay = await second.kept("ramp")
    assert (replay.done, replay.until) == (False, {"0": 2})
    assert await kept(second) == [word(0), word(1), mark(2)]
    await give(second, word(2), word(3))
    await second.ended("ramp")
    third = await open_words(store)
    assert (await third.kept("ramp")).done
    assert await kept(third) == [word(0), word(1), mark(2), word(2), word(3)]


async def test_every_type_worth_keeping_comes_back_as_it_was(store: ArtifactStore) -> None:
    voices = Voices(
        start=0,
        end=10,
        speakers=2,
        active=b"\xff\x00",
        frames=8,
        embeddings=np.array([[1, 2], [np.nan, np.nan]], np.float32).tobytes(),
        solo=(1.25, 0.1 + 0.2),
    )
    said = Utterance.of([word(0.1 + 0.2)], None, ["S2"])
    made = [voices, said, SpeakerTurn(start=1 / 3, end=2, speaker="S1"), Gap(start=0, end=1, stage="a", reason="ü\n")]
    passing = [Hypothesis(start=0, end=1, text="h"), AudioChunk(start=0, end=1, samples=np.zeros(2, np.float32))]
    artifacts = await open_words(store)
    await give(artifacts, *made[:2], *passing, *made[2:], mark(10))
    assert await kept(await open_words(store)) == [*made, mark(10)]


async def test_marks_close_together_share_a_part_and_come_back_in_their_places(store: ArtifactStore) -> None:
    artifacts = await open_words(store, part_seconds=15)
    made = [item for second in range(44) for item in (word(second), mark(second + 1))]
    await give(artifacts, *made)
    manifest = (await artifacts.kept("ramp")).manifest
    assert [(part.start, part.until, part.items) for part in manifest.parts] == [(0, 15, 15), (15, 30, 15)]
    assert await kept(artifacts) == made[:60]


async def test_a_part_covers_a_minute_at_most(store: ArtifactStore) -> None:
    artifacts = await open_words(store)
    made = [word(second) for second in range(150)]
    await give(artifacts, *made)
    assert len(await keys(store, "meetings/m/ramp")) == 2
    assert await kept(artifacts) == [], "written, but no mark has been seen"
    await artifacts.ended("ramp")
    parts = (await artifacts.kept("ramp")).manifest.parts
    assert [part.items for part in parts] == [60, 60, 30]
    assert await kept(artifacts) == made


async def test_tracks_have_their_own_parts_whatever_they_are_called(store: ArtifactStore) -> None:
    names = ["0", "..", "Jörg / #1", "", "a~b"]
    artifacts = await open_words(store)
    for name in names:
        await give(artifacts, word(0, name), mark(2, name), word(2, name))
    assert (await artifacts.kept("ramp")).until == dict.fromkeys(names, 2)
    await artifacts.ended("ramp")
    made = await kept(await open_words(store))
    for name in names:
        assert [item for item in made if item.track == name] == [word(0, name), mark(2, name), word(2, name)]
    assert len({part_key("m", "ramp", name, 0, 1) for name in names}) == len(names)


async def test_an_attempt_that_was_taken_over_is_told_and_not_seen(store: ArtifactStore) -> None:
    old = await open_words(store)
    await give(old, word(0), mark(2))
    new = await open_words(store)
    assert (old.attempt, new.attempt) == (1, 2)
    with pytest.raises(Fenced, match="taken over by attempt 2"):
        await give(old, word(2), mark(4))
    with pytest.raises(Fenced):
        await Artifacts.open(store, "m", {}, attempt=1)
    await give(new, word(3), mark(4))
    await new.ended("ramp")
    assert await kept(await open_words(store)) == [word(0), mark(2), word(3), mark(4)]


class Gate(ArtifactStore):
    """Holds every manifest back until it is opened: a process that stood still between its check and its commit."""

    def __init__(self, other: ArtifactStore) -> None:
        super().__init__(other._store, other.where, other._root)
        self.reached, self.open = anyio.Event(), anyio.Event()

    async def put(self, key: str, data: bytes, *, create: bool = False) -> None:
        if "/manifests/" in key:
            self.reached.set()
            await self.open.wait()
        await super().put(key, data, create=create)


async def test_a_commit_that_comes_too_late_is_not_seen(store: ArtifactStore) -> None:
    gate = Gate(store)
    old = await Artifacts.open(gate, "m", {"ramp": Recipe()}, attempt=1, part_seconds=0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(give, old, word(0), mark(2))
        await gate.reached.wait()
        new = await Artifacts.open(store, "m", {"ramp": Recipe()}, attempt=7, part_seconds=0)
        await give(new, word(1), mark(3))
        gate.open.set()
    assert await kept(new) == [word(1), mark(3)]
    assert (await manifests(store, "m"))["ramp"].until == {"0": 3}
    await new.ended("ramp")
    assert await keys(store, "meetings/m/ramp") == ["meetings/m/ramp/0/000000-000007.jsonl"], "the late part is gone"


async def test_with_another_recipe_nothing_is_kept_and_the_old_is_shown_until_the_new_is_finished(
    store: ArtifactStore,
) -> None:
    first = await run_all(store)
    before = await fingerprint(store, "m")
    again = await run_all(store)
    assert await fingerprint(store, "m") == before
    assert (first.attempt, again.attempt) == (1, 2)
    other = {**RECIPES, "upper": Recipe(producers=("ramp",), options={"threshold": 0.5})}
    third = await Artifacts.open(store, "m", other, part_seconds=6)
    assert [(await third.kept(name)).done for name in RECIPES] == [True, False, False], "what rests on it goes with it"
    await give(third, SpeakerTurn(start=0, end=9, speaker="S9"), mark(9), stage="upper")
    current = await manifests(store, "m")
    assert current["upper"].until == {"0": 9}
    shown = [item async for item in shown_items(store, current["upper"])]
    assert len(shown) == 40, "the reader still sees all of what was finished"
    await third.ended("upper")
    current = await manifests(store, "m")
    assert [item async for item in shown_items(store, current["upper"])] == [SpeakerTurn(start=0, end=9, speaker="S9")]
    assert len(await keys(store, "meetings/m/upper")) == 1, "the old parts are gone"


async def test_what_a_stage_reads_is_part_of_how_it_is_made() -> None:
    card = Card(engine="e", model="m", revision="1", licence="MIT", attribution="them")
    base = {"a": Recipe(engine=card), "b": Recipe(producers=("a",)), "c": Recipe()}

    def changed(recipes: Mapping[str, Recipe], sound: str = "x") -> set[str]:
        one, other = digests(base, "x"), digests(recipes, sound)
        return {name for name in base if one[name] != other[name]}

    assert changed(dict(reversed(base.items()))) == set()
    assert changed(base, "y") == {"a", "b", "c"}
    new = msgspec.structs.replace
    assert changed({**base, "a": new(base["a"], engine=new(card, revision="2"))}) == {"a", "b"}
    assert changed({**base, "a": new(base["a"], engine=new(card, attribution="them all", memory=9))}) == set()
    assert changed({**base, "c": Recipe(options={"n": 1})}) == {"c"}


async def test_a_failed_stage_is_tried_again_and_whoever_read_it_too(store: ArtifactStore) -> None:
    failing = Upper({"w320000": Broken("The model ran out of memory.")})
    await run_all(store, upper=failing)
    current = await manifests(store, "m")
    assert (current["upper"].done, current["upper"].error) == (False, "The model ran out of memory.")
    turns = [item async for item in shown_items(store, current["upper"])]
    assert turns[-1] == Gap(start=20, end=40, stage="upper", reason="The model ran out of memory.")
    assert len(turns) == 21, "what it made after its last mark is shown, too"
    assert current["join"].done
    reading = Upper()
    await run_all(store, upper=reading)
    assert reading.read[0] == "w288000", "from its last mark, second 18"
    undisturbed = open_store("memory:")
    await run_all(undisturbed)
    assert await fingerprint(store, "m") == await fingerprint(undisturbed, "m")


async def test_a_full_disk_leaves_the_last_commit(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    artifacts = await open_words(store)
    await give(artifacts, word(0), mark(2))
    with no_room(), pytest.raises(StoreFull, match="Make room"):
        await give(artifacts, word(2), mark(4))
    assert await kept(await open_words(store)) == [word(0), mark(2)]
    assert await store.tidy(0) == 0


@contextmanager
def no_room() -> Iterator[None]:
    """Let this process write no byte to any file, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_part_that_was_changed_is_not_believed(store: ArtifactStore) -> None:
    artifacts = await open_words(store)
    await give(artifacts, word(0), mark(2))
    (key,) = await keys(store, "meetings/m/ramp")
    await store.put(key, (await store.get(key)).replace(b"w0", b"w9"))
    with pytest.raises(Damaged, match=key):
        await kept(artifacts)


async def test_deleting_removes_every_trace_and_stops_who_is_still_at_work(store: ArtifactStore) -> None:
    artifacts = await run_all(store)
    other = await Artifacts.open(store, "m2", {}, part_seconds=0)
    await delete_meeting(store, "m")
    assert await keys(store, "meetings/m") == []
    with pytest.raises(Fenced, match="deleted"):
        await give(artifacts, word(100), mark(200))
    assert await keys(store, "meetings/m") == []
    assert await keys(store, "meetings") == [f"meetings/m2/attempts/{other.attempt:06}.json"]
    assert await manifests(store, "m") == {}


@pytest.mark.parametrize("meeting", ["", "../x", "a/b", "a\n"])
async def test_an_id_that_is_no_key_is_refused(store: ArtifactStore, meeting: str) -> None:
    with pytest.raises(BadKey):
        await Artifacts.open(store, meeting, {})
    with pytest.raises(BadKey):
        await delete_meeting(store, meeting)
