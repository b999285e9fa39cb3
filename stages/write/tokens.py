"""Texts -> how many tokens a model makes of them: counted by it, or bounded and corrected by what it reports.

The bound is one token per byte of UTF-8: no byte-level vocabulary makes more. Where nobody counts, the first request is
small enough for it; from then on the bound is what the provider reported per byte, with a margin.
Source: Sennrich et al., 2016, and Radford et al., 2019 (byte-level pair encoding merges bytes, and adds none).
"""

from collections.abc import Sequence

from stages.write.chat import Chat, TooLong

MARGIN = 1.25
"""Tokens per byte differ so much between stretches of one meeting."""
MISSING = 0.75
"""A provider that reports less than this share of what was sent did not read all of it."""
REPRESENTATIVE = 1000
"""Letters from which a text tells how many tokens a byte has."""
BLOCK = 16_000
"""Characters that are counted in one request."""


class Tokens:
    """Counts for one model and one meeting."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self.is_counted = True
        """Whether the model counts; else there is only the bound."""
        self.per_byte = 1.0
        """The bound: tokens of a byte at most."""
        self.sent = 0
        """Tokens of all requests, as the provider reported them, else as counted or bounded."""
        self.requests = 0
        """How many there were."""
        self._typical: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether parts can be planned: the model counts, or a provider has reported."""
        return self.is_counted or self._typical is not None

    async def of(self, text: str) -> int:
        """Return how many tokens a text has, at most."""
        if self.is_counted:
            found = await self._chat.count(text)
            if found is not None:
                self._expect(text, found)
                return found
            self.is_counted = False
        return round(len(text.encode()) * self.per_byte) + 1

    def _expect(self, text: str, counted: int) -> None:
        """Remember how many tokens a byte has: a provider that reports much less left something out."""
        if self._typical is None and len(text) >= REPRESENTATIVE:
            self._typical = counted / len(text.encode())

    async def each(self, texts: Sequence[str]) -> list[float]:
        """Return the tokens of each text; they are counted in blocks and shared out by length."""
        found: list[float] = []
        block: list[str] = []
        for number, text in enumerate(texts):
            block.append(text)
            if number == len(texts) - 1 or sum(map(len, block)) >= BLOCK:
                tokens = await self.of("".join(block))
                size = max(1, sum(len(each.encode()) for each in block))
                found += [tokens * len(each.encode()) / size for each in block]
                block = []
        return found

    def learn(self, text: str, reported: int | None) -> None:
        """Take what the provider reported of a request.

        Raises:
            TooLong: it read less than was sent, so it cut the rest off in silence.
        """
        size = max(1, len(text.encode()))
        self.requests += 1
        self.sent += reported or round(size * (self._typical or self.per_byte))
        if not reported:
            return
        typical = reported / size
        if self._typical is not None and typical < MISSING * self._typical:
            read = f"{reported} of about {round(self._typical * size)} tokens"
            raise TooLong(f"The provider of {self._chat.name} read {read}, and said nothing.", reported)
        self._typical = max(typical, self._typical or 0.0)
        if not self.is_counted:
            self.per_byte = min(1.0, self._typical * MARGIN)
