"""What clients that send sound say, beside the sound: JSON in text frames."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from api.shapes import Count, Glossary, Label, Language, Languages, Name, Title
from api.wish import options_of
from pipeline.live.track import LiveFormat
from pipeline.options import Options
from stages.resample_pcm import RawFormat
from stages.speech import SAMPLE_RATE
from stages.summary import Length

Place = Annotated[int, Meta(ge=0, le=2**48)]
Id = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Anything that a client says."""


class Start(Message, frozen=True, kw_only=True, tag="start"):
    """Begins a meeting, or goes on with one: the first message of a connection."""

    meeting: Id | None = None
    """Meeting to go on with; left out, a new one begins."""
    title: Title | None = None
    """Title of a new meeting."""
    language: Language | None = None
    """ISO 639-1 code of what is spoken; left out, the engine tells."""
    languages: Languages | None = None
    """Codes of what may be spoken, the likeliest first, where it is to be told: de,en."""
    target: Language | None = None
    """ISO 639-1 code to translate into."""
    speakers: Count | Annotated[int, Meta(ge=1, le=999)] | None = None
    """How many people speak: 3, "2-4", "2-" or "-4"."""
    template: Label | None = None
    """Template of the summary."""
    summary_language: Language | None = None
    """ISO 639-1 code of the summary; left out, that of the transcript."""
    summary_length: Length | None = None
    """How much the summary says; left out, what the template says."""
    summary_model: Name | None = None
    """Language model that writes the summary; `extractive` takes sentences from the transcript."""
    glossary: Glossary | None = None
    """Names, products and abbreviations, each perhaps with `: ` and what it means."""
    asr: Name | None = None
    """Engine that turns speech into words."""
    diarizer: Name | None = None
    """Engine that tells speakers apart."""
    format: Literal["pcm_s16le", "pcmu", "pcma", "webm", "ogg"] = "pcm_s16le"
    """How the sound is written: raw samples of one channel, or a container as MediaRecorder makes it."""
    sample_rate: int = SAMPLE_RATE
    """Of raw samples, 8,000 to 48,000 Hz; a container says it itself."""
    first: Place | None = None
    """Place of the client's next sample in the meeting, or of its next byte in the container.

    Left out, the client goes on at the place that `ready` tells. What came already is dropped; where samples are
    missing, there is silence and a gap.
    """
    new_stream: bool = False
    """The client records anew, as after a reload: a container with a header of its own, or another format, follows."""
    after: Place = 0
    """Number of the last event that the client knows; what followed it is told again."""

    @property
    def live_format(self) -> LiveFormat:
        """How the sound is written.

        Raises:
            ValueError: samples of this rate are not taken.
        """
        if self.format in ("webm", "ogg"):
            return self.format
        return RawFormat(self.format, self.sample_rate)  # type: ignore[arg-type]

    @property
    def options(self) -> Options:
        """What is asked of the stages.

        Raises:
            BadSpeakers: the number of speakers makes no sense.
        """
        count = str(self.speakers) if isinstance(self.speakers, int) else self.speakers
        return options_of(msgspec.structs.replace(self, speakers=count))


class Stop(Message, frozen=True, tag="stop"):
    """Ends the meeting. Events go on until its final transcript and summary are there."""


class Ping(Message, frozen=True, tag="ping"):
    """Says that the client is there although it sends no sound: it pauses. The answer is `pong`."""


Said = Start | Stop | Ping
_DECODER: msgspec.json.Decoder[Said] = msgspec.json.Decoder(Said)


def said(text: str | bytes) -> Said:
    """Read a message.

    Raises:
        msgspec.DecodeError: it is none.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise msgspec.DecodeError("It is nested too deeply") from error
