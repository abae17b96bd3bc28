"""The database: engine, session and the one way to write.

Reads run in autocommit, so that a page holds no transaction open and asks the server nothing it does not need.
Whoever writes opens :func:`transaction`. On SQLite it begins IMMEDIATE: the driver's default takes the lock at the
first write, after the read that the write depends on, and so loses races.
"""

import select
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from sqlite3 import Connection as SQLiteConnection
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from psycopg import Connection as PostgreSQLConnection
from sqlalchemy import (
    BigInteger,
    CursorResult,
    Dialect,
    Integer,
    MetaData,
    Row,
    RowMapping,
    Select,
    UpdateBase,
    event,
    text,
    tuple_,
)
from sqlalchemy import DateTime as SQLDateTime
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute
from sqlalchemy.pool import Pool
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of all tables. The naming convention lets a migration name every constraint on both databases."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

Id = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key. SQLite's own rowid is one already, but only under the name INTEGER."""


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: time-zone aware in Python, always UTC. SQLite has no such type and stores it without the offset."""

    impl = SQLDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database. ValueError: a moment without a time zone, which is always a mistake."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone was to be stored")
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """None on PostgreSQL: its moments come in the session's time zone, and :func:`_prepare` made that UTC."""
        return None if dialect.name == "postgresql" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From SQLite."""
        return None if value is None else value.replace(tzinfo=UTC)


@contextmanager
def transaction() -> Iterator[None]:
    """One unit of work: commits at the end, rolls back on any error. An inner one joins the outer one."""
    session = db.session()
    if session.info.get("writing"):
        yield
        return
    session.rollback()
    session.info["writing"] = True
    afterwards: list[Callable[[], None]] = session.info.setdefault("afterwards", [])
    try:
        _begin(session)
        yield
        for collected in session.info.get("collected", {}).values():
            collected.finish()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False
        session.info.pop("collected", None)
        session.info.pop("afterwards", None)
    for call in afterwards:
        call()


def after_commit(call: Callable[[], None]) -> None:
    """Call something as soon as this unit of work is committed. It is rolled back: never.

    :raises RuntimeError: no unit of work is open.
    """
    if not in_transaction():
        raise RuntimeError("no unit of work is open that could be committed")
    db.session().info["afterwards"].append(call)


def driver_connection() -> Any:
    """The driver's own connection under the session, for a library that writes in the same unit of work."""
    return db.session.connection().connection.driver_connection


class Collected(Protocol):
    """What gathers during a unit of work and is written at its end."""

    def finish(self) -> None:
        """Write it: the last thing in the unit of work, whose commit follows at once."""


Kind = TypeVar("Kind", bound=Collected)


def collected(kind: type[Kind]) -> Kind:
    """What this unit of work has gathered of a kind; made empty at the first ask, finished just before the commit.

    :raises RuntimeError: no unit of work is open.
    """
    info = db.session().info
    if not info.get("writing"):
        raise RuntimeError(f"{kind.__name__} is written at the end of a unit of work, and none is open")
    found: Kind = info.setdefault("collected", {}).setdefault(kind, kind())
    return found


def rows(statement: Select[*tuple[Any, ...]], **parameters: Any) -> Sequence[Row[Any]]:
    """Run a SELECT that was built once, with its parameters.

    Half the price of building one for each request, whose cache key SQLAlchemy must find anew.
    """
    return db.session.connection().execute(statement, parameters).all()


def in_thousands(statement: Select[*tuple[Any, ...]], *key: InstrumentedAttribute[Any]) -> Iterator[RowMapping]:
    """All rows of a SELECT in the order of columns of its own, a thousand in memory at a time.

    Each thousand is a query of its own, so that a slow reader holds nothing.

    :param key: these columns, none of them NULL, and no two rows with the same in all of them; as an index has them.
    """
    page = statement.order_by(*key).limit(1000)
    rows = db.session.execute(page).mappings().all()
    while rows:
        yield from rows
        after = tuple_(*key) > tuple(rows[-1][column.key] for column in key)
        rows = db.session.execute(page.where(after)).mappings().all() if len(rows) == 1000 else ()


def changed(statement: UpdateBase) -> int:
    """Run an UPDATE or DELETE; how many rows it hit."""
    return cast(CursorResult[Any], db.session.execute(statement)).rowcount


def inserting(table: Any) -> Any:
    """An INSERT into a table that can say what happens on a conflict, in the words of the database in use."""
    kind = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    return kind.insert(table)


def in_transaction() -> bool:
    """Whether a unit of work is open. No third party may be called then."""
    return bool(db.session().info.get("writing"))


def _begin(session: Any) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("BEGIN IMMEDIATE"))
    else:
        session.connection(execution_options={"isolation_level": "READ COMMITTED"})


@event.listens_for(Pool, "checkout")
def _replace_closed(connection: Any, _record: Any, _fairy: Any) -> None:
    """Let the pool make a connection anew that the server has closed since, in a restart say.

    PostgreSQL says so before it closes one: there is something to read where nothing was asked. A look at the socket
    costs a microsecond, and SQLAlchemy's ``pool_pre_ping`` a way to the server.
    """
    if isinstance(connection, PostgreSQLConnection):
        waiting = select.poll()
        waiting.register(connection.pgconn.socket, select.POLLIN)
        if waiting.poll(0):
            raise DisconnectionError("the server has closed this connection")


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _record: Any) -> None:
    """SQLite: foreign keys hold, readers don't wait for the writer, writers wait for each other. PostgreSQL: UTC."""
    if isinstance(connection, PostgreSQLConnection):
        connection.execute("SET TIME ZONE 'UTC'")
        connection.commit()
    if isinstance(connection, SQLiteConnection):
        for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = NORMAL", "busy_timeout = 15000"):
            connection.execute(f"PRAGMA {pragma}")
