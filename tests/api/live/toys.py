"""Live stages without models: a hypothesis every half second, an utterance every second, silence or not."""

from collections.abc import AsyncGenerator
from typing import ClassVar

from pipeline.engine_pool import EnginePool
from pipeline.options import Options
from pipeline.steps import Step
from stages.speech import AudioChunk, Hypothesis, Mark, Span, Utterance, Word
from stages.stage import Inbox, Sound, Stage, items


class Tell(Stage[AudioChunk, Utterance | Hypothesis]):
    """Says which second it is."""

    name: ClassVar[str] = "attribute"
    consumes: ClassVar[tuple[type[Span], ...]] = (AudioChunk,)
    produces: ClassVar[tuple[type[Span], ...]] = (Utterance, Hypothesis)

    async def run(self, inbox: Inbox[AudioChunk]) -> AsyncGenerator[Utterance | Hypothesis | Mark, None]:
        """Yield what a second says, once it is over."""
        halves = 0
        async for chunk in items(inbox):
            while chunk.end >= (halves + 1) / 2:
                halves += 1
                second = (halves - 1) // 2
                if halves % 2:
                    yield Hypothesis(start=second, end=second + 0.5, text=f"second {second}", agreed=6)
                else:
                    word = Word(start=second, end=second + 1.0, text=f"second-{second}")
                    yield Utterance.of([word], f"S{second % 2 + 1}")


def toy_live_steps(sound: Sound, pool: EnginePool, options: Options) -> list[Step]:
    """Return the one stage."""
    return [Step(Tell(), options={"live": True})]
