"""Grants: whose account is connected, making a connection, giving it another grant. The tokens are sealed."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update

from dashboard.data.connections import Connection
from dashboard.data.db import changed, db, inserting
from dashboard.data.leases import NOBODY
from dashboard.data.tokens import Tokens, replace_in, tokens_in


class Holder(NamedTuple):
    """A connection and the account it stands for."""

    id: int
    user_id: int
    type: str
    account: str | None
    remote_account_id: str | None
    scopes: str
    refused_at: datetime | None
    created_at: datetime
    last_sync_at: datetime | None
    next_sync_at: datetime | None
    failed_at: datetime | None
    failure_code: str | None


_HOLDER = tuple(getattr(Connection, name) for name in Holder._fields)
GOOD: dict[str, Any] = {
    "failure_count": 0,
    "failed_at": None,
    "failure_code": None,
    "failure_said": None,
    "refusal_seen_at": None,
    "refused_at": None,
    "paused_at": None,
}
"""What a row says of which nothing bad is known."""


def holder(type: str, *, account_id: str) -> Holder | None:
    """Who has connected an account. On ``uq_connections_type_remote_account_id``. None: nobody."""
    statement = select(*_HOLDER).where(Connection.type == type, Connection.remote_account_id == account_id)
    row = db.session.execute(statement).one_or_none()
    return Holder(*row) if row else None


def owned(connection_id: int, *, owner_id: int) -> Holder | None:
    """An owner's connection. None: they have no such one."""
    statement = select(*_HOLDER).where(Connection.id == connection_id, Connection.user_id == owner_id)
    row = db.session.execute(statement).one_or_none()
    return Holder(*row) if row else None


def tokens(connection_id: int) -> Tokens | None:
    """The tokens of a connection. None: it is gone."""
    return tokens_in(Connection, id=connection_id)


def make(**values: Any) -> int | None:
    """Store a connection; its id. None: its account is connected already, here or by somebody else at this moment."""
    statement = inserting(Connection).values(**values)
    conflict = statement.on_conflict_do_nothing(index_elements=["type", "remote_account_id"])
    made = db.session.execute(conflict.returning(Connection.id)).scalar_one_or_none()
    return None if made is None else int(made)


def give(connection_id: int, *, owner_id: int, **values: Any) -> bool:
    """Give an owner's connection another grant: all is well with it again, and what a sync finds by the old is lost.

    False: they have no such connection any more. IntegrityError: another connection has the account.
    """
    statement = update(Connection).where(Connection.id == connection_id, Connection.user_id == owner_id)
    return bool(changed(statement.values(**GOOD, **NOBODY, **values)))


def renew(connection_id: int, *, key: str, until: datetime, **refreshed: Any) -> bool:
    """Keep a grant that was refreshed, and hold the lease on. False: the lease is somebody else's by now."""
    statement = update(Connection).where(Connection.id == connection_id, Connection.lease_key == key)
    return bool(changed(statement.values(lease_until=until, **refreshed)))


def replace(old: Tokens, **refreshed: Any) -> bool:
    """Put a refreshed grant in the place of the one that was read. False: it changed meanwhile, or is gone."""
    return replace_in(Connection, old, **refreshed)


def refuse(connection_id: int, *, now: datetime, code: str) -> bool:
    """Turn a connection to *reconnect*: its provider has ended the grant. False: it was so before, or it is gone."""
    statement = update(Connection).where(Connection.id == connection_id, Connection.refused_at.is_(None))
    refused = {"refused_at": now, "failed_at": now, "failure_code": code, "failure_said": None}
    over = {"next_sync_at": None, "due_why": None, "paused_at": None}
    return bool(changed(statement.values(**NOBODY, **refused, **over)))
