"""Telling a provider that a grant is over, with retries over days; then its tokens are erased, however it ended."""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from dashboard import providers
from dashboard.connections import budget, due, giving_back, refreshing
from dashboard.connections.attaching import SUPERSEDED
from dashboard.connections.budget import Spent
from dashboard.connections.holding import holding
from dashboard.connections.outcomes import BROKEN, UNREADABLE
from dashboard.connections.refreshing import LeaseLost
from dashboard.connections.tokens import opened
from dashboard.data import Unreadable, clock, leases, transaction, untold
from dashboard.data.untold import Untold
from dashboard.events import Event, record
from dashboard.providers import ConnectionType, Grant
from dashboard.providers.failures import AccessExpired, Failure, GrantRefused
from dashboard.who import Who

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
"""After each failed try so long until the next; then :data:`LATER`."""
LATER = timedelta(hours=12)
PATIENCE = timedelta(days=5)
"""After so long we give up, and the person reads how to end it themselves."""
NO_WAY, NO_GRANT, UNSURE = "no_way", "no_grant", "unsure"
"""Codes: the provider takes no word from us; there is no token left to say it with; what it refused may be only the
token that an earlier try spent, whose answer never came."""
ERASED: dict[str, None] = {"access_token": None, "refresh_token": None, "access_expires_at": None, "due_at": None}
_random = secrets.SystemRandom()
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """The provider confirmed, or the grant was dead already, which is as good."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It is over without the provider's word."""

    code: str
    said: str | None = None
    """What the provider said. None: nothing."""


@dataclass(frozen=True, slots=True)
class Again:
    """The provider is to be told later. ``counts``: it was a failed try."""

    code: str | None = None
    said: str | None = None
    wait: timedelta = timedelta()
    counts: bool = True


Verdict = Told | GivenUp | Again


def revoke(revocation_id: int) -> None:
    """Tell a provider that a grant is over, if that is due and nobody else is at it. Twice, or too late, is harmless.

    A provider that fails is no error here: the row says so.
    """
    now = clock.now()
    with transaction():
        row = untold.take(revocation_id, lease=leases.new(now), now=now)
    if row is None:
        return
    with holding(due.REVOCATION, row.id, row.lease_key):
        try:
            _write(row, _tell(row, providers.get(row.type)))
        except LeaseLost:
            return
        except Exception:
            _write(row, Again(BROKEN))
            raise


def _tell(row: Untold, type: ConnectionType) -> Verdict:
    if not providers.can_revoke(type):
        return GivenUp(NO_WAY)
    if row.access_token is None and row.refresh_token is None:
        return GivenUp(NO_GRANT)
    if row.remote_account_id is not None and giving_back.lives(type, row.remote_account_id):
        return GivenUp(SUPERSEDED)
    try:
        return _revoke(row, type, opened(row, account_id=row.remote_account_id))
    except Unreadable:
        return Again(UNREADABLE)
    except Spent as spent:
        return Again(wait=spent.until - clock.now(), counts=False)
    except GrantRefused:
        return GivenUp(UNSURE) if row.renewal_began_at else Told()
    except Failure as failure:
        if failure.seen:
            log.info("revocation %d (%s) was not confirmed: %s", row.id, row.type, failure)
        return Again(failure.code, failure.short, failure.wait or timedelta())


def _revoke(row: Untold, type: ConnectionType, grant: Grant) -> Verdict:
    """Revoke; an access token that has ended is renewed first. :raises Failure: it was not confirmed."""
    if refreshing.is_due(grant, now=clock.now()):
        grant = _renew(row, type, grant)
    try:
        budget.spend(type)
        providers.revoke(type, grant, account_id=row.remote_account_id)
    except AccessExpired as expired:
        if not grant.refresh_token:
            raise GrantRefused(expired.seen, said=expired.said) from None
        grant = _renew(row, type, grant)
        providers.revoke(type, grant, account_id=row.remote_account_id)
    return Told()


def _renew(row: Untold, type: ConnectionType, grant: Grant) -> Grant:
    """A grant that can't be renewed is dead: GrantRefused, which is as good as confirmed."""
    budget.spend(type)
    return refreshing.renew_ended(type, grant, revocation_id=row.id, key=row.lease_key)


def _write(row: Untold, verdict: Verdict) -> None:
    """Write how it went, if the lease is still ours."""
    now = clock.now()
    if isinstance(verdict, Again) and verdict.counts and now - row.queued_at >= PATIENCE:
        verdict = GivenUp(verdict.code or BROKEN, verdict.said)
    with transaction():
        if isinstance(verdict, Told):
            done = {"done_at": now, "failure_code": None, "failure_said": None}
            if untold.finish(row.id, key=row.lease_key, **ERASED, **done):
                _record(Event.REVOCATION_CONFIRMED, row, {})
        elif isinstance(verdict, GivenUp):
            over = {"given_up_at": now, "failure_code": verdict.code, "failure_said": verdict.said}
            if untold.finish(row.id, key=row.lease_key, **ERASED, **over):
                _record(Event.REVOCATION_GIVEN_UP, row, {"code": verdict.code})
        else:
            untold.finish(row.id, key=row.lease_key, **_again(row, verdict, now))


def _again(row: Untold, verdict: Again, now: datetime) -> dict[str, object]:
    if not verdict.counts:
        return {"due_at": now + verdict.wait}
    usual = WAITS[row.failure_count] if row.failure_count < len(WAITS) else LATER
    wait = max(usual * _random.uniform(0.9, 1.1), min(verdict.wait, LATER))
    return {
        "due_at": now + wait,
        "failure_count": row.failure_count + 1,
        "failure_code": verdict.code,
        "failure_said": verdict.said,
    }


def _record(event: Event, row: Untold, told: dict[str, str | int]) -> None:
    """For the person whose grant it was; of somebody who is gone the log names nobody."""
    known = row.user_id is not None
    if known and row.connection_id is not None:
        told = told | {"connection": row.connection_id}
    record(event, Who(None, row.user_id or 0), about_account=known, type=row.type, **cast(dict[str, Any], told))
