"""Which of several languages is spoken: the one in which the recognizer is surest, told anew after every mark."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from pipeline.engine_pool import Choice, EnginePool
from stages.engine import EngineHost
from stages.engine_errors import CannotDo, LanguageNotSpoken
from stages.engines.canary import Canary
from stages.foreheard import Foreheard
from stages.heard import Heard, HeardWord, Wish
from stages.hypothesize import Hypothesize
from stages.speech import SAMPLE_RATE, Gap, Hypothesis, Mark, OpenSpeech, Span, Speech, Word
from stages.tell_language import named
from stages.transcribe import Transcribe
from tests.collect import ListInbox, collect, flow
from tests.held_sound import HeldSound
from tests.stages.test_transcribe import Fake, Floats

pytestmark = pytest.mark.anyio

GERMAN, ENGLISH = 0.2, 0.6
"""How loud German is, and how loud English."""
SET = ("de", "en")


class Bilingual(Fake):
    """Knows German by its loudness and English by its; says whole sentences, or few words where little is said."""

    card = msgspec.structs.replace(
        Fake.card, languages=("de", "en", "fr"), capabilities=frozenset({"language_by_score"}), batch=4
    )

    def __init__(self, presumed: tuple[str, ...] = ()) -> None:
        self.card = msgspec.structs.replace(self.card, presumed=presumed)
        self.heard_in: list[str] = []

    def check(self, wish: Wish) -> None:
        Canary(presumed=self.card.presumed).check(wish)

    def transcribe(self, stretches: Sequence[Floats], wish: Wish) -> list[Heard]:
        assert wish.language is not None
        return [self._hear(stretch, wish.language) for stretch in stretches]

    def _hear(self, stretch: Floats, language: str) -> Heard:
        self.heard_in.append(language)
        spoken = "de" if abs(float(stretch.max()) - GERMAN) < 0.01 else "en"
        count = 12 if len(stretch) > 3 * SAMPLE_RATE else 1
        sure = 0.9 if language == spoken else 0.6
        return Heard(tuple(HeardWord(f"{language}{at}", sure, at / 10, (at + 1) / 10) for at in range(count)), language)


def meeting(*spoken: tuple[float, float]) -> tuple[HeldSound, list[Speech | Mark]]:
    """Return stretches of these lengths and languages, twenty seconds from one to the next, and no mark."""
    sound = np.zeros(20 * SAMPLE_RATE * len(spoken), np.float32)
    line: list[Speech | Mark] = []
    for number, (length, loudness) in enumerate(spoken):
        sound[20 * SAMPLE_RATE * number :][: round(length * SAMPLE_RATE)] = loudness
        line.append(Speech(start=20.0 * number, end=20.0 * number + length))
    return HeldSound({"0": sound}), line


def stage(engine: Bilingual, sound: HeldSound, wish: Wish, foreheard: Foreheard | None = None) -> Transcribe:
    return Transcribe(sound, EngineHost(engine), None, wish, foreheard=foreheard)


def languages(found: Sequence[Span]) -> list[object]:
    return [item.language for item in found if isinstance(item, Word) and item.text[2:] == "0"]


async def test_the_surest_language_is_taken_and_then_no_other_is_tried() -> None:
    sound, line = meeting((5, ENGLISH), (5, ENGLISH), (5, ENGLISH))
    engine = Bilingual()
    found = await collect(stage(engine, sound, Wish(languages=SET)), line)
    assert languages(found) == ["en"] * 3
    assert engine.heard_in == ["de", "en", "en", "en", "en"], "both once, and then all that is said in English"
    assert not [item for item in found if isinstance(item, Gap)]


async def test_it_is_told_anew_after_a_mark() -> None:
    sound, line = meeting((5, ENGLISH), (5, ENGLISH), (5, GERMAN), (5, GERMAN))
    line.insert(2, Mark(start=38, end=38))
    found = await collect(stage(Bilingual(), sound, Wish(languages=SET)), line)
    assert languages(found) == ["en", "en", "de", "de"]
    assert [type(item) for item in found].index(Mark) == 24
    rest = await collect(stage(Bilingual(), sound, Wish(languages=SET)), line[3:])
    assert found[25:] == rest, "what begins at a mark ends as what ran through it"


async def test_below_the_threshold_the_first_language_is_taken_and_after_a_while_a_gap_says_so() -> None:
    sound, line = meeting(*[(1, ENGLISH)] * 6)
    found = await collect(stage(Bilingual(), sound, Wish(languages=("de", "en"))), line)
    assert languages(found) == ["de"] * 3 + ["de"] * 3
    notes = [item for item in found if isinstance(item, Gap) and item.stage == "language"]
    assert [note.start for note in notes] == [60.0]
    assert notes[0].reason.startswith("It is unclear which of the languages de, en is spoken here; it was taken for de")


async def test_short_stretches_add_up() -> None:
    sound, line = meeting((1, ENGLISH), (5, ENGLISH), (1, ENGLISH))
    found = await collect(stage(Bilingual(), sound, Wish(languages=SET)), line)
    assert languages(found) == ["de", "en", "en"]


async def test_how_sure_one_must_be_is_a_setting() -> None:
    sound, line = meeting((1, ENGLISH), (1, ENGLISH))
    engine = Bilingual()
    engine.card = msgspec.structs.replace(engine.card, sure=0.55)
    found = await collect(stage(engine, sound, Wish(languages=SET)), line)
    assert languages(found) == ["en", "en"], "one word makes a belief of 0.6"
    given = Choice(engine="canary", options={"sure": "0.55"})
    assert EnginePool({"asr": given}).host("asr").card.sure == 0.55
    for wrong in (0.0, 1.0, 90.0):
        with pytest.raises(TypeError, match="between 0 and 1"):
            Canary(sure=wrong)


async def test_live_and_offline_agree() -> None:
    sound, line = meeting((1, ENGLISH), (5, ENGLISH), (5, GERMAN), (1, ENGLISH))
    wish = Wish(languages=SET)
    offline = await collect(stage(Bilingual(), sound, wish), line)
    live = await collect(stage(Bilingual(), sound, wish), line, live=True)
    assert [item for item in live if isinstance(item, Word | Gap)] == offline


async def test_a_hypothesis_is_in_the_language_that_was_spoken_last() -> None:
    sound, line = meeting((5, ENGLISH), (5, ENGLISH))
    foreheard, wish = Foreheard(), Wish(languages=SET)
    engine = Bilingual()
    hypothesize = Hypothesize(sound, EngineHost(engine), wish, foreheard)
    open_speech = OpenSpeech(start=20, end=25)
    before = [item async for item in flow(hypothesize, ListInbox([open_speech], live=True, burst=1))]
    await collect(stage(engine, sound, wish, foreheard), line[:1])
    hypothesize = Hypothesize(sound, EngineHost(engine), wish, foreheard)
    after = [item async for item in flow(hypothesize, ListInbox([open_speech], live=True, burst=1))]
    assert [item.text[:2] for item in (*before, *after) if isinstance(item, Hypothesis)] == ["de", "en"]


async def test_what_the_engine_presumes_counts_where_nobody_says_more() -> None:
    sound, line = meeting((5, ENGLISH))
    found = await collect(stage(Bilingual(("de", "en")), sound, Wish()), line)
    assert languages(found) == ["en"]
    alone = Bilingual(("en",))
    assert named(Wish(), alone.card) == Wish(language="en")
    assert named(Wish(language="fr"), alone.card) == Wish(language="fr")
    assert named(Wish(languages=("fr",)), alone.card) == Wish(language="fr")
    await collect(stage(alone, sound, Wish()), line)
    assert alone.heard_in == ["en"], "one language need not be found out"


@pytest.mark.parametrize(
    ("wish", "error", "says"),
    [
        (Wish(languages=("de", "ja")), LanguageNotSpoken, "'ja'"),
        (Wish(language="tlh"), LanguageNotSpoken, "'tlh'"),
        (Wish(), CannotDo, "option `presumed`"),
        (Wish(languages=("de", "fr"), target="en"), None, ""),
        (Wish(languages=("en", "fr"), target="de"), CannotDo, "from fr to de"),
    ],
)
async def test_every_language_is_checked_by_name(wish: Wish, error: type[Exception] | None, says: str) -> None:
    if error is None:
        Canary().check(wish)
        return
    with pytest.raises(error, match=says):
        Canary().check(wish)


async def test_a_translation_is_in_its_target() -> None:
    sound, line = meeting((5, GERMAN))
    found = await collect(stage(Bilingual(), sound, Wish(languages=SET, target="en")), line)
    assert languages(found) == ["en"]


def test_presumed_languages_are_among_the_25() -> None:
    with pytest.raises(TypeError, match="presumed names tlh"):
        Canary(presumed=("de", "tlh"))
