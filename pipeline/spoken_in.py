"""What was transcribed -> the language that most of it is in."""

from collections import Counter
from collections.abc import Iterable

from pipeline.attempts import manifests
from pipeline.replay import shown_items
from stages.speech import Word
from stages.transcribe import Transcribe
from storage.store import Store


def most_spoken(words: Iterable[Word]) -> str | None:
    """Return the language of most words; None where it was not told."""
    heard = Counter(word.language for word in words if isinstance(word.language, str))
    return heard.most_common(1)[0][0] if heard else None


async def spoken_in(store: Store, meeting: str) -> str | None:
    """Return the language of most words of a meeting, or the only one of its engine; None where neither is known."""
    made = (await manifests(store, meeting)).get(Transcribe.name)
    if made is None or made.engine is None:
        return None
    if made.options.get("languages"):
        return most_spoken([item async for item in shown_items(store, made) if isinstance(item, Word)])
    known: str | None = made.options.get("language")
    return known or (made.engine.languages[0] if len(made.engine.languages) == 1 else None)
