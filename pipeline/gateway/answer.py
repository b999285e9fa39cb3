"""What a provider answers: a status, a media type and bytes, all at once or as they come."""

from typing import Protocol


class Answer(Protocol):
    """An answer that has begun; whoever has it closes it."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def media_type(self) -> str:
        """What the bytes are; empty if it did not say."""

    @property
    def retry_after(self) -> float | None:
        """Seconds after which to ask again; None if it did not say."""

    async def read(self) -> bytes:
        """Return everything.

        Raises:
            ProviderDied: the provider went away before the end.
            ProviderSilent: it sent nothing for too long.
        """

    async def block(self) -> bytes:
        """Return the bytes that came next, as they came; empty at the end. Raises like `read`."""

    def close(self) -> None:
        """Let go of it at once: a provider that still works on it notices."""


class Made:
    """An answer that was made here."""

    retry_after = None

    def __init__(self, body: bytes, status: int = 200, media_type: str = "application/json") -> None:
        self.body = body
        self.status = status
        self.media_type = media_type

    async def read(self) -> bytes:
        """Return everything."""
        return self.body

    async def block(self) -> bytes:
        """Return everything at first, then the end."""
        body, self.body = self.body, b""
        return body

    def close(self) -> None:
        """Do nothing."""
