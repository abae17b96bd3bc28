"""Imported records: what third parties sent, one row each."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    RowMapping,
    String,
    Text,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from dashboard.data.connections import Connection
from dashboard.data.db import Id, Model, UTCDateTime, changed, db, in_thousands, inserting
from dashboard.data.users import User


class Record(Model):
    """One thing a third party measured. It outlives its connection if the person keeps it."""

    __tablename__ = "records"
    __table_args__ = (
        UniqueConstraint("connection_id", "kind", "provider_id"),
        Index(None, "user_id", "kind", "day", "measured_at", "id"),
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
    """When it was first stored, whatever is sent again later: a provider's terms may limit how long it stays."""
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


def remove_all(owner_id: int) -> None:
    """Delete all records of a person, those too whose connection has ended."""
    db.session.execute(delete(Record).where(Record.user_id == owner_id))


def add(rows: Iterable[Mapping[str, Any]]) -> None:
    """Store records that are not here yet."""
    if rows := list(rows):
        db.session.execute(insert(Record), rows)


def store(connection_id: int, *, owner_id: int, type: str, rows: Collection[Mapping[str, Any]]) -> int:
    """Store what a provider sent: what is here already takes the new values, but stays as old. How many are new.

    The caller holds the connection's row, so that nobody stores for it meanwhile. Three queries, whatever the number.

    :param rows: no two with one ``kind`` and ``provider_id``; ``measured_at``, ``ended_at``, ``day``, ``stored_at``,
        ``value`` and ``details`` of each.
    """
    if not rows:
        return 0
    own = {"connection_id": connection_id, "user_id": owner_id, "type": type}
    known = _known(connection_id, rows)
    statement = inserting(Record)
    changed_by = {name: statement.excluded[name] for name in _SENT}
    statement = statement.on_conflict_do_update(
        index_elements=["connection_id", "kind", "provider_id"], set_=changed_by
    )
    db.session.execute(statement, [{**row, **own} for row in rows])
    return len(rows) - known


_SENT = ("measured_at", "ended_at", "day", "value", "details")
"""What a correction changes. Not ``stored_at``: being sent again lets nothing stay longer."""


def _known(connection_id: int, rows: Collection[Mapping[str, Any]]) -> int:
    """How many of these are here. One query on ``uq_records_connection_id_kind_provider_id``."""
    statement = select(func.count()).where(Record.connection_id == connection_id, _named(rows))
    return int(db.session.execute(statement).scalar_one())


def _named(rows: Collection[Mapping[str, Any]]) -> ColumnElement[bool]:
    ids_of: dict[str, list[str]] = {}
    for row in rows:
        ids_of.setdefault(row["kind"], []).append(row["provider_id"])
    return or_(*(and_(Record.kind == kind, Record.provider_id.in_(ids)) for kind, ids in ids_of.items()))


def remove_some(connection_id: int, names: Collection[tuple[str, str]]) -> int:
    """Delete those of a connection's records that have one of these kinds and provider's ids; how many."""
    if not names:
        return 0
    named = _named([{"kind": kind, "provider_id": id} for kind, id in names])
    return changed(delete(Record).where(Record.connection_id == connection_id, named))


def keep(connection_id: int, *, owner_id: int) -> int:
    """Untie the records of a connection that is about to end, and name on each the account it came from; how many."""
    account = select(Connection.remote_account_id).where(Connection.id == connection_id).scalar_subquery()
    statement = update(Record).where(Record.connection_id == connection_id, Record.user_id == owner_id)
    return changed(statement.values(connection_id=None, remote_account_id=account))


def adopt(connection_id: int, *, owner_id: int, type: str, account_id: str) -> int:
    """Give a connection the records that its owner kept of the same account; how many. One by kind and id, the newest.

    It reads the owner's records.
    """
    kept = (Record.user_id == owner_id, Record.type == type, Record.connection_id.is_(None))
    newest = select(func.max(Record.id)).where(*kept, Record.remote_account_id == account_id)
    newest = newest.group_by(Record.kind, Record.provider_id)
    here = aliased(Record)
    twice = exists().where(
        here.connection_id == connection_id, here.kind == Record.kind, here.provider_id == Record.provider_id
    )
    statement = update(Record).where(Record.id.in_(newest), ~twice)
    adopted = statement.values(connection_id=connection_id, remote_account_id=None)
    return changed(adopted.execution_options(synchronize_session=False))


def remove_old(type: str, *, stored_before: datetime, limit: int) -> int:
    """Delete records of a type that were first stored before a moment, at most so many; how many.

    On ``ix_records_type_stored_at``.
    """
    old = select(Record.id).where(Record.type == type, Record.stored_at < stored_before).limit(limit)
    old = old.with_for_update(skip_locked=True)
    return changed(delete(Record).where(Record.id.in_(old)).execution_options(synchronize_session=False))


def remove_kept(type: str, *, limit: int) -> int:
    """Delete records of a type whose connection was ended, at most so many; how many. On the unique index."""
    kept = select(Record.id).where(Record.connection_id.is_(None), Record.type == type).limit(limit)
    kept = kept.with_for_update(skip_locked=True)
    return changed(delete(Record).where(Record.id.in_(kept)).execution_options(synchronize_session=False))


def remove_of_refused(type: str, *, refused_before: datetime, limit: int) -> int:
    """Delete records of a type whose provider ended the grant before a moment, at most so many; how many."""
    refused = select(Connection.id).where(Connection.type == type, Connection.refused_at < refused_before)
    old = select(Record.id).where(Record.connection_id.in_(refused)).limit(limit)
    old = old.with_for_update(skip_locked=True)
    return changed(delete(Record).where(Record.id.in_(old)).execution_options(synchronize_session=False))


def everything_on(owner_id: int) -> Iterator[RowMapping]:
    """All records of a person by kind and time, for their download, a thousand at a time."""
    names = (
        "id", "connection_id", "type", "kind", "provider_id", "remote_account_id",
        "measured_at", "ended_at", "day", "stored_at", "value", "details",
    )  # fmt: skip
    statement = select(*(getattr(Record, name) for name in names)).where(Record.user_id == owner_id)
    return in_thousands(statement, Record.kind, Record.day, Record.measured_at, Record.id)
