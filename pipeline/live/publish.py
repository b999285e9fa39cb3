"""Items of live stages -> events that viewers read: finals are numbered and stored, hypotheses pass."""

import time
from collections.abc import Iterable
from functools import partial

import msgspec

from pipeline.events import LONGEST_MESSAGE, Event, event
from pipeline.patience import Patience
from pipeline.recording import Recording
from pipeline.transcript import Line, line
from stages.speech import Gap, Hypothesis, Span, Utterance
from storage.records import DatabaseAway, Records

LAG_SECONDS = 1.0
"""Lag is told at most so often."""


class Publisher:
    """An observer of a live run. A database that is away costs hypotheses; finals wait for it with the run."""

    def __init__(
        self, records: Records, meeting: str, attempt: int, recording: Recording, known: Iterable[Line]
    ) -> None:
        """Go on from the utterances that viewers have seen."""
        self._records, self._meeting, self._attempt, self._recording = records, meeting, attempt, recording
        self._shown: dict[str, Line] = {said.id: said for said in known}
        self._told = 0.0
        self._patience = Patience()
        self.lag = 0.0
        """Seconds that the newest final words are behind the sound."""

    @property
    def shown(self) -> tuple[Line, ...]:
        """Utterances as viewers know them, in time order."""
        return tuple(sorted(self._shown.values(), key=lambda said: (said.start, said.end, said.id)))

    async def item(self, stage: str, item: Span) -> None:
        """Publish what viewers want to see."""
        if isinstance(item, Utterance):
            await self._utterance(line(item))
        elif isinstance(item, Hypothesis):
            told = {"start": item.start, "end": item.end, "track": item.track, "text": item.text, "agreed": item.agreed}
            await self.tell("hypothesis", **told, lag=self._behind(item.end))
        elif isinstance(item, Gap):
            await self._gap(item)
        if stage == "transcribe":
            self.lag = self._behind(item.end)
            await self._tell_lag()

    async def ended(self, stage: str) -> None:
        """Nothing: the end of the meeting is told by the session."""

    async def failed(self, stage: str, gap: Gap) -> None:
        """Tell which stage gave up, and why."""
        await self._gap(gap)

    async def tell(self, name: str, **told: object) -> None:
        """Send an unnumbered event to whoever watches now; it may be lost."""
        message = event(name, **told)[1]
        if len(message) >= LONGEST_MESSAGE:
            return
        try:
            await self._records.tell(self._meeting, message)
        except DatabaseAway:
            return

    async def _utterance(self, said: Line) -> None:
        before = self._shown.get(said.id)
        if before == said:
            return
        self._shown[said.id] = said
        lag = self._behind(said.end)
        if before is not None and said.speaker is not None and _same_words(before, said):
            made = event("speaker", utterances=[said.id], speaker=said.speaker, lag=lag)
        else:
            made = event("utterance", utterance=said, lag=lag)
        await self._add(made)

    async def _gap(self, gap: Gap) -> None:
        made = event("gap", start=gap.start, end=gap.end, stage=gap.stage, reason=gap.reason)
        await self._add(made)

    async def _add(self, made: Event) -> None:
        """Store a numbered event; a database that is away is waited for, as nothing final may be lost."""
        add = partial(self._records.add_events, self._meeting, [made], self._attempt)
        await self._patience.until_done(add)

    async def _tell_lag(self) -> None:
        if time.monotonic() - self._told >= LAG_SECONDS:
            self._told = time.monotonic()
            await self.tell("lag", lag=self.lag)

    def _behind(self, end: float) -> float:
        return round(max(0.0, self._recording.duration - end), 3)


def _same_words(one: Line, other: Line) -> bool:
    return (one.start, one.end, one.text) == (other.start, other.end, other.text)


class _Told(msgspec.Struct):
    """What matters of an event when a transcript is read back."""

    utterance: Line | None = None
    utterances: tuple[str, ...] = ()
    speaker: str | None = None


async def known_lines(records: Records, meeting: str) -> tuple[Line, ...]:
    """Return the utterances that viewers of a live meeting have been told, as they were told last."""
    shown: dict[str, Line] = {}
    after = 0
    while events := await records.events(meeting, after):
        for told in events:
            after = told.number
            if told.type not in ("utterance", "speaker"):
                continue
            found = msgspec.json.decode(told.data, type=_Told)
            if found.utterance is not None:
                shown[found.utterance.id] = found.utterance
            for name in found.utterances:
                if name in shown:
                    shown[name] = msgspec.structs.replace(shown[name], speaker=found.speaker)
    return tuple(shown.values())
