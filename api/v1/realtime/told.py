"""What happens to items -> events as OpenAI's realtime clients read them."""

from typing import Any
from uuid import uuid4

from api.live.line import Line
from api.v1.audio.said import UNKNOWN, logprob
from pipeline.live.items import Item, Listener
from stages.speech import Utterance, seconds

TRANSCRIPTION = "conversation.item.input_audio_transcription"
BUFFER = "input_audio_buffer"


class Events(Listener):
    """Tells a client what it has to know, one event at a time."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.is_beta = False
        """Whether the client speaks the protocol of the beta."""
        self.tells_logprobs = False
        """Whether each word's probability is told."""
        self._letters: dict[str, str] = {}

    async def tell(self, name: str, **told: Any) -> None:
        """Send an event.

        Raises:
            Gone, Stuck: nobody takes it.
        """
        await self._line.tell(name, event_id=f"event_{uuid4().hex[:20]}", **told)

    async def error(self, message: str, code: str, param: str | None = None, event_id: str | None = None) -> None:
        """Say what was wrong with what the client said."""
        kind = "server_error" if code == "server_error" else "invalid_request_error"
        said = {"type": kind, "code": code, "message": message, "param": param, "event_id": event_id}
        await self.tell("error", error=said)

    async def started(self, item: Item) -> None:
        """Speech begins."""
        await self.tell(f"{BUFFER}.speech_started", item_id=item.id, audio_start_ms=_ms(item.first))

    async def stopped(self, item: Item) -> None:
        """Speech has ended."""
        await self.tell(f"{BUFFER}.speech_stopped", item_id=item.id, audio_end_ms=_ms(item.last))

    async def committed(self, item: Item) -> None:
        """The item will be transcribed."""
        await self.tell(f"{BUFFER}.committed", item_id=item.id, previous_item_id=item.previous)
        said = {
            "id": item.id,
            "object": "realtime.item",
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        name = "conversation.item.created" if self.is_beta else "conversation.item.added"
        await self.tell(name, previous_item_id=item.previous, item=said)

    async def delta(self, item: Item, text: str) -> None:
        """Text follows on what was told."""
        await self.tell(f"{TRANSCRIPTION}.delta", item_id=item.id, content_index=0, delta=text)

    async def segment(self, item: Item, number: int, line: Utterance) -> None:
        """Somebody said this."""
        await self.tell(
            f"{TRANSCRIPTION}.segment",
            item_id=item.id,
            content_index=0,
            id=f"{item.id}_{number}",
            text=line.text,
            speaker=self._letter(line.speaker),
            start=round(line.start, 3),
            end=round(line.end, 3),
        )

    async def completed(self, item: Item) -> None:
        """All is known of the item."""
        told: dict[str, Any] = {"transcript": item.text, "usage": {"type": "duration", "seconds": item.duration}}
        if self.tells_logprobs:
            told["logprobs"] = [logprob(word, first=not number) for number, word in enumerate(item.words)]
        await self.tell(f"{TRANSCRIPTION}.completed", item_id=item.id, content_index=0, **told)

    async def failed(self, item: Item, reason: str) -> None:
        """The item cannot be transcribed."""
        error = {"type": "server_error", "code": "transcription_failed", "message": reason, "param": None}
        await self.tell(f"{TRANSCRIPTION}.failed", item_id=item.id, content_index=0, error=error)

    def _letter(self, label: str | None) -> str:
        if label is None:
            return UNKNOWN
        return self._letters.setdefault(label, chr(ord("A") + len(self._letters) % 26))


def _ms(sample: int) -> int:
    return round(1000 * seconds(sample))
