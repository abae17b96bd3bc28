"""Grants that a provider has yet to be told of: work that is due, and for the person how it stands."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    RowMapping,
    String,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.connections import Connection
from dashboard.data.db import Id, Model, UTCDateTime, db
from dashboard.data.users import User


class Revocation(Model):
    """A connection that was ended here, and whose provider is to be told. Its tokens are erased once that is over."""

    __tablename__ = "revocations"
    __table_args__ = (
        Index(None, "user_id", "queued_at"),
        Index(None, "due_at"),
        Index(None, "type", "remote_account_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    connection_id: Mapped[int | None] = mapped_column(Id, unique=True)
    """The id that the connection had. No foreign key: it is gone. NULL: the grant never became a connection."""
    user_id: Mapped[int | None] = mapped_column(Id, ForeignKey(User.id, ondelete="SET NULL"))
    """NULL: the person deleted their account since."""
    type: Mapped[str] = mapped_column(String(40))
    account: Mapped[str | None] = mapped_column(String(320))
    remote_account_id: Mapped[str | None] = mapped_column(String(200))
    scopes: Mapped[str] = mapped_column(Text, default="", server_default="")
    access_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    refresh_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    access_expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    queued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When to tell the provider next. NULL: it is over, or there was no grant to end."""
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the provider confirmed. NULL: it has not."""
    given_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When we stopped trying, or saw that there is no way. NULL: we did not."""
    tried_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The last try. NULL: none yet."""
    failure_count: Mapped[int] = mapped_column(default=0, server_default="0")
    failure_code: Mapped[str | None] = mapped_column(String(60))
    """Why the last try failed or we gave up, as a short code of ours. NULL: it did not."""
    failure_said: Mapped[str | None] = mapped_column(String(200))
    """What the provider said to it, free of tokens. NULL: nothing."""
    renewal_began_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When its refresh token was last offered without an answer that we kept: it may be spent. NULL: it is as good as
    when it was stored."""
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_key: Mapped[str | None] = mapped_column(String(32))
    """As a connection's: the outcome of a try is written only while the row still has its key."""


class Gone(NamedTuple):
    """A connection at the moment it was taken."""

    id: int
    type: str
    account: str | None
    had_grant: bool
    revocation_id: int


_MOVED = (
    "type", "account", "remote_account_id", "scopes", "access_token", "refresh_token", "access_expires_at",
    "lease_until", "lease_key",
)  # fmt: skip
"""What comes along, the lease too: a sync that is under way may be spending the refresh token, so it ends first."""


def take(connection_id: int, *, owner_id: int, now: datetime) -> Gone | None:
    """Move an owner's connection to the revocations. Of two callers at once, one gets it, the other None."""
    taken = _take(owner_id, [connection_id], now)
    return taken[0] if taken else None


def take_all(owner_id: int, *, now: datetime) -> list[Gone]:
    """Move all connections of a person to the revocations."""
    return _take(owner_id, None, now)


def _take(owner_id: int, connection_ids: Collection[int] | None, now: datetime) -> list[Gone]:
    statement = delete(Connection).where(Connection.user_id == owner_id)
    if connection_ids is not None:
        statement = statement.where(Connection.id.in_(connection_ids))
    columns = (Connection.id, *(getattr(Connection, name) for name in _MOVED))
    rows = db.session.execute(statement.returning(*columns)).mappings().all()
    if not rows:
        return []
    ids = _queue([_queued(row, owner_id, now) for row in rows])
    return [
        Gone(row["id"], row["type"], row["account"], row["access_token"] is not None, ids[row["id"]]) for row in rows
    ]


def _queued(row: RowMapping, owner_id: int, now: datetime) -> dict[str, object]:
    due_at = now if row["access_token"] is not None else None
    moved = {name: row[name] for name in _MOVED}
    return {"connection_id": row["id"], "user_id": owner_id, "queued_at": now, "due_at": due_at, **moved}


def _queue(rows: list[dict[str, object]]) -> dict[int | None, int]:
    """Store revocations; the id of each by that of its connection."""
    statement = insert(Revocation).returning(Revocation.connection_id, Revocation.id)
    return {row[0]: row[1] for row in db.session.execute(statement, rows)}


def queue_grant(*, now: datetime, due_at: datetime, **values: Any) -> int:
    """Queue the revocation of a grant that never became a connection; its id."""
    statement = insert(Revocation).values(connection_id=None, queued_at=now, due_at=due_at, **values)
    return int(db.session.execute(statement.returning(Revocation.id)).scalar_one())


def hold_open(type: str, *, account_id: str) -> None:
    """Lock the open revocations of an account until the transaction ends: nobody begins to tell of them meanwhile."""
    statement = select(Revocation.id).where(
        Revocation.type == type, Revocation.remote_account_id == account_id, Revocation.due_at.is_not(None)
    )
    db.session.execute(statement.order_by(Revocation.id).with_for_update()).all()


def was_told(type: str, *, account_id: str, since: datetime, codes: Collection[str] | None = None) -> bool:
    """Whether a provider was being told of the end of an account at some time since a moment.

    It may have heard what it did not confirm. One query on ``ix_revocations_type_remote_account_id``.

    :param codes: only if it is not over, and the last try failed with one of these. None: however it went.
    """
    times = (Revocation.tried_at, Revocation.done_at, Revocation.lease_until)
    statement = select(Revocation.id).where(
        Revocation.type == type,
        Revocation.remote_account_id == account_id,
        Revocation.tried_at.is_not(None),  # before the first try, its lease is that of a sync that was cut
        or_(*(at >= since for at in times)),
    )
    if codes is not None:
        statement = statement.where(Revocation.done_at.is_(None), Revocation.failure_code.in_(codes))
    return db.session.execute(statement.limit(1)).first() is not None


class RevocationRow(NamedTuple):
    """A revocation as its person sees it. No secret is among its columns."""

    connection_id: int
    type: str
    account: str | None
    remote_account_id: str | None
    queued_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    given_up_at: datetime | None
    tried_at: datetime | None
    failure_count: int
    failure_code: str | None


_ROW = tuple(getattr(Revocation, name) for name in RevocationRow._fields)


def revocation(connection_id: int, *, owner_id: int) -> RevocationRow | None:
    """How far the end of an owner's connection is. None: they never had it, or still have it."""
    statement = select(*_ROW).where(Revocation.connection_id == connection_id, Revocation.user_id == owner_id)
    row = db.session.execute(statement).one_or_none()
    return RevocationRow(*row) if row else None


def revocations(connection_ids: Collection[int], *, owner_id: int) -> list[RevocationRow]:
    """How far the ends of an owner's connections are, of those that ended. One query."""
    statement = select(*_ROW).where(Revocation.connection_id.in_(connection_ids), Revocation.user_id == owner_id)
    return [RevocationRow(*row) for row in db.session.execute(statement)]


def unconfirmed(
    owner_id: int, *, since: datetime, settled: Collection[str], limit: int
) -> tuple[list[RevocationRow], int]:
    """Ends of an owner's connections that no provider confirmed, and how many: what is still tried first, then the
    newest. One query on ``ix_revocations_user_id_queued_at``.

    :param since: what was given up before is left out.
    :param settled: codes with which we stopped because there was nothing to end; these are left out.
    """
    given_up = and_(Revocation.given_up_at >= since, func.coalesce(Revocation.failure_code, "").not_in(settled))
    wanted = or_(Revocation.due_at.is_not(None), given_up)
    statement = select(*_ROW, func.count().over()).where(Revocation.user_id == owner_id, wanted)
    statement = statement.where(Revocation.connection_id.is_not(None), Revocation.done_at.is_(None))
    ordered = statement.order_by(Revocation.due_at.is_(None), Revocation.queued_at.desc(), Revocation.id.desc())
    rows = db.session.execute(ordered.limit(limit)).all()
    return [RevocationRow._make(row[:-1]) for row in rows], rows[0][-1] if rows else 0


def open_count(owner_id: int) -> int:
    """How many of a person's ended connections still wait for their provider to be told."""
    statement = select(func.count()).select_from(Revocation).where(Revocation.user_id == owner_id)
    waiting = statement.where(Revocation.due_at.is_not(None), Revocation.done_at.is_(None))
    return int(db.session.execute(waiting).scalar_one())


def unname(owner_id: int) -> None:
    """Tie the revocations of a person who is leaving to nobody: the providers must still be told."""
    db.session.execute(update(Revocation).where(Revocation.user_id == owner_id).values(user_id=None))


def everything_on(owner_id: int) -> list[RowMapping]:
    """All ended connections of a person without their tokens, for their download."""
    statement = select(*_ROW, Revocation.scopes, Revocation.failure_said).where(Revocation.user_id == owner_id)
    return list(db.session.execute(statement.order_by(Revocation.id)).mappings())
