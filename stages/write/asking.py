"""A question to a model -> an answer of the wanted shape: asked again, with what was wrong, a few times at most."""

from typing import Any, TypeVar

from stages.write.chat import Chat, ChatAway, ChatError, Message
from stages.write.notes import Unreadable, read
from stages.write.tokens import Tokens

TRIES = 3
"""How often a model is asked for the same thing."""
COMPLAINT = 60
"""Tokens that the word of what was wrong takes."""
TOLD = 200
"""Letters of what was wrong that the model is told."""

Answer = TypeVar("Answer")


class CutShort(ChatError):
    """The answer reached its limit of tokens: less should be asked for at once."""


async def ask(
    chat: Chat, tokens: Tokens, asked: tuple[str, str], kind: type[Answer], schema: dict[str, Any], most: int
) -> Answer:
    """Ask with instructions and a text, and return the answer.

    Raises:
        TooLong: the model does not read so much at once.
        CutShort: its answer did not come to an end.
        ChatError: nothing of use came of it.
    """
    system, user = asked
    problem: Exception | None = None
    complaint = ""
    for _ in range(TRIES):
        messages = [Message("system", system), Message("user", user + complaint)]
        try:
            reply = await chat.ask(messages, schema, most)
        except ChatAway as error:
            problem = error
            continue
        tokens.learn(system + user + complaint, reply.read)
        if not reply.whole:
            raise CutShort(f"The answer of {chat.name} has more than {most} tokens.")
        try:
            return read(reply.text, kind)
        except Unreadable as error:
            problem = error
            told = str(error)[:TOLD]
            complaint = f"\n\nYour last answer was refused: {told}. Answer again, with nothing but JSON of the schema."
    if isinstance(problem, ChatAway):
        raise problem
    raise ChatError(f"{chat.name} gave no usable JSON in {TRIES} tries: {problem}.") from problem
