"""What is kept of a stage: its parts, how it was made, how far it got; and where all of that lies."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from stages.engine import Card
from stages.speech import Gap, Keyframe, Mark, SpeakerTurn, Speech, Utterance, Voices, Word
from stages.summary import Summary
from storage.store import BadKey

KeptItem = Mark | Speech | Word | Voices | SpeakerTurn | Utterance | Gap | Keyframe | Summary
"""What is worth keeping: sound has its recording, hypotheses and open speech pass."""

OWN_FOLDERS = ("attempts", "manifests", "slides", "ticked")
"""Names of folders of a meeting that no stage may have."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage's results depend on, beside the sound."""

    engine: Card | None = None
    """Card of the engine; None where the stage has none."""
    options: Mapping[str, Any] = {}
    """Whatever changes the results, as JSON knows it."""
    producers: tuple[str, ...] = ()
    """Names of the stages whose results it reads."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A file of items of one track, at most 60 s of it."""

    key: str
    """Where it lies."""
    track: str
    """Track of its items."""
    number: int
    """Counts the parts of the track, with holes where parts were dropped."""
    start: float
    """Seconds from the start of the meeting."""
    until: float
    """Seconds from the start of the meeting: the end of its last item or mark."""
    items: int
    """Number of items, marks not counted."""
    sha256: str
    """Of the file, in hex."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a stage: a part counts only when its manifest names it."""

    stage: str
    """Name of the stage."""
    recipe: str
    """Digest of everything its results depend on."""
    engine: Card | None
    """Engine that made it."""
    options: Mapping[str, Any]
    """Options it was made with."""
    edition: int
    """Counts how often the stage was begun from nothing, or failed."""
    read: dict[str, int]
    """Editions of its producers that it was made from."""
    parts: tuple[Part, ...] = ()
    """In the order in which they were committed."""
    until: dict[str, float] = {}
    """Track -> seconds up to which the stage needs no second run: the last mark that a part ends with."""
    done: bool = False
    """Whether the stage made its last item."""
    gap: Gap | None = None
    """What it left undone, where it gave up."""
    attempt: int
    """Attempt that committed last."""
    before: "Manifest | None" = None
    """What had been finished before the stage was begun again: shown until it is finished again."""

    @property
    def error(self) -> str | None:
        """Why the stage gave up; None where it did not."""
        return self.gap.reason if self.gap else None

    def to_go_on(self) -> "Manifest":
        """Return what the stage goes on with: without its gap, and without what it made after its last mark."""
        if self.done:
            return self
        parts = tuple(part for part in self.parts if part.start < self.until.get(part.track, 0.0))
        return msgspec.structs.replace(self, parts=parts, gap=None)

    def shown(self) -> "Manifest":
        """Return what a reader should see: the last finished edition, else what there is."""
        return self if self.done or self.before is None else self.before

    def all_parts(self) -> tuple[Part, ...]:
        """Return every part that it needs, also of what was finished before."""
        return self.parts + (self.before.parts if self.before else ())


def digests(recipes: Mapping[str, Recipe], sound: str) -> dict[str, str]:
    """Return for each stage the digest of its recipe, of the recipes it rests on, and of the sound.

    Of an engine counts its name, model and revision: a corrected attribution makes nothing stale.
    """
    known: dict[str, str] = {}

    def digest(name: str) -> str:
        if name not in known:
            recipe = recipes.get(name, Recipe())
            card = recipe.engine
            engine = [card.engine, card.model, card.revision] if card else None
            rests_on = [digest(producer) for producer in sorted(recipe.producers)] or [sound]
            told = msgspec.json.encode([name, engine, recipe.options, rests_on], order="deterministic")
            known[name] = hashlib.sha256(told).hexdigest()
        return known[name]

    return {name: digest(name) for name in recipes}


def folder_of(meeting: str) -> str:
    """Return the folder of everything that belongs to a meeting.

    Raises:
        BadKey: the id is not one part of a key.
    """
    if not meeting or "/" in meeting:
        raise BadKey(f"The id of a meeting is one part of a key, not {meeting!r}.")
    return f"meetings/{meeting}"


def stage_folder(meeting: str, stage: str) -> str:
    """Return the folder of a stage's parts."""
    if not stage or "/" in stage or stage in OWN_FOLDERS:
        raise BadKey(f"The name of a stage is one part of a key and none of {OWN_FOLDERS}, not {stage!r}.")
    return f"{folder_of(meeting)}/{stage}"


def part_key(meeting: str, stage: str, track: str, number: int, attempt: int) -> str:
    """Return where a part lies. It names the attempt, so that no other attempt ever writes there."""
    return f"{stage_folder(meeting, stage)}/{_named(track)}/{number:06}-{attempt:06}.jsonl"


def manifest_key(meeting: str, attempt: int, stage: str) -> str:
    """Return where the manifest lies that an attempt keeps of a stage."""
    return f"{manifests_folder(meeting, attempt)}/{stage}.json"


def manifests_folder(meeting: str, attempt: int) -> str:
    """Return the folder of an attempt's manifests."""
    return f"{folder_of(meeting)}/manifests/{attempt:06}"


def attempt_of(part: str) -> int:
    """Return which attempt wrote the part with this key."""
    return int(part.rsplit("-", 1)[1].removesuffix(".jsonl"))


def _named(track: str) -> str:
    """Return a track's name as a part of a key: whatever participants call themselves."""
    return quote(track, safe="").replace("~", "%7E").replace(".", "%2E").replace("%", "=") or "="
