"""What can be wrong with a recording that somebody hands in.

    MediaError                  this source cannot be turned into sound (also a ValueError)
    ├── EmptyFile               it has no bytes
    ├── NotMedia                it is no sound or video file, or it is broken from the start
    ├── NoSound                 it is a sound or video file, but no sound is in it
    ├── Refused                 a playlist, or a format that is not read because it points elsewhere
    ├── TooMuch                 it takes more sound, tracks, memory or computing time than the limits allow
    └── Crashed                 the decoding process ended before its work was done

Every message names the source, says what happened and what to do.
"""


class MediaError(ValueError):
    """A source could not be turned into sound."""


class EmptyFile(MediaError):
    """The source has no bytes."""


class NotMedia(MediaError):
    """The source is no sound or video file, or is broken from its start."""


class NoSound(MediaError):
    """The source holds no sound."""


class Refused(MediaError):
    """The source is of a format that Parley does not open."""


class TooMuch(MediaError):
    """The source goes beyond a limit."""


class Crashed(MediaError):
    """The decoding process ended before its work was done."""
