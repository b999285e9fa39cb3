"""Sound of a live meeting -> items, cut by voice activity or by whoever sends it, and the words of each.

The meeting is recorded and captioned as any other; this is one more reader of its sound, with a place of its own.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing, suppress

import anyio
import msgspec
from anyio.streams.memory import MemoryObjectSendStream

from pipeline.engine_pool import EnginePool
from pipeline.inboxes import Cursor
from pipeline.live.items import Item, Listener, new_item_id
from pipeline.live.session import LiveSession
from pipeline.live.stretch_sound import Given, StretchSound
from pipeline.live.voices_by_item import VoicesByItem
from pipeline.options import Options
from pipeline.runner import LIVE_CHUNK, OFFLINE_CHUNK
from pipeline.spoken_in import most_spoken
from stages.attribute import Attribution, attribute
from stages.detect_speech import DetectSpeech
from stages.engine_errors import EngineError
from stages.speech import Gap, Hypothesis, OpenSpeech, Span, SpeakerTurn, Speech, Word, seconds
from stages.stretches import Detection
from stages.transcribe import Transcribe, Wish

OPEN_EVERY_SECONDS = 0.1
"""An open stretch is told of whenever it has grown by so much."""
SAME_START_SECONDS = 0.6
"""A hypothesis that begins within this of an item's start is one of its words."""
SHORTEST_SECONDS = 0.1
"""A shorter item cannot be committed by hand."""
WAITING = 256
"""Items that may wait for their words."""


class NothingToCommit(ValueError):
    """Too little sound came since the last item."""


class Dictation:
    """Cuts one track into items and transcribes them, in order. `run` it beside whoever appends the sound."""

    def __init__(
        self, session: LiveSession, track: str, pool: EnginePool, options: Options, listener: Listener
    ) -> None:
        self._session, self._track, self._pool = session, track, pool
        self._listener = listener
        self.options = options
        """Engine and language; a change counts from the next item on."""
        self.detection: Detection | None = None
        """When speech begins and ends; None leaves it to `commit`. Call `restart` after a change."""
        self.tells_speakers = False
        """Whether segments say who speaks."""
        self._voices: VoicesByItem | None = None
        self._spoken: str | None = None
        self._begin = 0
        self._open: Item | None = None
        self._before: str | None = None
        self._send, self._waiting = anyio.create_memory_object_stream[Item](WAITING)
        self._guesses, self._guessed = anyio.create_memory_object_stream[Hypothesis](1)
        self._turn = anyio.Lock()
        self._detecting: anyio.CancelScope | None = None
        self._again = anyio.Event()

    @property
    def end(self) -> int:
        """Sample after the last one that came."""
        return self._session.recording.known(self._track)

    async def run(self) -> None:
        """Work until cancelled."""
        self._session.also.observers = (*self._session.also.observers, _Guesses(self._guesses))
        ends = (self._send, self._waiting, self._guesses, self._guessed)
        async with AsyncExitStack() as closing, anyio.create_task_group() as tasks:
            for end in ends:
                closing.callback(end.close)
            tasks.start_soon(self._transcribe_all)
            tasks.start_soon(self._tell_guesses)
            while True:
                self._again = anyio.Event()
                with anyio.CancelScope() as self._detecting:
                    if self.detection is not None:
                        await self._detect(self.detection)
                await self._again.wait()

    def restart(self) -> None:
        """Detect speech anew behind the last item, with the settings of now."""
        self._open = None
        self._again.set()
        if self._detecting is not None:
            self._detecting.cancel()

    async def commit(self) -> None:
        """Make an item of what came since the last one.

        Raises:
            NothingToCommit: it is too little.
        """
        async with self._turn:
            came = seconds(self.end - self._begin)
            if came < SHORTEST_SECONDS:
                raise NothingToCommit(
                    f"{1000 * came:.0f} ms of sound came since the last item; {1000 * SHORTEST_SECONDS:.0f} ms are "
                    "needed. Append some first."
                )
            item = self._open or Item(id=new_item_id(), first=self._begin)
            item.first, item.last = self._begin, self.end
            await self._commit(item)
            self.restart()

    async def clear(self) -> None:
        """Make no item of what came since the last one; the meeting keeps it."""
        async with self._turn:
            self._begin = self.end
            self.restart()

    async def _detect(self, detection: Detection) -> None:
        recording, host = self._session.recording, self._pool.host("vad")
        stage = DetectSpeech(host, recording, detection=detection, open_every_seconds=OPEN_EVERY_SECONDS)
        inbox = Cursor(recording.chunks({self._track: self._begin}, LIVE_CHUNK), live=True)
        try:
            async with aclosing(stage.run(inbox)) as found:
                async for made in found:
                    await self._found(made)
        finally:
            with anyio.CancelScope(shield=True):
                await inbox.aclose()

    async def _found(self, made: Span) -> None:
        if made.track != self._track or not isinstance(made, OpenSpeech | Speech):
            return
        # Shielded: what was begun to be told is told, also when detection is about to begin anew.
        async with self._turn:
            with anyio.CancelScope(shield=True):
                await self._cut(made)

    async def _cut(self, made: OpenSpeech | Speech) -> None:
        if made.last_sample <= self._begin:
            return  # it was committed by hand meanwhile
        if self._open is None:
            self._open = Item(id=new_item_id(), first=max(made.first_sample, self._begin))
            await self._listener.started(self._open)
        if isinstance(made, Speech):
            item, item.last, item.speech = self._open, made.last_sample, made
            await self._listener.stopped(item)
            self._open = None
            await self._commit(item)

    async def _commit(self, item: Item) -> None:
        item.previous, self._before = self._before, item.id
        self._begin = item.last
        await self._listener.committed(item)
        await self._send.send(item)

    async def _tell_guesses(self) -> None:
        """Tell what two hypotheses of the open item agree on."""
        async for guess in self._guessed:
            item = self._open
            if item is None or guess.track != self._track:
                continue
            if abs(guess.start - seconds(item.first)) <= SAME_START_SECONDS:
                await self._tell(item, guess.text[: guess.agreed])

    async def _tell(self, item: Item, text: str) -> None:
        """Tell what follows in a text on what was told; what was told before stays."""
        if text.startswith(item.told) and len(text) > len(item.told):
            new, item.told = text[len(item.told) :], text
            await self._listener.delta(item, new)

    async def _transcribe_all(self) -> None:
        async for item in self._waiting:
            try:
                lost = await self._transcribe(item)
            except EngineError as error:
                lost = str(error)
            if lost and not item.words:
                await self._listener.failed(item, lost)
                continue
            if self.tells_speakers:
                await self._tell_speakers(item)
            await self._listener.completed(item)

    async def _transcribe(self, item: Item) -> str:
        """Find the words of an item, telling them stretch by stretch; return why some are missing."""
        sound = StretchSound(self._session.recording, self._track, item.first, item.last)
        stretches = [item.speech] if item.speech is not None else await self._stretches(sound)
        asr, aligner = self._pool.host("asr", self.options.asr), self._pool.host("aligner")
        stage = Transcribe(sound, asr, aligner, self._wish(), batch=1)
        lost = ""
        async with aclosing(stage.run(Given(stretches))) as made:
            async for found in made:
                if isinstance(found, Word):
                    item.words.append(found)
                    await self._tell(item, item.text)
                elif isinstance(found, Gap) and found.stage == stage.name:
                    lost = found.reason
        self._spoken = most_spoken(item.words) or self._spoken
        return lost

    def _wish(self) -> Wish:
        """Return what is asked of an item: of the languages that may be spoken, that of the one before is likeliest."""
        wish = self.options.wish
        if self._spoken not in wish.languages:
            return wish
        first = (self._spoken, *(code for code in wish.languages if code != self._spoken))
        return msgspec.structs.replace(wish, languages=first)

    async def _stretches(self, sound: StretchSound) -> Sequence[Speech]:
        stage = DetectSpeech(self._pool.host("vad"), sound)
        inbox = Cursor(sound.chunks({}, OFFLINE_CHUNK), live=False)
        async with aclosing(stage.run(inbox)) as made:
            return [found async for found in made if isinstance(found, Speech)]

    async def _tell_speakers(self, item: Item) -> None:
        turns: list[SpeakerTurn] = []
        if self._voices is None:
            self._voices = VoicesByItem(self._pool.host("diarizer"), self._session.recording, self._track)
        try:
            turns = await self._voices.turns(item.first, item.last)
        except EngineError:
            self._voices = None  # who speaks stays unknown, and the words stand
        for number, line in enumerate(attribute(item.words, turns, Attribution())):
            await self._listener.segment(item, number, line)


class _Guesses:
    """An `Observer` that hands on hypotheses, and drops them while nobody takes them: the meeting waits for nobody."""

    def __init__(self, send: MemoryObjectSendStream[Hypothesis]) -> None:
        self._send = send

    async def item(self, stage: str, item: Span) -> None:
        if isinstance(item, Hypothesis):
            with suppress(anyio.WouldBlock, anyio.BrokenResourceError):
                self._send.send_nowait(item)

    async def ended(self, stage: str) -> None:
        """Nothing."""

    async def failed(self, stage: str, gap: Gap) -> None:
        """Nothing: the words come from elsewhere."""
