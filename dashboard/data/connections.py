"""Connections: the table, and the state that follows from its columns."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    String,
    Text,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.db import Id, Model, UTCDateTime, changed, db, in_thousands
from dashboard.data.folding import search_key
from dashboard.data.users import User

Moment = datetime | BindParameter[datetime]
PAUSED = text("paused_at IS NOT NULL")
"""Which rows the index of the paused ones holds: none, as long as all is well."""
KNOWN = text("remote_account_id IS NOT NULL")
"""Which rows the index of the provider's ids holds: an import may lack one."""


class State(StrEnum):
    """How a connection is, the most urgent first: the default order of a list is this order."""

    RECONNECT = "reconnect"
    DELAYED = "delayed"
    QUIET = "quiet"
    NEW = "new"
    SYNCING = "syncing"
    HEALTHY = "healthy"
    PAUSED = "paused"
    RETIRED = "retired"


class Connection(Model):
    """A person's grant at a third party: what it may read, how it went so far, and what is due next."""

    __tablename__ = "connections"
    __table_args__ = (
        Index(None, "user_id", "created_at", "id"),
        Index(None, "user_id", "type"),
        Index(None, "account_key", "user_id"),
        Index(None, "remote_account_id", "user_id", sqlite_where=KNOWN, postgresql_where=KNOWN),
        Index(None, "next_sync_at"),
        Index("uq_connections_type_remote_account_id", "type", "remote_account_id", unique=True),
        Index("ix_connections_paused", "type", "failure_code", sqlite_where=PAUSED, postgresql_where=PAUSED),
        # An id is never given out twice: SQLite would, once the newest connection is gone.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    """The API's ``remote_id``."""
    user_id: Mapped[int] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(String(40))
    account: Mapped[str | None] = mapped_column(String(320))
    """The account at the provider in the person's words (mail or name). NULL: the provider gave none."""
    account_key: Mapped[str | None] = mapped_column(String(200))
    """``account`` folded by :func:`search_key`, to be found by it."""
    remote_account_id: Mapped[str | None] = mapped_column(String(200))
    """The account at the provider in the provider's words: connected once here, whoever owns it. NULL: not known."""
    scopes: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What the person granted, as the provider spells it, separated by spaces."""
    access_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed. NULL: there is no grant, as after an import."""
    refresh_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed. NULL: the provider gives none."""
    access_expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    renewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the grant was last given or refreshed. NULL: never here."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """The API's ``created_datetime``."""
    last_sync_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The end of the last successful sync; the API's ``last_sync_time``. NULL: none yet."""
    last_record_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When a sync last brought something new. NULL: none has."""
    next_sync_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When a sync is due. NULL: none is, as while the grant is refused."""
    overdue_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """From when on a successful sync is missing: ``last_sync_at`` plus what the type allows. NULL: none yet."""
    quiet_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """From when on silence is worth a hint: ``last_record_at`` plus what the type allows. NULL: no hint."""
    sync_started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """A sync holds the row until then. NULL: none does."""
    lease_key: Mapped[str | None] = mapped_column(String(32))
    """Whose lease it is: what a sync found is written only while the row still has its key."""
    due_why: Mapped[str | None] = mapped_column(String(20))
    """Who asked for the next sync, a :class:`Trigger`. NULL: nobody, it comes by itself."""
    subscribed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the provider was last asked to tell what is new of this account. NULL: it was not, or need not be."""
    cursors: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    """How far each source of records was read, as JSON: source to the provider's or our own mark."""
    progress_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """Records that syncs have stored and no run counts yet: the run of whoever holds the lease will."""
    failure_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """Failed tries since the last success."""
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failure_code: Mapped[str | None] = mapped_column(String(60))
    """Why it failed, was refused or paused, as a short code of ours. NULL: it did not."""
    failure_said: Mapped[str | None] = mapped_column(String(200))
    """What the provider said to it, free of tokens. NULL: nothing, or it did not fail."""
    refusal_seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the provider first refused the grant: believed once a later try is refused too. NULL: it did not."""
    refused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Since when the provider refuses the grant, or none is there. NULL: it is good."""
    paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Since when it rests for a reason the person can do nothing about. NULL: it does not."""
    mailed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the person was last told by mail that it needs them. NULL: never."""
    mail_stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Since when they want no mail about it. NULL: they do."""
    strip: Mapped[str | None] = mapped_column(String(30))
    """Its thirty days up to ``strip_day``, a letter each, made of ``sync_days`` at each run. NULL: it had none."""
    strip_day: Mapped[int | None]
    """The ordinal of the day of its last run."""


def state_of(*, now: Moment, retired: Collection[str]) -> ColumnElement[str]:
    """The state of a connection as an expression over its columns.

    :param now: a moment, or the parameter of a statement that will bring it.
    :param retired: the types whose provider has closed its API by now.
    """
    return _by_state({state: literal_column(f"'{state}'", String) for state in State}, now, retired)


def urgency_of(*, now: Moment, retired: Collection[str]) -> ColumnElement[int]:
    """The place of a connection's state in :class:`State`, to order by. Parameters as for :func:`state_of`."""
    return _by_state({state: literal_column(str(place), Integer) for place, state in enumerate(State)}, now, retired)


def _by_state(values: Mapping[State, ColumnElement[Any]], now: Moment, retired: Collection[str]) -> ColumnElement[Any]:
    """A value by state: the only definition of what state a connection is in."""
    return case(
        (Connection.type.in_([literal(each) for each in retired]), values[State.RETIRED]),
        (Connection.paused_at.is_not(None), values[State.PAUSED]),
        (Connection.refused_at.is_not(None), values[State.RECONNECT]),
        (Connection.lease_until > now, values[State.SYNCING]),
        (Connection.failure_count > literal_column("0"), values[State.DELAYED]),
        (Connection.last_sync_at.is_(None), values[State.NEW]),
        (Connection.overdue_at <= now, values[State.DELAYED]),
        (Connection.quiet_at <= now, values[State.QUIET]),
        else_=values[State.HEALTHY],
    )


class PausedRow(NamedTuple):
    """Those connections of a type that rest for the same reason."""

    type: str
    code: str | None
    number: int


def paused() -> list[PausedRow]:
    """Everybody's paused connections, by type and reason. One query on ``ix_connections_paused``."""
    statement = select(Connection.type, Connection.failure_code, func.count()).where(PAUSED)
    grouped = statement.group_by(Connection.type, Connection.failure_code)
    return [PausedRow._make(row) for row in db.session.execute(grouped.order_by(Connection.type))]


def matching(text: str, *, types: Collection[str]) -> ColumnElement[bool]:
    """Whether a connection has one of the types, or the text in its account at the provider."""
    account = Connection.account_key.contains(search_key(text), autoescape=True)
    return or_(Connection.type.in_(types), account) if types else account


def make_due(connection_id: int, *, owner_id: int, now: datetime, why: str) -> bool:
    """Make an owner's connection due for a sync now. False: it is due or syncing already, refused, paused or gone.

    :param why: who asks for it, a ``Trigger``.
    """
    statement = update(Connection).where(_usable(connection_id, owner_id))
    waiting = or_(Connection.next_sync_at.is_(None), Connection.next_sync_at > now)
    free = or_(Connection.lease_until.is_(None), Connection.lease_until <= now)
    return bool(changed(statement.where(waiting, free).values(next_sync_at=now, due_why=why)))


def syncable(connection_id: int, *, owner_id: int) -> bool:
    """Whether an owner's connection has a grant that may be used."""
    statement = select(Connection.id).where(_usable(connection_id, owner_id))
    return db.session.execute(statement).one_or_none() is not None


def hold(connection_id: int, *, owner_id: int) -> str | None:
    """Hold an owner's connection until the transaction ends; its type. None: they have no such connection.

    Whoever writes its records too holds it first. On SQLite one writer is let in at a time already.
    """
    statement = select(Connection.type).where(Connection.id == connection_id, Connection.user_id == owner_id)
    return db.session.execute(statement.with_for_update()).scalar_one_or_none()


def hold_all(owner_id: int) -> None:
    """Hold all connections of an owner until the transaction ends, as :func:`hold` does one."""
    statement = select(Connection.id).where(Connection.user_id == owner_id).order_by(Connection.id)
    db.session.execute(statement.with_for_update()).all()


def type_of(connection_id: int, *, owner_id: int) -> str | None:
    """The type of an owner's connection. None: they have no such connection."""
    statement = select(Connection.type).where(Connection.id == connection_id, Connection.user_id == owner_id)
    return db.session.execute(statement).scalar_one_or_none()


def _usable(connection_id: int, owner_id: int) -> ColumnElement[bool]:
    return and_(
        Connection.id == connection_id,
        Connection.user_id == owner_id,
        Connection.refused_at.is_(None),
        Connection.paused_at.is_(None),
    )


class NamedRow(NamedTuple):
    """What a connection is called by."""

    id: int
    type: str
    account: str | None
    remote_account_id: str | None


def named(connection_ids: Collection[int], *, types: Collection[str], owner_id: int) -> list[NamedRow]:
    """Those of the connections that the owner has, and all of theirs of the same types and of ``types``. One query."""
    theirs = select(Connection.type).where(Connection.id.in_(connection_ids), Connection.user_id == owner_id)
    statement = select(*(getattr(Connection, name) for name in NamedRow._fields)).where(Connection.user_id == owner_id)
    of_types = or_(Connection.type.in_(theirs), Connection.type.in_(types))
    return [NamedRow(*row) for row in db.session.execute(statement.where(of_types))]


class GrantRow(NamedTuple):
    """What may be known of a grant without its tokens."""

    id: int
    access_expires_at: datetime | None
    is_there: bool
    renews_itself: bool
    """There is a refresh token: the end of the access token is not the end of the grant."""
    lease_until: datetime | None
    failure_said: str | None
    """What the provider said to the last failure, free of tokens. None: nothing, or there was none."""
    due_why: str | None
    """Who asked for the next sync. None: nobody, it comes by itself."""


def grants(connection_ids: Collection[int], *, owner_id: int) -> dict[int, GrantRow]:
    """The grants of an owner's connections, by the connection's id. One query."""
    statement = select(
        Connection.id,
        Connection.access_expires_at,
        Connection.access_token.is_not(None),
        Connection.refresh_token.is_not(None),
        Connection.lease_until,
        Connection.failure_said,
        Connection.due_why,
    ).where(Connection.id.in_(connection_ids), Connection.user_id == owner_id)
    return {row[0]: GrantRow._make(row) for row in db.session.execute(statement)}


_OWN_BUSINESS = frozenset(
    {"user_id", "account_key", "access_token", "refresh_token", "lease_until", "lease_key", "cursors"}
    | {"strip", "strip_day"}
)


def everything_on(owner_id: int) -> Iterator[RowMapping]:
    """All connections of a person without their tokens, for their download, a thousand at a time."""
    columns = [column for column in Connection.__table__.columns if column.name not in _OWN_BUSINESS]
    statement = select(*columns).where(Connection.user_id == owner_id)
    return in_thousands(statement, Connection.id)
