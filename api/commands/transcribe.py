"""parley transcribe: a recording -> transcript and summary, without a server."""

import argparse
import asyncio
import hashlib
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import get_args

import msgspec
from rich.console import Console

from api.commands.bars import Bars
from api.commands.written import SUMMARY, has_summary, takes_of, written_steps
from api.settings import Settings
from pipeline.artifacts import delete_meeting
from pipeline.engine_pool import EnginePool
from pipeline.exports import FORMATS
from pipeline.exports.summary import summary_to_markdown
from pipeline.manifest import folder_of
from pipeline.options import BadSpeakers, Options, speaker_range
from pipeline.process import Results, process, results
from pipeline.recording import Recording
from pipeline.steps import steps_of
from stages.media_errors import MediaError
from stages.summary import Length, Summary
from storage.artifact_store import open_store
from storage.store import Store


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("transcribe", help="make a transcript and a summary of a recording")
    parser.add_argument("file", type=Path, metavar="FILE", help="sound or video of any kind that FFmpeg reads")
    parser.add_argument("--format", choices=list(FORMATS), default="txt", help="of the transcript (txt)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where the transcript goes (standard output)")
    parser.add_argument(
        "--language",
        metavar="CODE",
        help="language that is spoken, as an ISO 639-1 code; de,en where it is one of these",
    )
    parser.add_argument("--speakers", metavar="N", help="how many people speak: 3, 2-4, 2- or -4")
    parser.add_argument("--tracks", choices=["mixed", "channels"], default="mixed", help="channels: one speaker each")
    parser.add_argument("--summary", type=Path, metavar="FILE", help="where the summary goes, as Markdown")
    written = parser.add_argument_group("with --summary")
    written.add_argument("--template", metavar="NAME", default="general", help="what it follows (general)")
    written.add_argument("--summary-language", metavar="CODE", help="language it is written in (that of the recording)")
    written.add_argument("--summary-length", choices=get_args(Length), help="how much it says (as the template says)")
    written.add_argument("--summary-model", metavar="NAME", help="who writes it (the first; extractive: no model)")
    written.add_argument("--held-on", type=date.fromisoformat, metavar="DATE", help="day from which dates are counted")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Transcribe one file."""
    if chosen.format == "docx" and chosen.output is None and sys.stdout.isatty():
        print("parley transcribe: a Word document is no text; name a file with --output.", file=sys.stderr)
        return 2
    options = _options(chosen)
    found = asyncio.run(transcribe_file(chosen.file, settings, options, written=chosen.summary is not None))
    made = found.transcript(_title(chosen.file), _title(chosen.file), options.language)
    written = FORMATS[chosen.format].write(made)
    if chosen.output is not None:
        chosen.output.write_bytes(written)
    else:
        sys.stdout.buffer.write(written)
    if chosen.summary is not None and found.summary is not None:
        chosen.summary.write_text(summary_to_markdown(found.summary, made), "utf-8")
        print(_by_whom(found.summary), file=sys.stderr)
    return 0


async def transcribe_file(
    file: Path, settings: Settings, options: Options, *, quiet: bool = False, written: bool = False
) -> Results:
    """Process a file with bars on stderr, and return what came of it. Run again, it goes on where it was.

    A summary that is not `written` takes sentences of the transcript; one that is there already stays.
    """
    console = Console(stderr=True, quiet=quiet)
    with console.status(f"Reading {file.name}"):
        digest = await asyncio.to_thread(_digest, file)
    store = open_store(settings.store or str(settings.data / "artifacts"))
    meeting = f"file-{digest[:24]}"
    pool = EnginePool(settings.engine_choices())
    bars: list[Bars] = []

    def watch(engines: Mapping[str, str | None], recording: Recording) -> Bars:
        bars.append(Bars(console, engines, recording))
        bars[0].progress.start()
        return bars[0]

    scratch, sound = settings.data / "scratch" / meeting, f"{digest} {options.tracks}"
    stays = not written and await has_summary(store, meeting)
    takes = await takes_of(store, meeting) if written else None
    make = (lambda stage: stage != SUMMARY) if stays else None
    try:
        async with written_steps(settings, pool, options) if written else nullcontext(steps_of) as steps:
            await process(
                file, store, meeting, pool, options, scratch,
                sound=sound, watch=watch, takes=takes, make=make, steps_of=steps,
            )  # fmt: skip
    except MediaError:
        await delete_meeting(store, meeting)
        raise
    finally:
        if bars:
            bars[0].progress.stop()
        await pool.close()
    found = await results(store, meeting)
    await _publish(store, meeting, found, file, options)
    _tell(console, found, f"{settings.store or settings.data / 'artifacts'}/{folder_of(meeting)}")
    return found


async def _publish(store: Store, meeting: str, found: Results, file: Path, options: Options) -> None:
    """Put the transcript in every format, and the summary, beside the artifacts they were made of."""
    made = found.transcript(meeting, _title(file), options.language)
    for name, kind in FORMATS.items():
        await store.put(f"{folder_of(meeting)}/exports/transcript.{name}", kind.write(made))
    if found.summary is not None:
        await store.put(f"{folder_of(meeting)}/exports/summary.json", msgspec.json.encode(found.summary))


def _tell(console: Console, found: Results, where: str) -> None:
    if found.heard.damaged:
        console.print(f"[yellow]{found.heard.damaged}[/yellow]", highlight=False)
    for gap in found.gaps:
        console.print(f"[yellow]{gap.stage}, {gap.start:.1f}-{gap.end:.1f} s: {gap.reason}[/yellow]", highlight=False)
    if not found.utterances:
        console.print("Nobody speaks in this recording.")
    console.print(f"Files: {where}", highlight=False, soft_wrap=True)


def _by_whom(summary: Summary) -> str:
    """Say who wrote a summary, and why if it was nobody."""
    if not summary.extractive:
        told = f"The summary was written by {summary.model}."
        return f"{told} {summary.why_extractive}" if summary.why_extractive else told
    why = summary.why_extractive or "no language model is configured or wanted; PARLEY_CHAT names one."
    return f"The summary takes sentences from the transcript: {why}"


def _options(chosen: argparse.Namespace) -> Options:
    least, most = speaker_range(chosen.speakers) if chosen.speakers else (1, None)
    if least < 1 or (most is not None and most < least):
        raise BadSpeakers(f"{chosen.speakers!r} is no number of speakers; say 3, 2-4, 2- or -4.")
    codes = tuple(code.strip() for code in (chosen.language or "").split(",") if code.strip())
    return Options(
        language=codes[0] if len(codes) == 1 else None,
        languages=codes if len(codes) > 1 else (),
        min_speakers=least,
        max_speakers=most,
        tracks=chosen.tracks,
        template=chosen.template,
        summary_language=chosen.summary_language,
        summary_length=chosen.summary_length,
        summary_model=chosen.summary_model,
        held_on=chosen.held_on,
    )


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _title(file: Path) -> str:
    return file.stem
