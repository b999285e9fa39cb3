"""The whole way with the embedded engines: a few seconds of two actors, from upload to search."""

import wave
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from pipeline.attempts import manifests
from pipeline.options import Options
from pipeline.steps import steps_of
from tests.pipeline.toy_server import sent, server

pytestmark = pytest.mark.anyio


def beginning(path: Path, seconds: float) -> bytes:
    """Return the first seconds of a WAV file as one."""
    cut = BytesIO()
    with wave.open(str(path)) as whole, wave.open(cut, "wb") as out:
        out.setparams(whole.getparams())
        out.writeframes(whole.readframes(round(seconds * whole.getframerate())))
    return cut.getvalue()


async def test_a_scene_becomes_a_meeting_that_can_be_corrected_and_run_again(tmp_path: Path, endgame: Path) -> None:
    async with server(tmp_path, steps_of=steps_of) as s:
        options = Options(max_speakers=2)
        row = await s.meetings.accept("ann", sent(beginning(endgame, 9.0)), file_name="Endgame.wav", options=options)
        events = await s.finished(row.id)
        row = await s.meetings.meeting(row.id, "ann")
        assert (row.state, row.error, row.language, row.duration) == ("done", None, "en", 9.0)
        assert [(stage.name, stage.engine, stage.state) for stage in row.stages] == [
            ("detect_speech", "silero", "done"),
            ("transcribe", "moonshine", "done"),
            ("listen", "community", "done"),
            ("diarize", "community", "done"),
            ("attribute", None, "done"),
            ("summarize", "minilm", "done"),
        ]
        made = await s.meetings.transcript(row.id, "ann")
        assert len(" ".join(line.text for line in made.utterances).split()) > 8
        assert await s.meetings.summary(row.id, "ann") is not None
        before = await manifests(s.store, row.id)

        first = made.utterances[0]
        await s.meetings.edit_utterance(row.id, "ann", first.id, text="Corrected by hand.")
        await s.meetings.name_speaker(row.id, "ann", first.speaker or "", "Nagg")
        await s.meetings.run_again(row.id, "ann", "diarize", Options(max_speakers=1))
        again = await s.finished(row.id, after=events[-1].number)
        after = await manifests(s.store, row.id)
        assert {name for name in after if after[name].edition > before[name].edition} == {
            "diarize",
            "attribute",
            "summarize",
        }
        assert msgspec.json.decode(again[-1].data)["run"] == 2
        made = await s.meetings.transcript(row.id, "ann")
        assert {speaker.name for speaker in made.speakers} == {"Nagg"}
        assert made.utterances[0].text.startswith("Corrected by hand.")
        found = await s.meetings.search("ann", "corrected hand")
        assert [hit.title for hit in found.items] == ["Endgame"]
