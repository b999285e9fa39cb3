"""Command line -> exit code: 0, 1 for a failed job, 2 for wrong use. Results go to stdout, all else to stderr."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from api.commands import backup, demo, doctor, keys, live, models, score, serve, transcribe
from api.doors.keyring import KeyRefused
from api.settings import SettingsError, load
from pipeline.attempts import ArtifactError
from pipeline.backup.shape import BackupError
from pipeline.engine_pool import UnknownEngine
from pipeline.options import BadSpeakers
from pipeline.runner import StageFailed
from pipeline.templates.shelf import BadTemplate, UnknownTemplate
from stages.engine_errors import CannotDo, EngineError, LanguageNotSpoken
from stages.media_errors import MediaError
from storage.records import NoRecord, RecordError
from storage.store import StoreError

COMMANDS = (serve, transcribe, live, demo, score, keys, backup, models, doctor)

WRONG_USE = (
    SettingsError, KeyRefused, NoRecord, BadSpeakers, BadTemplate, UnknownTemplate,
    UnknownEngine, LanguageNotSpoken, CannotDo,
)  # fmt: skip
"""What was asked for cannot be done as asked."""
FAILED_JOB = (BackupError, MediaError, EngineError, StageFailed, ArtifactError, StoreError, RecordError)
"""What was asked for was tried, and failed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="parley", description="Self-hosted meeting intelligence.")
    parser.add_argument("--version", action="version", version=version("parley"))
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (default: parley.toml in this folder)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.declare(commands)
    chosen = parser.parse_args(arguments)
    try:
        code: int = chosen.run(chosen, load(chosen.config))
    except WRONG_USE as error:
        return _say(error, 2)
    except FAILED_JOB as error:
        return _say(error, 1)
    except OSError as error:
        named = f"{error.filename}: {error.strerror}" if error.filename else error
        return _say(named, 2 if isinstance(error, FileNotFoundError | IsADirectoryError) else 1)
    except KeyboardInterrupt:
        print("parley: interrupted; run the same command again to go on.", file=sys.stderr)
        return 130
    return code


def _say(error: Exception | str, code: int) -> int:
    print(f"parley: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
