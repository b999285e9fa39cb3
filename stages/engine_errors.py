"""What can go wrong with an engine.

    EngineError                 this stretch (or this stage) failed; the meeting goes on
    ├── EngineMissing           a package is not installed (also an ImportError)
    ├── ModelMissing            its weights are not on this machine (also a FileNotFoundError)
    ├── LanguageNotSpoken       asked for a language that the model does not know (also a ValueError)
    ├── CannotDo                asked for something that the model cannot do (also a ValueError)
    ├── EngineDied              what it runs on has ended; the next use loads it again
    ├── DownloadStopped         nobody wanted the weights any more
    └── BadMove                 a move that the engine's life does not allow in its state

Every message says what happened and what to do. Errors of foreign packages are mapped where they arise, with
`raise ... from`.
"""

from collections.abc import Sequence


class EngineError(Exception):
    """An engine could not do its work."""


class EngineMissing(EngineError, ImportError):
    """A package that the engine needs is not installed."""

    def __init__(self, engine: str, package: str, command: str) -> None:
        super().__init__(
            f"The engine {engine} needs the package {package}, which is not installed. Install it with: {command}"
        )


class ModelMissing(EngineError, FileNotFoundError):
    """The weights of the engine are not on this machine."""


class LanguageNotSpoken(EngineError, ValueError):
    """The model does not know the language."""

    def __init__(self, engine: str, language: str, spoken: Sequence[str]) -> None:
        super().__init__(
            f"The engine {engine} does not speak {language!r}; it speaks {', '.join(spoken)}. "
            "Choose one of these, or another engine."
        )


class CannotDo(EngineError, ValueError):
    """The model cannot do what was asked."""


class EngineDied(EngineError):
    """What the engine runs on has ended by itself, or was killed."""


class DownloadStopped(EngineError):
    """Somebody stopped the download; what has arrived is kept."""


class BadMove(EngineError):
    """The engine's life does not allow this move in its state."""
