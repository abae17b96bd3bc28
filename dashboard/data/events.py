"""The log of what people did: rows are added and read, never changed. Triggers of the migration hold it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.db import Id, Model

CHAIN = 1
"""The one chain there is. If it must grow, several can stand in these tables."""
HASH_BYTES = 32
WITH_ACCESS = text("access IS NOT NULL")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """A moment as the log counts it: whole microseconds since 1970 in UTC."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The moment of a number of the log."""
    return EPOCH + timedelta(microseconds=at)


class EventEntry(Model):
    """One thing that happened. ``payload`` holds the bytes that are hashed; the other columns are there to search by.

    Rows with ``seq`` up to 0 are older than the chain: they were never hashed, and prove nothing.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("chain", "prev"),
        UniqueConstraint("id"),
        CheckConstraint("(seq > 0) = (hash IS NOT NULL)", name="hashed"),
        Index(None, "chain", "sub", "seq"),
        Index(None, "chain", "act", "seq"),
        Index(None, "chain", "action", "seq"),
        Index(None, "chain", "at"),
        Index(None, "access", "seq", sqlite_where=WITH_ACCESS, postgresql_where=WITH_ACCESS),
    )

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    """Counts from 1 in its chain, without a gap."""
    id: Mapped[str] = mapped_column(String(32))
    """Random, in hex: the event's name outside."""
    at: Mapped[int] = mapped_column(BigInteger)
    """Microseconds since 1970 in UTC, by the database's clock."""
    action: Mapped[str] = mapped_column(String(60))
    """A name of ``dashboard.events.Event``."""
    outcome: Mapped[str] = mapped_column(String(10))
    """A word of ``dashboard.events.Outcome``."""
    why: Mapped[str] = mapped_column(String(40))
    """The cause as a code, such as ``expired``; empty where there is nothing to say."""
    sub: Mapped[str | None] = mapped_column(String(32))
    """Whose account it is about, as a reference of ``parties``. NULL: nobody's."""
    act: Mapped[str | None] = mapped_column(String(32))
    """Who was at the keyboard: a reference of ``parties``, or ``system``. NULL: not to be named."""
    access: Mapped[int | None] = mapped_column(Id)
    """The support access during which it happened. NULL: none. No foreign key: the event outlives it."""
    object_kind: Mapped[str | None] = mapped_column(String(40))
    object_id: Mapped[str | None] = mapped_column(String(120))
    """What was looked at or acted on, for example a ``page`` by its endpoint. Never what leads to a person."""
    request: Mapped[str] = mapped_column(String(40))
    """The request's id. Empty: none."""
    session: Mapped[int | None] = mapped_column(Id)
    """The number of the login session. NULL: none, or not said."""
    personal: Mapped[bytes | None] = mapped_column(LargeBinary(HASH_BYTES))
    """HMAC-SHA256 of the row's :class:`EventPersonal`."""
    prev: Mapped[bytes | None] = mapped_column(LargeBinary(HASH_BYTES))
    hash: Mapped[bytes | None] = mapped_column(LargeBinary(HASH_BYTES))
    """SHA-256 of ``prev`` and ``payload``."""
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)


class EventPersonal(Model):
    """What an event holds on people. It can be erased, and the chain stays provable: only its digest is hashed."""

    __tablename__ = "event_personal"
    __table_args__ = (ForeignKeyConstraint(["chain", "seq"], [EventEntry.chain, EventEntry.seq]),)

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(HASH_BYTES))
    """256 random bits, the key of the digest. NULL: erased, or older than the chain."""
    text: Mapped[str | None] = mapped_column(Text)
    """JSON: ``address``, ``user_agent`` and ``details``, which holds no secrets. NULL: erased."""


class EventHead(Model):
    """Where a chain stands. Writers take turns by its lock."""

    __tablename__ = "event_heads"

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Id)
    """The last event's. 0: nothing is hashed yet."""
    hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES))
    """The last event's; all zeros before the first."""
    base_seq: Mapped[int] = mapped_column(Id)
    """The last event that was pruned. Before the first pruning, the number before the oldest row."""
    base_hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES))
