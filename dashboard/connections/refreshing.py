"""Renewing a grant under its lease: a refresh token is spent once, and the new one is kept before it is used."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from dashboard import providers
from dashboard.connections import due, holding
from dashboard.connections.tokens import SealedGrant, opened, sealed
from dashboard.data import clock, grants, leases, syncs, transaction, untold
from dashboard.providers import ConnectionType, Grant
from dashboard.providers.failures import ClientRefused, Limited

EARLY = timedelta(minutes=2)
"""An access token that ends so soon is renewed before it is used: a call may take that long, and clocks differ."""


class LeaseLost(Exception):
    """The lease is somebody else's by now, or the row is gone: nothing more may be written."""


def hold_on(connection_id: int, *, key: str) -> None:
    """Hold the lease of a sync on, before what may take a while; who was cut or has another grant since stops here.

    Within a unit of work, the row is locked until its end.

    :raises LeaseLost: it can't be held any more.
    """
    with transaction():
        if not syncs.hold(connection_id, key=key, until=leases.until(clock.now())):
            raise LeaseLost


def is_due(grant: Grant, *, now: datetime) -> bool:
    """Whether a grant is to be renewed before its access token is used."""
    return bool(grant.refresh_token) and grant.expires_at is not None and grant.expires_at <= now + EARLY


def renew(type: ConnectionType, grant: Grant, *, connection_id: int, key: str) -> Grant:
    """Renew the grant of a connection whose lease is held; the new one is stored by then.

    The lease is held on first: who lost it, and does not know, would spend a token that is being spent.

    :raises GrantRefused: the provider refuses it.
    :raises Failure: anything else; the old grant may still be good.
    :raises LeaseLost: meanwhile the connection was cut, got another grant, or somebody else took it. The new tokens are
        kept wherever the old ones are.
    """

    def keep(fresh: Grant) -> bool:
        now, columns = clock.now(), sealed(fresh)
        if grants.renew(connection_id, key=key, until=leases.until(now), renewed_at=now, **columns):
            return True
        _keep_late(connection_id, grant, columns, now)
        return False

    hold_on(connection_id, key=key)
    return _renew(type, grant, keep, kind=due.SYNC, id=connection_id)


def renew_ended(type: ConnectionType, grant: Grant, *, revocation_id: int, key: str) -> Grant:
    """Renew the grant of a revocation whose lease is held, as :func:`renew` does.

    Before its refresh token is offered that is noted, and until an answer is kept, or shows that the token was not
    taken, the note stays: a later refusal then proves nothing.
    """

    def keep(fresh: Grant) -> bool:
        now, columns = clock.now(), sealed(fresh)
        if untold.renew(revocation_id, key=key, until=leases.until(now), **columns):
            return True
        _keep_untold(grant, columns, now, id=revocation_id)
        return False

    if not _mark(revocation_id, key, began_at=clock.now()):
        raise LeaseLost
    try:
        return _renew(type, grant, keep, kind=due.REVOCATION, id=revocation_id)
    except (ClientRefused, Limited):
        _mark(revocation_id, key, began_at=None)
        raise


def _mark(revocation_id: int, key: str, *, began_at: datetime | None) -> bool:
    with transaction():
        return untold.mark_renewal(revocation_id, key=key, until=leases.until(clock.now()), began_at=began_at)


def _renew(type: ConnectionType, grant: Grant, keep: Callable[[Grant], bool], *, kind: str, id: int) -> Grant:
    with holding.spending(kind, id) as ours:
        if not ours:
            raise LeaseLost
        fresh = providers.refresh(type, grant)
        with transaction():
            kept = keep(fresh)
    if not kept:
        raise LeaseLost
    return fresh


def _keep_late(connection_id: int, old: Grant, columns: dict[str, Any], now: datetime) -> None:
    """Keep a grant whose lease was lost while the provider renewed it: the old tokens are worth nothing now.

    They are replaced where they still stand: in the connection, or, if it was cut, in what its provider is to be told.
    Who gave the connection another grant meanwhile keeps that.
    """
    while (tokens := grants.tokens(connection_id)) is not None:
        if not _is(tokens, old) or grants.replace(tokens, renewed_at=now, **columns):
            return
    _keep_untold(old, columns, now, connection_id=connection_id)


def _keep_untold(old: Grant, columns: dict[str, Any], now: datetime, **where: int) -> None:
    """The same in what a provider is to be told; if that was believed to be over, the provider is told after all."""
    while (tokens := untold.tokens(**where)) is not None:
        if tokens.access_token is not None and not _is(tokens, old):
            return
        if untold.replace(tokens, now=now, **columns):
            due.say(due.REVOCATION, tokens.id, at=now)
            return


def _is(row: SealedGrant, grant: Grant) -> bool:
    """Whether a row holds this grant. By what the tokens say: sealing them anew changes the bytes."""
    held = opened(row)
    return (held.access_token, held.refresh_token) == (grant.access_token, grant.refresh_token)
