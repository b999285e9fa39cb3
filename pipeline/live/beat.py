"""What a live meeting tells every second: its lag, and holes in its sound; and now and then its stage rows."""

from collections.abc import Sequence

import anyio
import msgspec

from pipeline.live.publish import Publisher
from pipeline.recording import Recording
from storage.records import DatabaseAway, Records
from storage.rows import StageRow

BEAT_SECONDS = 1.0
ROWS_EVERY = 10
"""Beats between two looks of the stage rows."""
NOTABLE_SECONDS = 1.0
"""A lag below this is told as 0: it is not noticed."""


class Beat:
    """Runs beside the stages of a live meeting."""

    def __init__(
        self,
        records: Records,
        meeting: str,
        attempt: int,
        recording: Recording,
        publisher: Publisher,
    ) -> None:
        self.rows: Sequence[StageRow] = ()
        """Stages that are at work."""
        self._records, self._meeting, self._attempt = records, meeting, attempt
        self._recording, self._publisher = recording, publisher
        self._holes = 0

    async def keep(self) -> None:
        """Tell what is to be told, until cancelled."""
        beats, told = 0, 0.0
        while True:
            lag = self._publisher.lag
            if lag >= NOTABLE_SECONDS or told:
                told = lag if lag >= NOTABLE_SECONDS else 0.0
                await self._publisher.tell("lag", lag=told)
            if self.rows and beats % ROWS_EVERY == 0:
                await self._write(lag)
            await self.holes()
            beats += 1
            await anyio.sleep(BEAT_SECONDS)

    async def holes(self) -> None:
        """Tell of sound that is missing."""
        while self._holes < len(self._recording.gaps):
            await self._publisher.gap(self._recording.gaps[self._holes])
            self._holes += 1

    async def _write(self, lag: float) -> None:
        rows = [
            msgspec.structs.replace(row, state="running", lag=lag if row.name == "transcribe" else None)
            for row in self.rows
        ]
        try:
            await self._records.set_stages(self._meeting, self._attempt, rows)
            await self._records.change_meeting(self._meeting, {"duration": self._recording.duration}, self._attempt)
        except DatabaseAway:
            return  # the next beat says it again
