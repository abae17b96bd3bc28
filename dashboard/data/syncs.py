"""Connections as the engine syncs them: what is due, whose turn it is, and what came of it. The tokens are sealed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, and_, case, func, or_, select, update

from dashboard.data.connections import Connection
from dashboard.data.db import changed, db
from dashboard.data.leases import NOBODY, Lease, free, held_or_interrupted, interrupted


class Held(NamedTuple):
    """A connection whose lease was taken, as it stood then."""

    id: int
    user_id: int
    type: str
    remote_account_id: str | None
    scopes: str
    access_token: bytes | None
    refresh_token: bytes | None
    access_expires_at: datetime | None
    created_at: datetime
    last_sync_at: datetime | None
    last_record_at: datetime | None
    next_sync_at: datetime | None
    sync_started_at: datetime
    due_why: str | None
    subscribed_at: datetime | None
    cursors: str
    failure_count: int
    failure_code: str | None
    refusal_seen_at: datetime | None
    paused_at: datetime | None
    progress_count: int
    lease_key: str


_COLUMNS = tuple(getattr(Connection, name) for name in Held._fields)


def due(*, now: datetime, limit: int) -> list[int]:
    """Connections whose sync is due and that nobody holds, what waits longest first.

    One query on ``ix_connections_next_sync_at``.
    """
    statement = select(Connection.id).where(Connection.next_sync_at <= now, free(Connection, now))
    return list(db.session.execute(statement.order_by(Connection.next_sync_at).limit(limit)).scalars())


def take(connection_id: int, *, lease: Lease, now: datetime) -> Held | None:
    """Take the lease of a connection whose sync is due. Of two callers at once one gets it, the other None."""
    statement = update(Connection).where(
        Connection.id == connection_id,
        Connection.next_sync_at <= now,
        Connection.refused_at.is_(None),
        free(Connection, now),
    )
    taken = {"lease_key": lease.key, "lease_until": lease.until, "sync_started_at": now}
    row = db.session.execute(statement.values(taken).returning(*_COLUMNS)).one_or_none()
    return Held(*row) if row else None


def hold(connection_id: int, *, key: str, until: datetime, cursors: Mapping[str, str] | None = None) -> bool:
    """Hold a lease on, and note how far each source was read. The row is locked until the transaction ends.

    False: the lease is somebody else's by now, or the connection is gone.
    """
    values: dict[str, Any] = {"lease_until": until}
    if cursors is not None:
        values["cursors"] = orjson.dumps(cursors).decode()
    return bool(changed(update(Connection).where(_held(connection_id, key)).values(values)))


def add_progress(connection_id: int, count: int) -> None:
    """Count records that a sync has stored, for its run. The caller holds the row.

    If this sync comes to no run, they count in that of the next one.
    """
    statement = update(Connection).where(Connection.id == connection_id)
    db.session.execute(statement.values(progress_count=Connection.progress_count + count))


def finish(held: Held, *, next_sync_at: datetime | None, asked_at: datetime | None = None, **outcome: Any) -> bool:
    """Write what a sync came to, and let go. False: the lease is somebody else's, or the connection is gone.

    Whoever asked for another sync meanwhile gets it.

    :param asked_at: when they do, after a sync that failed: the wait is there to spare the provider. None: at the
        moment that they set.
    """
    asked = and_(Connection.next_sync_at != held.next_sync_at, Connection.next_sync_at.is_not(None))
    if next_sync_at is None:
        values: dict[str, Any] = {"next_sync_at": None, "due_why": None}
    else:
        values = {
            "next_sync_at": case((asked, func.coalesce(asked_at, Connection.next_sync_at)), else_=next_sync_at),
            "due_why": case((asked, Connection.due_why), else_=None),
        }
    statement = update(Connection).where(_held(held.id, held.lease_key))
    return bool(changed(statement.values(**values, **NOBODY, progress_count=0, **outcome)))


def hand_back(connection_id: int, *, key: str) -> bool:
    """Let go of a lease with nothing written: the sync stays due. False: it is somebody else's by now."""
    statement = update(Connection).where(Connection.id == connection_id, held_or_interrupted(Connection, key))
    return bool(changed(statement.values(NOBODY)))


def make_due(connection_id: int, *, at: datetime, now: datetime, why: str) -> bool:
    """Make a sync due at a moment, unless it is due before. False: it is, or it is refused or gone.

    One that runs now is followed by another: it may have read before what is new came.
    """
    later = or_(Connection.next_sync_at.is_(None), Connection.next_sync_at > at, Connection.lease_until > now)
    statement = update(Connection).where(Connection.id == connection_id, Connection.refused_at.is_(None), later)
    return bool(changed(statement.values(next_sync_at=at, due_why=why)))


def interrupt(connection_id: int) -> None:
    """Keep a sync that runs now from writing anything more. The row is locked until the transaction ends.

    Its lease stays until it lets go, for it may be spending the refresh token. Then the sync, still due, begins anew.
    """
    statement = update(Connection).where(Connection.id == connection_id)
    db.session.execute(statement.values(lease_key=interrupted(Connection)))


def note(connection_id: int, **values: Any) -> bool:
    """Write what a provider sent by itself of a connection. The row is locked until the transaction ends.

    False: its grant is refused, or it is gone.
    """
    statement = update(Connection).where(Connection.id == connection_id, Connection.refused_at.is_(None))
    return bool(changed(statement.values(values)))


def _held(connection_id: int, key: str) -> ColumnElement[bool]:
    return and_(Connection.id == connection_id, Connection.lease_key == key)
