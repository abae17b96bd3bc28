"""Every column that the vault seals, for checking and renewing what it holds. Nothing is opened here."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Table, select, update

from dashboard.data.authorization_requests import AuthorizationRequest
from dashboard.data.connections import Connection
from dashboard.data.db import changed, db
from dashboard.data.login_sessions import LoginSession
from dashboard.data.revocations import Revocation


class Column(NamedTuple):
    """A sealed column of a table with an ``id``."""

    table: Table
    name: str


class Sealed(NamedTuple):
    """One sealed value and where it stands."""

    column: Column
    id: int
    value: bytes

    def __str__(self) -> str:
        """Where it stands, as an operator finds it: ``connections.access_token of 17``."""
        return f"{self.column.table.name}.{self.column.name} of {self.id}"


def _columns(model: Any, *names: str) -> list[Column]:
    return [Column(model.__table__, name) for name in names]


COLUMNS = (
    *_columns(Connection, "access_token", "refresh_token"),
    *_columns(Revocation, "access_token", "refresh_token"),
    *_columns(AuthorizationRequest, "code_verifier", "access_token", "refresh_token"),
    *_columns(LoginSession, "id_token"),
)


def page(column: Column, *, after_id: int, limit: int) -> list[Sealed]:
    """The sealed values of a column after this id, by id. One query, by primary key."""
    key, value = column.table.c.id, column.table.c[column.name]
    statement = select(key, value).where(key > after_id, value.is_not(None)).order_by(key).limit(limit)
    return [Sealed(column, *row) for row in db.session.execute(statement)]


def sample(limit: int) -> Iterator[Sealed]:
    """Of every column the oldest values, which an old key may have sealed, and the newest; up to ``limit`` of each."""
    for column in COLUMNS:
        key, value = column.table.c.id, column.table.c[column.name]
        for order in (key, key.desc()):
            statement = select(key, value).where(value.is_not(None)).order_by(order).limit(limit)
            yield from (Sealed(column, *row) for row in db.session.execute(statement))


def value_at(place: Sealed) -> bytes | None:
    """What stands there now. None: nothing any more."""
    table, name = place.column
    return db.session.execute(select(table.c[name]).where(table.c.id == place.id)).scalar_one_or_none()


def replace(place: Sealed, *, by: bytes) -> bool:
    """Put another sealed value in its place. False: it changed meanwhile, and stays as it is."""
    table, name = place.column
    statement = update(table).where(table.c.id == place.id, table.c[name] == place.value)
    return bool(changed(statement.values({name: by})))
