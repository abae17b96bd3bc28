"""Grants whose provider is to be told, as the engine works them off. The tokens are sealed."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, select, update

from dashboard.data.db import changed, db
from dashboard.data.leases import NOBODY, Lease, free, held_or_interrupted
from dashboard.data.revocations import Revocation
from dashboard.data.tokens import Tokens, replace_in, tokens_in


class Untold(NamedTuple):
    """A revocation whose lease was taken."""

    id: int
    connection_id: int | None
    user_id: int | None
    type: str
    remote_account_id: str | None
    access_token: bytes | None
    refresh_token: bytes | None
    access_expires_at: datetime | None
    queued_at: datetime
    renewal_began_at: datetime | None
    failure_count: int
    lease_key: str


_COLUMNS = tuple(getattr(Revocation, name) for name in Untold._fields)


def due(*, now: datetime, limit: int) -> list[int]:
    """Revocations that are due and that nobody holds, what waits longest first. On ``ix_revocations_due_at``."""
    statement = select(Revocation.id).where(Revocation.due_at <= now, free(Revocation, now))
    return list(db.session.execute(statement.order_by(Revocation.due_at, Revocation.id).limit(limit)).scalars())


def take(revocation_id: int, *, lease: Lease, now: datetime) -> Untold | None:
    """Take the lease of a due revocation. Of two callers at once one gets it, the other None."""
    statement = update(Revocation).where(
        Revocation.id == revocation_id, Revocation.due_at <= now, free(Revocation, now)
    )
    statement = statement.values(lease_key=lease.key, lease_until=lease.until, tried_at=now)
    row = db.session.execute(statement.returning(*_COLUMNS)).one_or_none()
    return Untold(*row) if row else None


def finish(revocation_id: int, *, key: str, **outcome: Any) -> bool:
    """Write how a try went and let go. False: the lease ran out and somebody else took it; nothing was written."""
    statement = update(Revocation).where(_held(revocation_id, key))
    return bool(changed(statement.values(**NOBODY, **outcome)))


def hand_back(revocation_id: int, *, key: str) -> bool:
    """Let go of a lease with nothing written: the provider is yet to be told. False: it is somebody else's by now."""
    return finish(revocation_id, key=key)


def let_go(connection_id: int, *, key: str) -> int | None:
    """Let go of the lease that came along with a connection that was cut during a sync; the revocation's id.

    None: it was not cut, or has nothing to do with this lease any more.
    """
    ours = held_or_interrupted(Revocation, key)
    statement = update(Revocation).where(Revocation.connection_id == connection_id, ours)
    return db.session.execute(statement.values(**NOBODY).returning(Revocation.id)).scalar_one_or_none()


def mark_renewal(revocation_id: int, *, key: str, until: datetime, began_at: datetime | None) -> bool:
    """Note that the refresh token is being offered, or that it was not taken, and hold the lease on.

    False: the lease is somebody else's.
    """
    statement = update(Revocation).where(_held(revocation_id, key))
    return bool(changed(statement.values(lease_until=until, renewal_began_at=began_at)))


def renew(revocation_id: int, *, key: str, until: datetime, **tokens: Any) -> bool:
    """Keep a grant that was refreshed, and hold the lease on. False: the lease is somebody else's."""
    statement = update(Revocation).where(_held(revocation_id, key))
    return bool(changed(statement.values(lease_until=until, renewal_began_at=None, **tokens)))


def tokens(**where: int) -> Tokens | None:
    """The tokens of a revocation, by its ``id`` or the ``connection_id`` that was ended. None: there is none."""
    return tokens_in(Revocation, **where)


def replace(old: Tokens, *, now: datetime, **fresh: Any) -> bool:
    """Put tokens in the place of those that were read, and tell the provider of them. False: they changed meanwhile."""
    told = {"due_at": now, "done_at": None, "given_up_at": None, "renewal_began_at": None}
    return replace_in(Revocation, old, **NOBODY, **told, **fresh)


def drop_superseded(type: str, *, account_id: str, now: datetime, code: str) -> int:
    """End the open revocations of an account that was connected again, for telling would end the new grant too.

    One query on ``ix_revocations_type_remote_account_id``. Whoever holds one finds that the lease is gone.
    """
    statement = update(Revocation).where(
        Revocation.type == type, Revocation.remote_account_id == account_id, Revocation.due_at.is_not(None)
    )
    erased = {"access_token": None, "refresh_token": None, "access_expires_at": None, "due_at": None}
    return changed(statement.values(**NOBODY, **erased, given_up_at=now, failure_code=code, failure_said=None))


def _held(revocation_id: int, key: str) -> ColumnElement[bool]:
    return and_(Revocation.id == revocation_id, Revocation.lease_key == key)
