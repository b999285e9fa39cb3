"""Labels -> what readers are shown."""

from collections.abc import Mapping

from pipeline.transcript import Transcript

UNKNOWN = "Unknown"


def shown_names(transcript: Transcript) -> Mapping[str | None, str]:
    """Return what each label is shown as: its name, or Speaker 1 for S1; `Unknown` for nobody."""
    shown: dict[str | None, str] = {None: UNKNOWN}
    for speaker in transcript.speakers:
        number = speaker.label.removeprefix("S")
        shown[speaker.label] = speaker.name or (f"Speaker {number}" if number.isdigit() else speaker.label)
    return shown
