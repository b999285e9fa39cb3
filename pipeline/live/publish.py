"""Items of live stages -> events that viewers read: finals are numbered and stored, hypotheses pass."""

from collections import defaultdict
from functools import partial
from typing import NamedTuple

from pipeline.events import LONGEST_MESSAGE, Event, event, summary_event
from pipeline.live.known import Known
from pipeline.live.lag import Lag
from pipeline.measures import CAPTION_LAG
from pipeline.patience import LIVE
from pipeline.recording import Recording
from pipeline.transcript import GapLine, Line, line
from stages.speech import Gap, Hypothesis, Span, Transcribed, Utterance, Word
from stages.summary import Summary
from storage.records import DatabaseAway, Records


class _Shown(NamedTuple):
    """What is remembered of an utterance: two hours of words would be ten megabytes."""

    words: int
    speaker: str | None
    earlier: bool
    """It was told by a process before this one."""


class Publisher:
    """An observer of a live run. A database that is away costs hypotheses; finals wait for it with the run.

    Raises from every call that adds a numbered event:
        Overtaken: another node has the meeting.
        NoRecord: the meeting was deleted.
    """

    def __init__(self, records: Records, meeting: str, attempt: int, recording: Recording, known: Known) -> None:
        """Go on from what viewers have seen."""
        self._records, self._meeting, self._attempt, self._recording = records, meeting, attempt, recording
        self._shown = {said.id: _Shown(_words(said), said.speaker, earlier=True) for said in known.lines.values()}
        self._gaps = set(known.gaps)
        self._patience = LIVE
        self._lag = Lag()
        self._guessed: dict[str, float] = {}
        self._said: dict[str, int] = defaultdict(int)

    @property
    def lag(self) -> float:
        """Seconds that final words are behind the sound."""
        return self._lag.seconds(self._recording.duration)

    async def item(self, stage: str, item: Span) -> None:
        """Publish what viewers want to see."""
        self._lag.note(item)
        match item:
            case Utterance():
                await self._utterance(line(item))
            case Hypothesis():
                await self._hypothesis(item)
            case Gap():
                await self.gap(item)
            case Word() if stage == "transcribe":
                self._said[item.track] += 1
            case Transcribed():
                await self._transcribed(item)

    async def ended(self, stage: str) -> None:
        """Nothing: the end of the meeting is told by the session."""

    async def failed(self, stage: str, gap: Gap) -> None:
        """Tell which stage gave up, and why."""
        if stage == "transcribe":
            self._lag.stop()
        await self.gap(gap)

    async def tell(self, name: str, **told: object) -> None:
        """Send an unnumbered event to whoever watches now; it may be lost."""
        message = event(name, **told)[1]
        if len(message) >= LONGEST_MESSAGE:
            return
        try:
            await self._records.tell(self._meeting, message)
        except DatabaseAway:
            return

    async def gap(self, gap: Gap) -> None:
        """Tell of a gap, once."""
        told = GapLine(gap.start, gap.end, gap.stage, gap.reason)
        if told not in self._gaps:
            self._gaps.add(told)
            await self._add(event("gap", start=gap.start, end=gap.end, stage=gap.stage, reason=gap.reason))

    async def summary(self, summary: Summary) -> None:
        """Tell the running summary."""
        await self._add(summary_event(summary))

    async def _utterance(self, said: Line) -> None:
        before, words = self._shown.get(said.id), _words(said)
        was_known = before is not None and before.speaker is not None and (before.earlier or before.words == words)
        if was_known and said.speaker is None:
            return  # heard again after a restart, before it is known again who spoke: viewers know already
        now = _Shown(words, said.speaker, earlier=False)
        if before is not None and before[:2] == now[:2]:
            return
        self._shown[said.id] = now
        lag = self._behind(said.end)
        if before is not None and before.words == words and said.speaker is not None:
            await self._add(event("speaker", utterances=[said.id], speaker=said.speaker, lag=lag))
        else:
            CAPTION_LAG.observe(lag)
            await self._add(event("utterance", utterance=said, lag=lag))

    async def _hypothesis(self, item: Hypothesis) -> None:
        self._guessed[item.track] = item.start
        told = {"start": item.start, "end": item.end, "track": item.track, "text": item.text, "agreed": item.agreed}
        await self.tell("hypothesis", **told, lag=self._behind(item.end))

    async def _transcribed(self, stretch: Transcribed) -> None:
        """Take a hypothesis back of which nothing came."""
        said, guessed = self._said.pop(stretch.track, 0), self._guessed.get(stretch.track, stretch.end)
        if guessed < stretch.end:
            del self._guessed[stretch.track]
            if not said:
                told = {"start": guessed, "end": stretch.end, "track": stretch.track, "text": "", "agreed": 0}
                await self.tell("hypothesis", **told, lag=self._behind(stretch.end))

    async def _add(self, made: Event) -> None:
        """Store a numbered event; a database that is away is waited for, as nothing final may be lost."""
        add = partial(self._records.add_events, self._meeting, [made], self._attempt)
        await self._patience.until_done(add)

    def _behind(self, end: float) -> float:
        return round(max(0.0, self._recording.duration - end), 3)


def _words(said: Line) -> int:
    return hash((said.start, said.end, said.text))
