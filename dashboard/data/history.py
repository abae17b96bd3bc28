"""What syncs did: every run for the list, and one row a day for the strip."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, RowMapping, String, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.connections import Connection
from dashboard.data.db import Id, Model, UTCDateTime, db, in_thousands, inserting


class Outcome(StrEnum):
    """How a run ended."""

    RECORDS = "records"
    NOTHING = "nothing"
    FAILED = "failed"
    REFUSED = "refused"


class Trigger(StrEnum):
    """Who asked for a sync."""

    SCHEDULE = "schedule"
    CONNECT = "connect"
    PERSON = "person"
    SUPPORT = "support"
    WEBHOOK = "webhook"


class SyncRun(Model):
    """One finished sync."""

    __tablename__ = "sync_runs"
    __table_args__ = (Index(None, "connection_id", "started_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    connection_id: Mapped[int] = mapped_column(Id, ForeignKey(Connection.id, ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[str] = mapped_column(String(20))
    record_count: Mapped[int] = mapped_column(default=0, server_default="0")
    failure_code: Mapped[str | None] = mapped_column(String(60))
    """Why it failed, as a short code of ours. NULL: it did not."""
    failure_said: Mapped[str | None] = mapped_column(String(200))
    """What the provider said to it, free of tokens. NULL: nothing."""
    why: Mapped[str] = mapped_column(String(20), default="schedule", server_default="schedule")
    """Who asked for it, a :class:`Trigger`."""


class SyncDay(Model):
    """What the syncs of one UTC day brought: a connection's strip is made of thirty of them, not of 700 runs."""

    __tablename__ = "sync_days"

    connection_id: Mapped[int] = mapped_column(Id, ForeignKey(Connection.id, ondelete="CASCADE"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    """The proleptic Gregorian ordinal of the day, as ``date.toordinal()``."""
    run_count: Mapped[int] = mapped_column(default=0, server_default="0")
    record_count: Mapped[int] = mapped_column(default=0, server_default="0")
    failure_count: Mapped[int] = mapped_column(default=0, server_default="0")


class RunRow(NamedTuple):
    """A run as the list shows it."""

    id: int
    started_at: datetime
    finished_at: datetime
    outcome: str
    record_count: int
    failure_code: str | None


def runs(connection_id: int, *, since: datetime, limit: int, offset: int) -> tuple[list[RunRow], int]:
    """One page of a connection's runs since a moment, newest first, and how many there are. One query."""
    columns = (getattr(SyncRun, name) for name in RunRow._fields)
    statement = select(*columns, func.count().over())
    statement = statement.where(SyncRun.connection_id == connection_id, SyncRun.started_at >= since)
    statement = statement.order_by(SyncRun.started_at.desc(), SyncRun.id.desc()).limit(limit).offset(offset)
    rows = db.session.execute(statement).all()
    return [RunRow._make(row[:-1]) for row in rows], rows[0][-1] if rows else 0


class OwnedRunRow(NamedTuple):
    """A run in a list of all of a person's connections."""

    id: int
    connection_id: int
    type: str
    started_at: datetime
    finished_at: datetime
    outcome: str
    record_count: int
    failure_code: str | None
    failure_said: str | None
    why: str


def runs_on(owner_id: int, *, since: datetime, limit: int, offset: int) -> list[OwnedRunRow]:
    """One page of the runs of all connections of an owner since a moment, newest first. One query."""
    columns = (getattr(SyncRun, name) for name in OwnedRunRow._fields if name != "type")
    statement = select(*columns, Connection.type).join(Connection, Connection.id == SyncRun.connection_id)
    statement = statement.where(Connection.user_id == owner_id, SyncRun.started_at >= since)
    statement = statement.order_by(SyncRun.started_at.desc(), SyncRun.id.desc()).limit(limit).offset(offset)
    return [OwnedRunRow(**row) for row in db.session.execute(statement).mappings()]


def add_runs(rows: Iterable[Mapping[str, Any]]) -> None:
    """Store finished runs."""
    if rows := list(rows):
        db.session.execute(insert(SyncRun), rows)


def add_days(rows: Iterable[Mapping[str, Any]]) -> None:
    """Store days that have no row yet."""
    if rows := list(rows):
        db.session.execute(insert(SyncDay), rows)


def count_day(connection_id: int, *, day: int, record_count: int, failed: bool) -> bool:
    """Count a run in its day. True: it is the first one of that day."""
    row = {"connection_id": connection_id, "day": day, "run_count": 1}
    counts = {"record_count": record_count, "failure_count": int(failed)}
    statement = inserting(SyncDay).values(row | counts)
    added = {name: getattr(SyncDay, name) + statement.excluded[name] for name in ("run_count", *counts)}
    statement = statement.on_conflict_do_update(index_elements=["connection_id", "day"], set_=added)
    return bool(db.session.execute(statement.returning(SyncDay.run_count)).scalar_one() == 1)


class DayRow(NamedTuple):
    """What the runs of a day came to."""

    day: int
    record_count: int
    failure_count: int


def days(connection_id: int, *, since: int) -> list[DayRow]:
    """The days of a connection that had a run, from the ordinal of one on. One query, on the primary key."""
    columns = (getattr(SyncDay, name) for name in DayRow._fields)
    statement = select(*columns).where(SyncDay.connection_id == connection_id, SyncDay.day >= since)
    return [DayRow._make(row) for row in db.session.execute(statement)]


def record_count(connection_id: int, *, since: int) -> int:
    """How many records its syncs brought from the ordinal of a day on. One query, on the primary key."""
    statement = select(func.coalesce(func.sum(SyncDay.record_count), 0))
    return int(
        db.session.execute(statement.where(SyncDay.connection_id == connection_id, SyncDay.day >= since)).scalar_one()
    )


def keep_strip(connection_id: int, letters: str, *, day: int) -> None:
    """Write the strip of the run of a day, unless one of a later day is there."""
    older = or_(Connection.strip_day.is_(None), Connection.strip_day <= day)
    statement = update(Connection).where(Connection.id == connection_id, older)
    db.session.execute(statement.values(strip=letters, strip_day=day))


def forget(connection_id: int, *, before: datetime) -> None:
    """Delete a connection's runs and days from before a moment. Two statements, each on an index."""
    old_days = and_(SyncDay.connection_id == connection_id, SyncDay.day < before.toordinal())
    old_runs = and_(SyncRun.connection_id == connection_id, SyncRun.started_at < before)
    db.session.execute(delete(SyncDay).where(old_days))
    db.session.execute(delete(SyncRun).where(old_runs))


def everything_on(owner_id: int) -> Iterator[RowMapping]:
    """All runs of an owner's connections, for their download, one connection after the other, a thousand at a time."""
    for connection_id in _connections_of(owner_id):
        runs_of_it = select(*SyncRun.__table__.columns).where(SyncRun.connection_id == connection_id)
        yield from in_thousands(runs_of_it, SyncRun.started_at, SyncRun.id)


def days_on(owner_id: int) -> Iterator[RowMapping]:
    """What the syncs of an owner's connections came to by day, for their download, likewise."""
    for connection_id in _connections_of(owner_id):
        days_of_it = select(*SyncDay.__table__.columns).where(SyncDay.connection_id == connection_id)
        yield from in_thousands(days_of_it, SyncDay.day)


def _connections_of(owner_id: int) -> Sequence[int]:
    statement = select(Connection.id).where(Connection.user_id == owner_id).order_by(Connection.id)
    return db.session.execute(statement).scalars().all()
