"""parley demo: the main job on a sample meeting, real speech of two people that a dependency ships."""

import argparse
import asyncio
import sys

from api.commands.transcribe import transcribe_file
from api.sample import TITLE, sample
from api.settings import Settings
from pipeline.exports.clock import clock
from pipeline.exports.names import shown_names
from pipeline.exports.summary import summary_to_markdown
from pipeline.options import Options
from pipeline.process import Results

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("demo", help="transcribe and summarise a sample meeting of two people")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Process the sample meeting and show what comes out."""
    file = sample()
    if file is None:
        print("parley demo: the package moonshine-voice, which carries the sample, is not installed.", file=sys.stderr)
        return 1
    show(asyncio.run(transcribe_file(file, settings, Options(language="en", min_speakers=2, max_speakers=2))))
    return 0


def show(found: Results) -> None:
    """Print the transcript, a colour for each speaker, and the summary with its citations."""
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.text import Text

    console = Console()
    made = found.transcript("sample", TITLE, "en")
    names = shown_names(made)
    labels = [speaker.label for speaker in made.speakers]
    console.rule("Transcript")
    for line in made.utterances:
        colour = COLOURS[labels.index(line.speaker) % len(COLOURS)] if line.speaker else "white"
        console.print(
            Text.assemble((f"{clock(line.start):>6} ", "dim"), (f"{names[line.speaker]}: ", colour), line.text)
        )
    if found.summary is not None:
        console.rule("Summary")
        console.print(Markdown(summary_to_markdown(found.summary, made)))
