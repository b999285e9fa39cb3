"""parley score: how far a hypothesis is from its reference."""

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec

from api.settings import Settings
from pipeline.exports.rttm import BadRttm, read_rttm
from pipeline.score import Said, normal_words, pooled, speaker_word_errors, turn_errors, word_errors_of

EPILOG = """files:
  wer    REF, HYP: plain text; or two .tsv files of id<TAB>text, pooled over all ids
  der    REF, HYP: RTTM
  cpwer  REF: STM; HYP: transcript JSON as parley transcribe --format json writes it"""


class BadFile(ValueError):
    """A file that does not hold what is compared."""


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "score",
        help="measure words or turns against a reference",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("kind", choices=["wer", "der", "cpwer"], help="what to measure")
    parser.add_argument("reference", type=Path, metavar="REF")
    parser.add_argument("hypothesis", type=Path, metavar="HYP")
    parser.add_argument("--collar", type=float, default=0.0, help="der: seconds left out around each boundary (0)")
    parser.add_argument("--duration", type=float, help="der: seconds to score (up to the last turn)")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Print one JSON object."""
    try:
        result = SCORES[chosen.kind](chosen)
    except (OSError, UnicodeDecodeError, BadFile, BadRttm) as error:
        print(f"parley score: {error}", file=sys.stderr)
        return 2
    print(msgspec.json.encode(result).decode())
    return 0


def _wer(chosen: argparse.Namespace) -> Any:
    reference, hypothesis = _texts(chosen.reference), _texts(chosen.hypothesis)
    rows = [
        word_errors_of(normal_words(text), normal_words(hypothesis.get(name, ""))) for name, text in reference.items()
    ]
    return pooled(rows)


def _texts(path: Path) -> dict[str, str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".tsv":
        return {"": text}
    return dict(line.split("\t", 1) for line in text.splitlines() if "\t" in line)


def _der(chosen: argparse.Namespace) -> Any:
    reference, hypothesis = (read_rttm(path.read_text("utf-8")) for path in (chosen.reference, chosen.hypothesis))
    if not reference:
        raise BadFile(f"{chosen.reference} has no SPEAKER line to measure against.")
    return turn_errors(reference, hypothesis, chosen.collar, chosen.duration)


def _cpwer(chosen: argparse.Namespace) -> Any:
    lines = chosen.reference.read_text("utf-8").splitlines()
    fields = [line.split(None, 6) for line in lines if line.strip() and not line.startswith(";;")]
    try:
        reference = [Said(float(row[3]), row[2], row[6]) for row in fields if len(row) == 7]
        spoken = msgspec.json.decode(chosen.hypothesis.read_bytes())["utterances"]
        hypothesis = [Said(row["start"], row["speaker"], row["text"]) for row in spoken]
    except (ValueError, KeyError, TypeError) as error:
        raise BadFile(f"{chosen.reference} is no STM or {chosen.hypothesis} no transcript JSON ({error}).") from error
    if not reference:
        raise BadFile(f"{chosen.reference} has no STM line to measure against.")
    return speaker_word_errors(reference, hypothesis)


SCORES = {"wer": _wer, "der": _der, "cpwer": _cpwer}
