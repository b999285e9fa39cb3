"""Every format holds what was said, and nothing breaks out of it."""

import io
import itertools
import json

import pytest
from docx import Document

from pipeline.exports import FORMATS
from pipeline.exports.rttm import BadRttm, read_rttm
from pipeline.exports.subtitles import LINE, broken, cues
from pipeline.transcript import Transcript, transcript
from stages.speech import Gap, Utterance, Word

STORY = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness. "
    "Then nobody said a word about it, because there was nothing that could be said."
)


def utterance(text: str, start: float, speaker: str | None) -> Utterance:
    """Return an utterance with a word every 0.3 s."""
    words = [Word(start=start + i * 0.3, end=start + i * 0.3 + 0.25, text=w) for i, w in enumerate(text.split())]
    return Utterance.of(words, speaker)


@pytest.fixture
def meeting() -> Transcript:
    return transcript(
        "m1",
        [
            utterance("Fine <b>then</b> --> *go*.", 3700.0, None),
            utterance(STORY, 1.0, "S1"),
            utterance("I see.", 20.0, "S2"),
        ],
        [Gap(start=30, end=60, stage="transcribe", reason="Out of memory.")],
        duration=3800,
        names={"S2": "Zoë & Co"},
        title="Tale",
    )


def test_json_is_the_wire_shape(meeting: Transcript) -> None:
    made = json.loads(FORMATS["json"].write(meeting))
    assert [s["name"] for s in made["speakers"]] == [None, "Zoë & Co"]
    assert made["utterances"][0]["words"][0] == {
        "start": 1.0,
        "end": 1.25,
        "text": "It",
        "confidence": None,
        "speaker": "S1",
    }
    assert made["gaps"] == [{"start": 30.0, "end": 60.0, "stage": "transcribe", "reason": "Out of memory."}]


def test_text_has_time_speaker_words_and_gaps(meeting: Transcript) -> None:
    rows = FORMATS["txt"].write(meeting).decode().splitlines()
    assert rows[1] == "[0:20] Zoë & Co: I see."
    assert rows[2] == "[0:30] (0:30-1:00 transcribe: Out of memory.)"
    assert rows[3].startswith("[1:01:40] Unknown: Fine")


def test_markdown_escapes_markup(meeting: Transcript) -> None:
    made = FORMATS["md"].write(meeting).decode()
    assert made.startswith("# Tale\n\n**Speaker 1** (0:01)\n")
    assert r"Fine \<b\>then\</b\> --\> \*go\*." in made


def test_subtitles_keep_every_word_in_two_lines_of_42(meeting: Transcript) -> None:
    made = list(cues(meeting))
    assert all(len(cue.lines) <= 2 and all(len(row) <= LINE for row in cue.lines) for cue in made)
    assert all(a.end <= b.start for a, b in itertools.pairwise(made))
    assert all(cue.end - cue.start <= 7.5 for cue in made)
    spoken = " ".join(" ".join(cue.lines).removeprefix(f"{cue.speaker}: ") for cue in made)
    assert spoken == f"{STORY} I see. Fine <b>then</b> --> *go*."
    assert made[1].lines[-1].endswith((",", ".")), "a subtitle ends where a reader would pause"


def test_srt_and_vtt(meeting: Transcript) -> None:
    srt, vtt = FORMATS["srt"].write(meeting).decode(), FORMATS["vtt"].write(meeting).decode()
    assert srt.startswith("1\n00:00:01,000 --> ")
    assert "Zoë & Co: I see." in srt
    assert vtt.startswith("WEBVTT\n\n00:00:01.000 --> ")
    assert "<v Zoë &amp; Co>I see." in vtt
    assert "Fine &lt;b&gt;then&lt;/b&gt; --&gt; *go*." in vtt


@pytest.mark.parametrize("text", ["x" * 100, "a " * 60 + "b", "one two", "", "w" * 42 + " " + "v" * 42])
def test_breaking_loses_nothing(text: str) -> None:
    lines = broken(text.strip())
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(row) <= LINE for row in lines)


def test_rttm_is_read_as_it_is_written(meeting: Transcript) -> None:
    turns = read_rttm(FORMATS["rttm"].write(meeting).decode())
    assert [(t.speaker, t.start) for t in turns] == [("S1", 1.0), ("S2", 20.0)]
    with pytest.raises(BadRttm, match="Line 2"):
        read_rttm(";; a comment\nSPEAKER m1 1 zero 1.0 <NA> <NA> S1 <NA> <NA>\n")


def test_docx_opens_and_holds_the_words(meeting: Transcript) -> None:
    text = "\n".join(p.text for p in Document(io.BytesIO(FORMATS["docx"].write(meeting))).paragraphs)
    assert STORY in text
    assert "Zoë & Co  0:20\nI see." in text
    assert "Out of memory." in text


def test_an_empty_meeting_is_an_empty_file_of_each_kind() -> None:
    empty = transcript("m0", [], [], duration=600.0)
    for kind in FORMATS.values():
        assert isinstance(kind.write(empty), bytes)
