"""Reading records by kind and day: an owner in every query, and each on ``ix_records_user_id_kind_day_measured_at_id``.

With a connection, only its records count; without one, those that outlived theirs are among them.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    String,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from dashboard.data.connections import Connection
from dashboard.data.db import Id, UTCDateTime, db
from dashboard.data.records import Record
from dashboard.data.revocations import Revocation


class SourceRow(NamedTuple):
    """Where records of a kind came from, and how many there are."""

    kind: str
    type: str
    connection_id: int | None
    """None: the connection was ended, and the person kept what it brought."""
    account: str | None
    """The account at the provider; None: not known."""
    remote_account_id: str | None
    """Its id there; None: not known."""
    record_count: int
    first_day: int
    last_day: int


class DayRow(NamedTuple):
    """What one source brought of a kind on one day."""

    kind: str
    day: int
    type: str
    connection_id: int | None
    record_count: int
    number_count: int
    """How many of the records are a number."""
    total: float | None
    """The sum of the numbers. None: there is none."""
    last: float | None
    """The last number of the day. None: another source brought it."""
    last_details: str | None
    """The details of that last record, as JSON."""


class RecordRow(NamedTuple):
    """A record as pages and files show it."""

    id: int
    kind: str
    type: str
    connection_id: int | None
    provider_id: str
    day: int
    measured_at: datetime
    ended_at: datetime | None
    value: float | None
    details: str
    stored_at: datetime
    remote_account_id: str | None
    """The account it came from, where its connection was ended. None: that is there, or the account is not known."""


class OriginRow(NamedTuple):
    """A connection of which there may be records, with its account."""

    type: str
    connection_id: int | None
    """None: it was ended."""
    account: str | None
    remote_account_id: str | None


_ROW = tuple(getattr(Record, name) for name in RecordRow._fields)
_NEWEST_FIRST = (Record.day.desc(), Record.measured_at.desc(), Record.id.desc())


def sources(owner_id: int, *, kind: str | None = None) -> list[SourceRow]:
    """Where an owner's records came from, by kind, the fullest source first. One query over their part of the index."""
    numbers = (
        func.count().label("record_count"),
        func.min(Record.day).label("first"),
        func.max(Record.day).label("last"),
    )
    by = (Record.kind, Record.type, Record.connection_id)
    found = select(*by, *numbers).where(_owned(owner_id, kind)).group_by(*by).subquery()
    statement = select(
        found.c.kind, found.c.type, found.c.connection_id, Connection.account, Connection.remote_account_id,
        found.c.record_count, found.c.first, found.c.last,
    )  # fmt: skip
    statement = statement.outerjoin(Connection, Connection.id == found.c.connection_id)
    ordered = statement.order_by(found.c.record_count.desc(), found.c.type, found.c.connection_id)
    return [SourceRow(*row) for row in db.session.execute(ordered)]


def day_numbers(owner_id: int, *, spans: Mapping[str, tuple[date, date]], connection_id: int | None) -> list[DayRow]:
    """What came of some kinds on the days of a span each, both ends included, by day and source. One query.

    :param spans: kind to its first and last day; not empty.
    """
    wanted = or_(*(and_(Record.kind == kind, _between(*span)) for kind, span in spans.items()))
    by = (Record.kind, Record.day, Record.type, Record.connection_id)
    # What is not a number comes last, so that the first place is the day's last number.
    latest = (case((Record.value.is_(None), 1), else_=0), Record.measured_at.desc(), Record.id.desc())
    place = func.row_number().over(partition_by=(Record.kind, Record.day), order_by=latest).label("place")
    read = select(*by, Record.value, Record.details, place).where(_owned(owner_id, None, connection_id), wanted)
    found = read.subquery()
    grouped = (found.c.kind, found.c.day, found.c.type, found.c.connection_id)
    numbers = (
        func.count(),
        func.count(found.c.value),
        func.sum(found.c.value),
        func.max(case((found.c.place == 1, found.c.value))),
        func.max(case((found.c.place == 1, found.c.details))),
    )
    return [DayRow(*row) for row in db.session.execute(select(*grouped, *numbers).group_by(*grouped))]


def days(owner_id: int, *, kind: str, connection_id: int | None, limit: int, offset: int) -> tuple[list[date], int]:
    """One page of the days that have records of a kind, newest first, and how many such days there are. One query."""
    statement = select(Record.day, func.count().over()).where(_owned(owner_id, kind, connection_id))
    statement = statement.group_by(Record.day).order_by(Record.day.desc()).limit(limit).offset(offset)
    rows = db.session.execute(statement).all()
    return [date.fromordinal(row[0]) for row in rows], rows[0][1] if rows else 0


def newest_of_days(
    owner_id: int, *, kind: str, first: date, last: date, each: int, connection_id: int | None
) -> list[RecordRow]:
    """The newest records of each day of a span, at most so many a day, newest first. One query."""
    place = func.row_number().over(partition_by=Record.day, order_by=(Record.measured_at.desc(), Record.id.desc()))
    wanted = _owned(owner_id, kind, connection_id), _between(first, last)
    found = select(*_ROW, place.label("place")).where(*wanted).subquery()
    columns = [found.c[name] for name in RecordRow._fields]
    ordered = (found.c.day.desc(), found.c.measured_at.desc(), found.c.id.desc())
    statement = select(*columns).where(found.c.place <= each).order_by(*ordered)
    return [RecordRow(*row) for row in db.session.execute(statement)]


def on_day(
    owner_id: int, *, kind: str, day: date, connection_id: int | None, limit: int, offset: int
) -> list[RecordRow]:
    """One page of the records of a kind on one day, newest first. One query."""
    statement = select(*_ROW).where(_owned(owner_id, kind, connection_id), Record.day == day.toordinal())
    statement = statement.order_by(*_NEWEST_FIRST).limit(limit).offset(offset)
    return [RecordRow(*row) for row in db.session.execute(statement)]


def origins(owner_id: int, *, types: Collection[str]) -> list[OriginRow]:
    """An owner's connections of some types, then those that were ended, the newest last. One query, on their indexes.

    They are put in order here: SQLite would read everybody's ends by their key to have them in order.
    """
    living = select(
        Connection.type, Connection.id, Connection.account, Connection.remote_account_id, literal(0).label("ended")
    ).where(Connection.user_id == owner_id, Connection.type.in_(types))
    ended = select(Revocation.type, null(), Revocation.account, Revocation.remote_account_id, Revocation.id).where(
        Revocation.user_id == owner_id, Revocation.type.in_(types), Revocation.connection_id.is_not(None)
    )
    both: CompoundSelect[Any] = union_all(living, ended)
    found = sorted(db.session.execute(both), key=lambda row: row.ended)
    return [OriginRow._make(row[:-1]) for row in found]


def after(
    owner_id: int, last: RecordRow | None, *, kind: str | None, connection_id: int | None, limit: int
) -> list[RecordRow]:
    """An owner's next records by kind and day, the oldest first, after the last one read; None: the first ones.

    One query, as quick at the end as at the beginning.
    """
    statement = select(*_ROW).where(_owned(owner_id, kind, connection_id))
    if last is not None:
        place = (
            literal(last.kind, String), literal(last.day), literal(last.measured_at, UTCDateTime), literal(last.id, Id),
        )  # fmt: skip
        statement = statement.where(tuple_(Record.kind, Record.day, Record.measured_at, Record.id) > tuple_(*place))
    ordered = statement.order_by(Record.kind, Record.day, Record.measured_at, Record.id)
    return [RecordRow(*row) for row in db.session.execute(ordered.limit(limit))]


def _owned(owner_id: int, kind: str | None, connection_id: int | None = None) -> ColumnElement[bool]:
    told = {Record.kind: kind, Record.connection_id: connection_id}
    narrowed = (column == value for column, value in told.items() if value is not None)
    return and_(Record.user_id == owner_id, *narrowed)


def _between(first: date, last: date) -> ColumnElement[bool]:
    return Record.day.between(first.toordinal(), last.toordinal())
