"""What was said -> an answer in the format that was asked for."""

import html
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from api.v1.audio.asked import AudioAsked, Format
from api.v1.audio.languages import name_of
from api.v1.audio.said import Said, segments
from pipeline.exports.clock import stamp
from pipeline.exports.subtitles import cues, to_srt
from stages.speech import by_time

JSON, TEXT = "application/json", "text/plain; charset=utf-8"


def written(said: Said, asked: AudioAsked, language: str | None) -> tuple[bytes, str]:
    """Return an answer and its media type. `language` is that of the words, where it is known."""
    if asked.format in PLAIN:
        return PLAIN[asked.format](said).encode(), TEXT
    told: dict[str, Any] = {"text": said.text, "usage": said.usage, **said.told_gaps()}
    if asked.format == "verbose_json":
        told |= _verbose(said, asked, language)
    elif asked.format == "diarized_json":
        told |= {"task": "transcribe", "duration": round(said.seconds, 3), "segments": said.diarized()}
    elif asked.logprobs:
        told["logprobs"] = said.logprobs()
    return msgspec.json.encode(told), JSON


def _verbose(said: Said, asked: AudioAsked, language: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "task": "translate" if asked.target else "transcribe",
        "language": name_of(language or ""),
        "duration": round(said.seconds, 3),
    }
    if "word" in asked.grains:
        told["words"] = [
            {"word": word.text, "start": round(word.start, 3), "end": round(word.end, 3)}
            for word in sorted(said.words, key=by_time)
        ]
    if "segment" in asked.grains:
        told["segments"] = segments(said.lines())
    return told


def _vtt(said: Said) -> str:
    """Write WebVTT without voices: nobody was told apart."""
    blocks = ["WEBVTT\n"]
    for cue in cues(said.transcript()):
        text = "\n".join(html.escape(row, quote=False) for row in cue.lines)
        blocks.append(f"{stamp(cue.start, '.')} --> {stamp(cue.end, '.')}\n{text}\n")
    return "\n".join(blocks)


PLAIN: Mapping[Format, Callable[[Said], str]] = {
    "text": lambda said: said.text + "\n",
    "srt": lambda said: to_srt(said.transcript()),
    "vtt": _vtt,
}
