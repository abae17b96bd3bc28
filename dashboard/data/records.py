"""Imported records: what third parties sent, one row each."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, RowMapping, String, Text, UniqueConstraint, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.connections import Connection
from dashboard.data.db import Id, Model, UTCDateTime, changed, db
from dashboard.data.users import User


class Record(Model):
    """One thing a third party measured. It outlives its connection if the person keeps it."""

    __tablename__ = "records"
    __table_args__ = (
        UniqueConstraint("connection_id", "kind", "provider_id"),
        Index(None, "user_id", "kind", "measured_at"),
        Index(None, "type", "stored_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"))
    connection_id: Mapped[int | None] = mapped_column(Id, ForeignKey(Connection.id, ondelete="SET NULL"))
    """NULL: its connection was ended, and the person kept it."""
    type: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    """``steps``, ``weight``, ``sleep``, ``workout``, ``heart_rate`` …"""
    provider_id: Mapped[str] = mapped_column(String(200))
    """The provider's id of the record: it is stored once."""
    remote_account_id: Mapped[str | None] = mapped_column(String(200))
    """The account it came from, set as its connection ends: if that account is connected again, it goes along. NULL:
    its connection is there, or the account was not known."""
    measured_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The end of what took a while, as a night or a workout. NULL: a moment, or a whole day."""
    day: Mapped[int]
    """The day it counts for where the person was, as ``date.toordinal()``; UTC's, if the provider tells no offset."""
    stored_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When the provider last sent it: a provider's terms may limit how long it stays."""
    value: Mapped[float | None]
    """In the kind's unit. NULL: the record is not one number."""
    details: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    """What else the provider said, as JSON."""


def count(connection_id: int, *, owner_id: int) -> int:
    """How many records of a connection are here."""
    statement = select(func.count()).select_from(Record)
    statement = statement.where(Record.connection_id == connection_id, Record.user_id == owner_id)
    return int(db.session.execute(statement).scalar_one())


def remove(connection_id: int, *, owner_id: int) -> int:
    """Delete the records of an owner's connection; how many."""
    statement = delete(Record).where(Record.connection_id == connection_id, Record.user_id == owner_id)
    return changed(statement)


def add(rows: Iterable[Mapping[str, Any]]) -> None:
    """Store records that are not here yet."""
    if rows := list(rows):
        db.session.execute(insert(Record), rows)


def everything_on(owner_id: int) -> Iterator[RowMapping]:
    """All records of a person, for their download, a thousand at a time."""
    names = ("id", "connection_id", "type", "kind", "provider_id", "measured_at", "value", "details")
    statement = select(*(getattr(Record, name) for name in names)).where(Record.user_id == owner_id)
    last_id = 0
    while (
        rows := db.session.execute(statement.where(Record.id > last_id).order_by(Record.id).limit(1000))
        .mappings()
        .all()
    ):
        yield from rows
        last_id = rows[-1]["id"]
