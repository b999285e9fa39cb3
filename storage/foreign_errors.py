"""Errors of obstore and of the system -> errors of the store: the one place that reads foreign messages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore import exceptions as foreign

from storage.latency import STORE, STORE_FAILURES, timed
from storage.store import AlreadyStored, BadKey, NotStored, StoreAway, StoreError, StoreFull

NO_ROOM = {27, 28, 122}
"""errno: EFBIG, ENOSPC, EDQUOT."""
NOT_A_KEY = {20, 21, 36}
"""errno: ENOTDIR, EISDIR, ENAMETOOLONG."""
NO_ROOM_CODES = {
    "EntityTooLarge",
    "InsufficientCapacity",
    "QuotaExceeded",
    "XMinioAdminBucketQuotaExceeded",
    "XMinioStorageFull",
}
"""S3 error codes. Source: Amazon S3 API, Error responses; MinIO, api-errors.go."""
NO_BUCKET = "NoSuchBucket"
BLAMELESS = (foreign.AlreadyExistsError, foreign.PreconditionError, FileNotFoundError)
"""No fault of the store: what was asked for is not there, or is there already."""
BEYOND = ("<Code>InvalidRange</Code>", "StartTooLarge")
"""S3 and obstore, when a range begins at or after the end."""


@contextmanager
def mapped(what: str, where: str) -> Iterator[None]:
    """Raise what obstore raises as an error of the store. `what` was to be done ("read KEY"), `where` the store is.

    Raises:
        StoreError: one of its kinds, with the foreign error as its cause.
    """
    try:
        with timed(STORE, STORE_FAILURES, what.partition(" ")[0], *BLAMELESS):
            yield
    except (foreign.BaseError, OSError, NotImplementedError) as error:
        raise _translated(error, what, where) from error


def is_beyond(error: BaseException | None) -> bool:
    """Tell whether the store refused a range because the object ends before it."""
    return isinstance(error, foreign.GenericError) and any(sign in str(error) for sign in BEYOND)


def _translated(error: Exception, what: str, where: str) -> StoreError:
    told = _in_short(str(error))
    if isinstance(error, foreign.AlreadyExistsError):
        return AlreadyStored(f"Cannot {what}: something is stored there already.")
    if isinstance(error, foreign.PreconditionError):
        return NotStored(f"Cannot {what}: it was replaced meanwhile. Try again.")
    if NO_BUCKET in str(error):
        return StoreAway(f"Cannot {what}: {where} does not exist. Create the bucket, or name another.")
    if isinstance(error, FileNotFoundError):
        return NotStored(f"Cannot {what}: nothing is stored there.")
    if isinstance(error, (foreign.PermissionDeniedError, foreign.UnauthenticatedError, PermissionError)):
        return StoreAway(f"Cannot {what}: {where} does not let us in ({told}). Check its keys and permissions.")
    return _by_number(error, told, what, where)


def _by_number(error: Exception, told: str, what: str, where: str) -> StoreError:
    text = str(error)
    found = re.search(r"os error (\d+)", text)
    number = int(found[1]) if found else getattr(error, "errno", None)
    if number in NO_ROOM or "507 Insufficient" in text or any(code in text for code in NO_ROOM_CODES):
        return StoreFull(f"Cannot {what}: {where} is full ({told}). Make room; nothing that was stored is lost.")
    if number in NOT_A_KEY:
        return BadKey(f"Cannot {what}: a part of the key is itself stored, or too long ({told}).")
    if number is not None or "Generic S3 error" in text:
        return StoreAway(f"Cannot {what}: {where} does not answer as it should ({told}). Check that it runs.")
    return StoreError(f"Cannot {what} in {where}: {told}")


def _in_short(text: str) -> str:
    """Return the reason alone: an S3 error's whole answer would show access keys."""
    status = re.search(r"status code: (\d{3}(?: [A-Z][A-Za-z-]+)*)", text)
    code = re.search(r"<Code>(\w+)</Code>", text)
    if status or code:
        return ", ".join(found[1] for found in (status, code) if found)
    first = text.split("\n", 1)[0]
    system = re.search(r"([A-Z][^:]*) \(os error \d+\)", first)
    return system[1] if system else first.rsplit(" - ", 1)[-1][:200]
