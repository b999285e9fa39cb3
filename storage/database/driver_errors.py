"""Errors of SQLAlchemy and the drivers -> errors of the database: the one place that reads foreign messages."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import exc

from storage.records import DatabaseAway, NoRecord, RecordError, Taken

FOREIGN = (exc.SQLAlchemyError, psycopg.Error, sqlite3.Error, OSError)

UNIQUE = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "23505"}
NO_PARENT = {"SQLITE_CONSTRAINT_FOREIGNKEY", "23503"}
REASONS = {
    "SQLITE_BUSY": "another process writes to it for too long. Try again",
    "SQLITE_LOCKED": "another process writes to it for too long. Try again",
    "SQLITE_FULL": "its disk is full. Make room; nothing that was stored is lost",
    "SQLITE_IOERR": "its disk does not read or write as it should. Check the disk",
    "SQLITE_CANTOPEN": "its file cannot be opened. Check the folder and its permissions",
    "SQLITE_READONLY": "its file may not be written. Check the permissions",
    "08": "the connection was lost. Check that it runs",
    "28": "it does not let us in. Check user and password",
    "3D": "there is no database of that name. Create it",
    "40": "other transactions stood in the way. Try again",
    "53": "it has no room or no connection left. Make room, or allow more connections",
    "53100": "its disk is full. Make room; nothing that was stored is lost",
    "55P03": "another transaction holds it for too long. Try again",
    "57": "it is stopping, starting, or was too busy to answer in time. Try again",
}
"""By SQLite's name of the error, or PostgreSQL's code or class of codes: why it is away, and what to do.

Source: SQLite, Result and Error Codes; PostgreSQL 15, appendix A.
"""
NO_TABLE = {"42P01"}
DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002"}


@contextmanager
def mapped(where: str) -> Iterator[None]:
    """Raise what SQLAlchemy or a driver raises as an error of the database, which is at `where`.

    Raises:
        RecordError: one of its kinds, with the foreign error as its cause.
    """
    try:
        yield
    except FOREIGN as error:
        if isinstance(error, RecordError):
            raise
        raise _translated(error, where) from error


def _translated(error: Exception, where: str) -> RecordError:
    driver = error.orig if isinstance(error, exc.DBAPIError) else error
    code = _code(driver)
    if code in UNIQUE:
        return Taken("This name is in use. Choose another.")
    if code in NO_PARENT:
        return NoRecord("What this belongs to does not exist, or not any more.")
    if code in NO_TABLE or "no such table" in str(driver):
        return RecordError(f"The database at {where} has no tables yet: migrate it first.")
    if code in DAMAGED or _family(code) in DAMAGED:
        return RecordError(f"The database at {where} is damaged, or is none ({_in_short(driver)}). Restore a backup.")
    reason = REASONS.get(code) or REASONS.get(_family(code))
    if reason is not None:
        return DatabaseAway(f"The database at {where} cannot be used: {reason}.")
    if _is_connection_loss(error, driver, code):
        return DatabaseAway(f"The database at {where} does not answer ({_in_short(driver)}). Check that it runs.")
    return RecordError(f"The database at {where} refused: {_in_short(driver)}")


def _code(driver: BaseException | None) -> str:
    if isinstance(driver, psycopg.Error):
        return driver.sqlstate or ""
    return str(getattr(driver, "sqlite_errorname", ""))


def _family(code: str) -> str:
    """Return the error of which this is a kind: `SQLITE_IOERR_WRITE` is an `SQLITE_IOERR`."""
    return "_".join(code.split("_")[:2]) if code.startswith("SQLITE_") else code[:2]


def _is_connection_loss(error: Exception, driver: BaseException | None, code: str) -> bool:
    if isinstance(error, (OSError, exc.TimeoutError)):
        return True
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return True
    return not code and isinstance(driver, (psycopg.OperationalError, psycopg.InterfaceError))


def _in_short(driver: BaseException | None) -> str:
    """Return the first line: what follows may show values."""
    return str(driver).strip().split("\n", 1)[0][:200]
