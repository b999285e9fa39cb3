"""Events of a live meeting -> captions in a terminal: grey while they may change, then with their speakers."""

from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from pipeline.exports.clock import clock

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
SETTLED_SECONDS = 12.0
"""An utterance whose speaker is still unknown when this much more was said is printed without one."""
NOTABLE_LAG = 3.0
"""Seconds from which on lag is shown."""

Event = dict[str, Any]


class Captions:
    """Prints each utterance once; the newest ones and what is being said stay below, and change."""

    def __init__(self, out: Console, notes: Console) -> None:
        """Captions go to `out`; to `notes` goes what is said of the connection."""
        self._out, self._notes = out, notes
        self._live = Live(console=out, auto_refresh=False, transient=True) if out.is_terminal else None
        self._open: dict[str, Event] = {}
        self._printed: set[str] = set()
        self._guess = ""
        self._lag = 0.0
        self._final = False

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.settle()
        if self._live is not None:
            self._live.stop()

    def hear(self, event: Event) -> None:
        """Take an event."""
        take = getattr(self, f"_on_{event['type']}", None)
        if take is not None:
            take(event)
            self._draw()

    def settle(self) -> None:
        """Print everything, whoever said it."""
        for said in sorted(self._open.values(), key=lambda said: float(said["start"])):
            self._print(said)
        self._open.clear()
        self._guess = ""

    def _on_hypothesis(self, event: Event) -> None:
        self._guess = event["text"]

    def _on_utterance(self, event: Event) -> None:
        said = event["utterance"]
        if self._final or said["id"] in self._printed:
            return
        self._guess = ""
        self._open[said["id"]] = said
        self._print_settled(said["end"])

    def _on_speaker(self, event: Event) -> None:
        for id in event["utterances"]:
            if id in self._open:
                self._open[id]["speaker"] = event["speaker"]
        self._print_settled(0.0)

    def _on_lag(self, event: Event) -> None:
        self._lag = event["lag"]

    def _on_stage(self, event: Event) -> None:
        if event["stage"]["name"] == "recording" and not self._final:
            self.settle()
            self._final = True  # what follows is the better transcript, of which the page shows all
            self._notes.print("Making the final transcript and the summary.", style="dim")

    def _on_summary(self, event: Event) -> None:
        self._notes.print(Text.assemble(("Summary: ", "bold"), event["summary"]["overview"] or "nothing was said"))

    def _on_line(self, event: Event) -> None:
        words = "Connected." if event["stands"] else "The connection is lost; nothing is: trying again."
        self._notes.print(words, style="dim")

    def _on_error(self, event: Event) -> None:
        self._notes.print(event["message"], style="red")

    def _on_gap(self, event: Event) -> None:
        self._notes.print(f"{clock(event['start'])}-{clock(event['end'])}: {event['reason']}", style="yellow")

    def _print_settled(self, now: float) -> None:
        for id, said in sorted(self._open.items(), key=lambda pair: float(pair[1]["start"])):
            if said["speaker"] is None and said["end"] > now - SETTLED_SECONDS:
                break
            self._print(said)
            del self._open[id]

    def _print(self, said: Event) -> None:
        self._printed.add(said["id"])
        self._out.print(self._line(said), soft_wrap=True)

    def _draw(self) -> None:
        if self._live is None:
            return
        lines = [self._line(said) for said in sorted(self._open.values(), key=lambda said: float(said["start"]))]
        if self._guess:
            lines.append(Text(f"{'':>8}{self._guess}", style="grey50"))
        if self._lag >= NOTABLE_LAG:
            lines.append(Text(f"{'':>8}{self._lag:.0f} s behind", style="yellow"))
        self._live.update(Group(*lines), refresh=True)

    def _line(self, said: Event) -> Text:
        speaker = said["speaker"] or "?"
        number = int(speaker[1:]) - 1 if speaker[1:].isdigit() else 0
        colour = COLOURS[number % len(COLOURS)] if said["speaker"] else "white"
        return Text.assemble((f"{clock(said['start']):>6}  ", "dim"), (f"{speaker}: ", colour), said["text"])
