"""Items of stages -> a progress bar for each stage, on stderr."""

import math
from collections.abc import Mapping

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pipeline.recording import Recording
from stages.speech import Gap, Span


class Bars:
    """An observer that draws how far every stage is; without a terminal it draws nothing."""

    def __init__(self, console: Console, engines: Mapping[str, str | None], recording: Recording) -> None:
        self.progress = Progress(
            TextColumn("{task.description:<14}"),
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("[dim]{task.fields[engine]:<12}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._bars: dict[str, TaskID] = {
            name: self.progress.add_task(name, total=1.0, engine=engine or "", note="")
            for name, engine in engines.items()
        }
        self._recording = recording

    async def item(self, stage: str, item: Span) -> None:
        """Move a bar to where the item ends."""
        total = self._recording.expected or self._recording.duration
        if total and math.isfinite(item.end):
            done = min(0.99, item.end / total)
            task = self.progress.tasks[self._bars[stage]]
            if done > task.completed:
                self.progress.update(self._bars[stage], completed=done)

    async def ended(self, stage: str) -> None:
        """Fill a bar."""
        self.progress.update(self._bars[stage], completed=1.0)

    async def failed(self, stage: str, gap: Gap) -> None:
        """Say on the bar why it stops."""
        self.progress.update(self._bars[stage], note=f"[red]{gap.reason}")
