"""Blocks of a stream of server-sent events -> blocks of whole events, so that a broken one is never passed on."""

from pipeline.gateway.tokens import Tokens, tokens_of_events

LONGEST_EVENT = 32 * 2**20
"""Bytes; what is longer is passed on as it comes."""
KEPT = 64 * 2**10
"""Bytes of the end that are searched for what the stream says of its tokens."""


class Events:
    """Passes whole events on; counts them, and knows whether the stream came to its end."""

    def __init__(self, *, hide_usage: bool = False) -> None:
        self._hide_usage = hide_usage
        self._held = b""
        self._before, self._last = b"", b""
        self.count = 0
        """Events that were passed on."""
        self._hidden = b""

    def feed(self, block: bytes) -> bytes:
        """Take what came; return the events that are whole now, unchanged."""
        if self._held:
            block = self._held + block
            self._held = b""
        if not block.endswith(b"\n\n"):
            cut = _end(block)
            if len(block) - cut < LONGEST_EVENT:
                block, self._held = block[:cut], block[cut:]
        if not block:
            return b""
        self._before, self._last = self._last, block
        if self._hide_usage and b'"choices"' in block and (b'"choices":[]' in block or b'"choices": []' in block):
            block = self._without_usage(block)
        self.count += block.count(b"\n\n")
        return block

    def rest(self) -> bytes:
        """Return what is left at the end."""
        rest, self._held = self._held, b""
        return rest

    @property
    def is_done(self) -> bool:
        """Return whether the stream said that it is done."""
        return b"[DONE]" in self._last[-64:]

    def tokens(self) -> Tokens:
        """Return what the stream said of its tokens; if it said nothing, its events are counted."""
        end = b"\n".join(part[-KEPT:] for part in (self._before, self._hidden, self._last))
        return tokens_of_events(end) or Tokens(0, max(0, self.count - 1))

    def _without_usage(self, block: bytes) -> bytes:
        """Take out the event that tells the tokens: its caller did not ask for it."""
        separator = b"\r\n\r\n" if b"\r\n\r\n" in block else b"\n\n"
        kept = []
        for event in block.split(separator):
            empty = b'"choices":[]' in event or b'"choices": []' in event
            if empty and tokens_of_events(event) is not None:
                self._hidden = event
            else:
                kept.append(event)
        return separator.join(kept)


def _end(block: bytes) -> int:
    """Return where the last whole event ends."""
    plain, wide = block.rfind(b"\n\n"), block.rfind(b"\r\n\r\n")
    return max(plain + 2 if plain >= 0 else 0, wide + 4 if wide >= 0 else 0)
