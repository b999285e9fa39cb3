"""A hub of models: which files a model has, and their bytes from any place on. What it refuses is said in words."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from stages.engine_errors import EngineError
from stages.hub_token import token

HUB = "https://huggingface.co"
CONNECT_SECONDS, READ_SECONDS = 15.0, 60.0
"""A hub that does not answer, or stops in the middle of a file, is tried again after so long."""
BLOCK = 2**20
"""Bytes that are handed on together."""
MOST_WAIT = 60.0
"""Seconds that a hub may ask to be left alone."""
SAFE_PART = re.compile(r"^(?!\.{1,2}$)[^/\\\x00-\x1f]+$")


class Away(Exception):
    """The hub cannot be reached or is overloaded: another try may help."""

    def __init__(self, why: str, wait_seconds: float | None = None) -> None:
        super().__init__(why)
        self.wait_seconds = wait_seconds
        """How long the hub wants to be left alone; None if it did not say."""


class HubFile(msgspec.Struct, frozen=True):
    """A file of a model."""

    name: str
    """Path within the model."""
    size: int
    """Bytes."""
    digest: str
    """SHA-256 in hex of a large file, git's SHA-1 of a small one: also its name in the cache."""


class HubModel(msgspec.Struct, frozen=True):
    """A model at one moment."""

    commit: str
    """Which moment."""
    files: tuple[HubFile, ...]
    """All of them."""


class Hub:
    """Speaks the hub's HTTP API. Source: https://huggingface.co/docs/hub/api, https://huggingface.co/docs/hub/storage."""

    def __init__(self, endpoint: str | None = None) -> None:
        """Talk to `endpoint`, else to $HF_ENDPOINT, else to the hub itself.

        Raises:
            EngineError: $HF_HUB_OFFLINE forbids it.
        """
        self.endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")
        if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
            raise EngineError(
                "HF_HUB_OFFLINE is set: nothing is fetched. Copy the model's folder into the model cache, or unset it."
            )
        self._token = token()
        shown = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        self._client = httpx.Client(
            # Compressed, a file could not go on from the middle.
            headers={"User-Agent": "parley", "Accept-Encoding": "identity", **shown},
            # To another host, where large files lie, the token does not travel along.
            follow_redirects=True,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        )

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def model(self, model: str, revision: str) -> HubModel:
        """Return what a model consists of.

        Raises:
            Away: another try may help.
            EngineError: the hub does not give it to us.
        """
        address = f"{self.endpoint}/api/models/{model}/revision/{quote(revision, safe='')}?blobs=true"
        try:
            answer = self._client.get(address)
        except httpx.HTTPError as error:
            raise Away(f"The hub at {self.endpoint} cannot be reached: {_said(error)}") from error
        self._check(answer, model, revision)
        try:
            told = answer.json()
            return HubModel(told["sha"], tuple(map(_file, told["siblings"])))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EngineError(
                f"The hub at {self.endpoint} does not say what {model} consists of. Check the address in HF_ENDPOINT."
            ) from error

    @contextmanager
    def opened(self, model: str, commit: str, file: HubFile, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Give the bytes of a file, from `start` on where the hub knows ranges, and from where they really begin.

        Raises:
            Away: another try may help, also while the bytes are read.
            EngineError: the hub does not give it to us.
        """
        address = f"{self.endpoint}/{model}/resolve/{commit}/{quote(file.name)}"
        headers = {"Range": f"bytes={start}-"} if start else {}
        try:
            with self._client.stream("GET", address, headers=headers) as answer:
                if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                    yield 0, iter(())
                    return
                self._check(answer, model, commit)
                yield _first(answer, start), answer.iter_bytes(BLOCK)
        except httpx.HTTPError as error:
            raise Away(f"The connection to {self.endpoint} broke: {_said(error)}") from error

    def _check(self, answer: httpx.Response, model: str, revision: str) -> None:
        status, code = answer.status_code, answer.headers.get("x-error-code", "")
        if answer.is_success:
            return
        if status == HTTPStatus.TOO_MANY_REQUESTS or answer.is_server_error:
            raise Away(f"The hub at {self.endpoint} answered {status}", _wait(answer.headers))
        page = f"{self.endpoint}/{model}"
        if code == "GatedRepo" or status == HTTPStatus.FORBIDDEN:
            raise EngineError(self._gated(model, page))
        if code == "RevisionNotFound":
            raise EngineError(f"The model {model} has no revision {revision!r}. Look at {page} which there are.")
        if status == HTTPStatus.UNAUTHORIZED and self._token and not code:
            raise EngineError(
                "The hub does not accept the Hugging Face token. Make a new one there, and give it again."
            )
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
            raise EngineError(
                f"The hub at {self.endpoint} knows no model {model}, or hides it from us. Check the name; where it is "
                "private, give a Hugging Face token that may read it."
            )
        raise EngineError(
            f"The hub at {self.endpoint} answered {status} about {model}. Check the address and the name."
        )

    def _gated(self, model: str, page: str) -> str:
        if self._token:
            return (
                f"The model {model} is gated, and the account of the Hugging Face token may not read it: accept its "
                f"conditions on {page} with that account, or give a token of another."
            )
        return (
            f"The model {model} is gated: accept its conditions on {page}, then give a Hugging Face token of that "
            "account in the control room, or set HUGGINGFACE_TOKEN."
        )


def _file(told: Mapping[str, Any]) -> HubFile:
    large = told.get("lfs") or {}
    name, digest = told["rfilename"], large.get("sha256") or large.get("oid") or told.get("blobId") or ""
    if not all(map(SAFE_PART.match, name.split("/"))) or not re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", digest):
        raise ValueError(name)
    return HubFile(name, int(told.get("size") or large.get("size") or 0), digest)


def _first(answer: httpx.Response, asked: int) -> int:
    """Return the place of the first byte of an answer."""
    if answer.status_code != HTTPStatus.PARTIAL_CONTENT:
        return 0
    found = re.match(r"bytes (\d+)-", answer.headers.get("content-range", ""))
    return int(found[1]) if found else asked


def _wait(headers: httpx.Headers) -> float | None:
    asked = headers.get("retry-after", "")
    return min(float(asked), MOST_WAIT) if asked.isdecimal() else None


def _said(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__
