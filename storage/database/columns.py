"""Types of columns that hold the same on SQLite and on PostgreSQL."""

from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import BigInteger, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

REPLACEMENT = "\ufffd"
UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)], REPLACEMENT)
"""NUL and halves of characters: PostgreSQL takes neither, SQLite not the halves."""

BIG_KEY = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit primary key; SQLite makes it the row's own number, by which FTS5 finds and orders rows."""

POSITION_BITS = 21
"""Of an utterance's key: room for two million of one meeting, and for meetings until the year 2109."""

Value = TypeVar("Value")


class Letters(TypeDecorator[str]):
    """Text, ordered by code point; a character that no database takes becomes the replacement character."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Leave the order of the server's language: one index then serves order, equality and prefixes."""
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be stored."""
        return None if value is None else value.translate(UNSTORABLE)


class Packed(TypeDecorator[Value], Generic[Value]):
    """A value of one type as JSON."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, of: Any) -> None:
        super().__init__()
        self.of = of
        """What is decoded."""

    def process_bind_param(self, value: Value | None, dialect: Dialect) -> bytes | None:
        """Encode it."""
        return None if value is None else msgspec.json.encode(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Value | None:
        """Decode it."""
        if value is None:
            return None
        decoded: Value = msgspec.json.decode(value, type=self.of)
        return decoded


class Words(TypeDecorator[tuple[str, ...]]):
    """The words of a text as `words.words` makes them: a tsvector, or words with spaces between for FTS5."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose what the database's full-text search reads."""
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """Write it so that neither database looks for words in it by rules of its own."""
        if value is None:
            return None
        return " ".join(f"'{word}'" for word in value) if dialect.name == "postgresql" else " ".join(value)
