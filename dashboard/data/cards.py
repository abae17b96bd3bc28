"""What pages and the API read of connections: an owner in every query, columns by name, the cost said."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, func, literal, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from dashboard.data.connections import Connection, State, matching, state_of, urgency_of
from dashboard.data.db import Id, UTCDateTime, db, rows
from dashboard.data.prepared import Prepared


class Order(StrEnum):
    """How a list of cards may be ordered."""

    URGENT = "urgent"
    LAST_SYNC = "last-sync"
    NAME = "name"
    NEWEST = "newest"


class CardRow(NamedTuple):
    """A connection as a card shows it. No secret is among its columns."""

    id: int
    type: str
    account: str | None
    remote_account_id: str | None
    scopes: str
    created_at: datetime
    renewed_at: datetime | None
    last_sync_at: datetime | None
    last_record_at: datetime | None
    next_sync_at: datetime | None
    sync_started_at: datetime | None
    progress_count: int
    failure_count: int
    failed_at: datetime | None
    failure_code: str | None
    refused_at: datetime | None
    paused_at: datetime | None
    strip: str | None
    """Its thirty days up to ``strip_day``. None: it had no run."""
    strip_day: int | None
    state: str


class Tally(NamedTuple):
    """How many of an owner's connections have this type and state."""

    type: str
    state: str
    number: int


class ApiRow(NamedTuple):
    """A connection as the API shows it."""

    id: int
    type: str
    created_at: datetime
    last_sync_at: datetime | None


_PLAIN = tuple(getattr(Connection, name) for name in CardRow._fields[:-1])
_API = tuple(getattr(Connection, name) for name in ApiRow._fields)
_OWNER = Connection.user_id == bindparam("owner_id", type_=Id)
_NOW = bindparam("now", type_=UTCDateTime)
_PAGE = {"limit": bindparam("limit", type_=Integer), "offset": bindparam("offset", type_=Id)}


def tally(owner_id: int, *, now: datetime, retired: Collection[str]) -> list[Tally]:
    """An owner's connections counted by type and state. One query on ``ix_connections_user_id_type``."""
    return [Tally._make(row) for row in rows(_tally(tuple(retired)), owner_id=owner_id, now=now)]


@cache
def _tally(retired: tuple[str, ...]) -> Select[str, str, int]:
    state = state_of(now=_NOW, retired=retired).label("state")
    return select(Connection.type, state, func.count()).where(_OWNER).group_by(Connection.type, state)


def cards(
    owner_id: int,
    *,
    now: datetime,
    retired: Collection[str],
    text: str = "",
    text_types: Collection[str] = (),
    type: str | None = None,
    state: State | None = None,
    order: Order = Order.URGENT,
    limit: int,
    offset: int,
) -> tuple[list[CardRow], int]:
    """One page of an owner's cards with their strips, and how many there are on all pages. One query.

    :param text_types: the types whose name holds the searched text.
    """
    prepared = _cards(tuple(retired), order)
    narrowed = prepared.statement
    if text:
        narrowed = narrowed.where(matching(text, types=text_types))
    if type:
        narrowed = narrowed.where(Connection.type == type)
    if state:
        narrowed = narrowed.where(state_of(now=_NOW, retired=retired) == state)
    parameters = {"owner_id": owner_id, "now": now, "limit": limit, "offset": offset}
    found = prepared.rows(**parameters) if narrowed is prepared.statement else rows(narrowed, **parameters)
    return [CardRow._make(row[:-1]) for row in found], found[0][-1] if found else 0


@cache
def _cards(retired: tuple[str, ...], order: Order) -> Prepared:
    state = state_of(now=_NOW, retired=retired).label("state")
    statement = select(*_PLAIN, state, func.count().over()).where(_OWNER)
    return Prepared(statement.order_by(*_order(order, retired)).limit(_PAGE["limit"]).offset(_PAGE["offset"]))


def _order(order: Order, retired: tuple[str, ...]) -> tuple[ColumnElement[Any], ...]:
    last_sync = Connection.last_sync_at.desc().nulls_last()
    if order is Order.URGENT:
        return urgency_of(now=_NOW, retired=retired), last_sync, Connection.id.expression
    if order is Order.LAST_SYNC:
        return last_sync, Connection.id.expression
    if order is Order.NAME:
        return Connection.type.expression, Connection.id.expression
    return Connection.created_at.desc(), Connection.id.desc()


def card(connection_id: int, *, owner_id: int, now: datetime, retired: Collection[str]) -> CardRow | None:
    """One card of an owner. One query, by primary key."""
    statement = _card(tuple(retired))
    found = rows(statement, owner_id=owner_id, connection_id=connection_id, now=now)
    return CardRow._make(found[0]) if found else None


@cache
def _card(retired: tuple[str, ...]) -> Select[Any]:
    state = state_of(now=_NOW, retired=retired).label("state")
    return select(*_PLAIN, state).where(_OWNER, Connection.id == bindparam("connection_id", type_=Id))


_API_PAGE = Prepared(
    select(*_API, func.count().over())
    .where(_OWNER)
    .order_by(Connection.created_at, Connection.id)
    .limit(_PAGE["limit"])
    .offset(_PAGE["offset"])
)


def api_page(owner_id: int, *, limit: int, offset: int) -> tuple[list[ApiRow], int]:
    """One page of an owner's connections in the API's order, and their total.

    One query on ``ix_connections_user_id_created_at_id``; a second one only for a page past the end.
    """
    found = _API_PAGE.rows(owner_id=owner_id, limit=limit, offset=offset)
    if found:
        return [ApiRow._make(row[:-1]) for row in found], found[0][-1]
    return [], count(owner_id) if offset else 0


def api_rows_after(owner_id: int, last: ApiRow | None, *, limit: int) -> list[ApiRow]:
    """An owner's next connections in the API's order after the last one read; None: the first ones.

    One query on ``ix_connections_user_id_created_at_id``, as quick at the end as at the beginning.
    """
    statement = select(*_API).where(Connection.user_id == owner_id)
    if last is not None:
        place = tuple_(literal(last.created_at, UTCDateTime), literal(last.id, Id))
        statement = statement.where(tuple_(Connection.created_at, Connection.id) > place)
    found = db.session.execute(statement.order_by(Connection.created_at, Connection.id).limit(limit))
    return [ApiRow(*row) for row in found]


def api_item(connection_id: int, *, owner_id: int) -> ApiRow | None:
    """One connection of an owner for the API. One query, by primary key."""
    statement = select(*_API).where(Connection.id == connection_id, Connection.user_id == owner_id)
    row = db.session.execute(statement).one_or_none()
    return ApiRow(*row) if row else None


def count(owner_id: int, *, type: str | None = None) -> int:
    """How many connections an owner has, of all types or of one. On ``ix_connections_user_id_type``."""
    statement = select(func.count()).select_from(Connection).where(Connection.user_id == owner_id)
    if type is not None:
        statement = statement.where(Connection.type == type)
    return int(db.session.execute(statement).scalar_one())
