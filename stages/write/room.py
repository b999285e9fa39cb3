"""A meeting and a model -> parts that the model can read at once, with room for its answer."""

from collections.abc import Sequence

from stages.extract.talk import Talk
from stages.extract.topics import stretches
from stages.summarize import SlideText
from stages.write.asking import COMPLAINT
from stages.write.chat import Chat, ChatError
from stages.write.parts import Line, cut, lines_of, numbered, with_slides
from stages.write.tokens import Tokens

AROUND = 40
"""Tokens that a server puts around two messages, at most. Source: chat templates of Qwen, Llama and Mistral."""
SLACK = 0.03
"""Share of the window that is left free: parts are counted in blocks."""
LEAST = 200
"""Tokens of lines without which no part makes sense."""


class Room:
    """Plans requests to one model about one meeting."""

    def __init__(self, chat: Chat, tokens: Tokens, answer: int) -> None:
        self.chat, self.tokens = chat, tokens
        self._answer = answer

    @property
    def answer(self) -> int:
        """Tokens of an answer at most."""
        return min(self._answer, self.chat.window // 4)

    async def beside(self, system: str) -> float:
        """Return the tokens that are left for lines beside instructions.

        Raises:
            ChatError: there are too few.
        """
        window = self.chat.window
        left = window * (1 - SLACK) - self.answer - await self.tokens.of(system) - AROUND - COMPLAINT
        if left < LEAST:
            raise ChatError(f"{self.chat.name} reads {window} tokens at once, too few for its instructions.")
        return left

    async def parts(self, lines: Sequence[Line], system: str, turns: Sequence[int]) -> list[range]:
        """Cut lines into parts. Raises ChatError."""
        room = await self.beside(system)
        return cut(await self.tokens.each(numbered(lines)), room, set(turns))


def read_lines(talk: Talk, slides: Sequence[SlideText] = ()) -> tuple[list[Line], list[int]]:
    """Return the lines of a meeting, and those at which the talk turns to something else."""
    lines = with_slides(lines_of(talk.sentences), slides)
    begins = {stretch.first for stretch in stretches(talk)}
    return lines, [number for number, line in enumerate(lines) if line.sentence in begins and not line.is_slide]
