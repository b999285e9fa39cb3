"""What reaches which stage: glossaries where they are taken, and the folder of the sound, which is on a disk."""

from pathlib import Path
from typing import Any

import msgspec

from pipeline.engine_pool import Choice, EnginePool
from pipeline.options import Options
from pipeline.outline import NoSound
from pipeline.recording import Recording
from pipeline.steps import live_steps_of, steps_of
from pipeline.summary_settings import SummarySettings
from stages.diarize import DiarizeRecording
from stages.engines.moonshine import Moonshine

HOUSE = SummarySettings(glossary=("Parley: this program", "Ada"))
OPTIONS = Options(language="en", keywords=("Kompost",), glossary=("Ada", "Böhm: our auditor"))


class Attentive(Moonshine):
    """Says that it takes words to expect."""

    card = msgspec.structs.replace(Moonshine.card, capabilities=Moonshine.card.capabilities | {"keywords"})


def expected(pool: EnginePool, options: Options) -> list[Any]:
    """Return the words that transcription expects, offline and live."""
    plans = (steps_of(NoSound(), pool, options, house=HOUSE), live_steps_of(NoSound(), pool, options, house=HOUSE))
    return [step.options["keywords"] for plan in plans for step in plan if step.stage.name == "transcribe"]


def test_terms_become_keywords_where_they_are_taken() -> None:
    attentive = EnginePool({"asr": Choice(engine="tests.pipeline.test_steps:Attentive")})
    terms = ["Kompost", "Ada", "Böhm", "Parley"]
    assert [list(found) for found in expected(attentive, OPTIONS)] == [terms, terms]


def test_a_glossary_makes_no_transcript_stale_where_they_are_not() -> None:
    assert [list(found) for found in expected(EnginePool(), OPTIONS)] == [["Kompost"], ["Kompost"]]


def test_a_glossary_belongs_to_the_recipe_of_the_summary() -> None:
    summary = steps_of(NoSound(), EnginePool(), OPTIONS)[-1]
    assert list(summary.options["glossary"]) == ["Ada", "Böhm: our auditor"]


def test_a_diarizer_of_whole_recordings_works_beside_the_sound(tmp_path: Path) -> None:
    """The system's folder for temporary files is memory in our containers."""
    with Recording(tmp_path / "sound") as recording:
        stages = [step.stage for step in steps_of(recording, EnginePool(), Options(diarizer="pyannote"))]
        (whole,) = [stage for stage in stages if isinstance(stage, DiarizeRecording)]
        assert whole._folder == tmp_path / "sound"
