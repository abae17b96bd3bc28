"""What a sync comes to: how its run ended, what the connection says from then on, and when the next one is due."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dashboard import providers
from dashboard.data.grants import GOOD
from dashboard.data.history import Outcome
from dashboard.data.syncs import Held
from dashboard.providers import ConnectionType
from dashboard.providers.failures import (
    AccessExpired,
    ClientRefused,
    Failure,
    GrantRefused,
    Limited,
    NotShared,
)

SECOND_TRY = timedelta(minutes=2)
"""A refusal is believed when a try so much later is refused too: some providers refuse during an outage."""
DOUBT = timedelta(days=1)
"""So long nobody is believed who refuses what they have just renewed: a fault of their data calls looks like that."""
FIRST_WAIT = timedelta(minutes=2)
OPERATOR_WAIT = timedelta(hours=1)
PERSON_WAIT = timedelta(days=1)
LIMIT_WAIT = timedelta(minutes=15)
ASKED_WAIT = timedelta(minutes=10)
"""After a failure, whoever asked for another sync meanwhile gets it so much later, or with the next try."""
LONGEST_WAIT = timedelta(days=1)
RENEWAL = timedelta(days=7)
SPREAD = timedelta(minutes=1)
BROKEN, UNREADABLE = "broken", "unreadable_token"
"""Codes of what is our own fault: a mistake in the program, and a token that no key opens."""
_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be written. ``next_sync_at`` None: no sync is due any more."""

    next_sync_at: datetime | None
    outcome: Outcome | None = None
    """None: this was no run, only a look at the clock or the calendar."""
    columns: dict[str, Any] = field(default_factory=dict)
    code: str | None = None
    said: str | None = None
    blocked_until: datetime | None = None
    """Until when the provider wants nobody's requests. None: it said nothing of it."""

    @property
    def refused(self) -> bool:
        """Whether the connection needs its person from now on."""
        return self.outcome is Outcome.REFUSED

    def asked_at(self, now: datetime) -> datetime | None:
        """When somebody gets another sync who asked for one during this. None: at the moment that they set."""
        if self.code is None or self.next_sync_at is None:
            return None
        return self.next_sync_at if self.code == Limited.code else min(self.next_sync_at, now + ASKED_WAIT)


def succeeded(held: Held, type: ConnectionType, *, record_count: int, more: bool, now: datetime) -> Verdict:
    """All that was asked for came."""
    if not providers.may_ask(type):
        return _renewed(held, now)
    interval = timedelta(hours=type.sync_interval_hours)
    last_record_at = now if record_count else held.last_record_at
    columns = GOOD | {
        "last_sync_at": now,
        "last_record_at": last_record_at,
        "overdue_at": now + interval,
        "quiet_at": (last_record_at or held.created_at) + timedelta(days=type.quiet_after_days),
    }
    outcome = Outcome.RECORDS if record_count else Outcome.NOTHING
    return Verdict(now if more else now + _about(interval / 2), outcome, columns)


def _renewed(held: Held, now: datetime) -> Verdict:
    """A grant of a provider that only sends is good: that is no sync, and says nothing of what the person shares."""
    columns = {"paused_at": None, "refusal_seen_at": None}
    if held.failure_code != NotShared.code:
        columns |= GOOD
    return Verdict(now + _about(RENEWAL) if held.refresh_token else None, None, columns)


def postponed(held: Held, type: ConnectionType, *, record_count: int, until: datetime, now: datetime) -> Verdict:
    """The provider is not to be asked before ``until``: what came so far is a sync, and nothing at all is none."""
    next_sync_at = until + SPREAD * _random.random()
    if not record_count:
        return Verdict(next_sync_at)
    done = succeeded(held, type, record_count=record_count, more=True, now=now)
    return Verdict(next_sync_at, done.outcome, done.columns)


def retired() -> Verdict:
    """The provider has closed its API: no more tries."""
    return Verdict(None)


def failed(held: Held, type: ConnectionType, failure: Failure, *, now: datetime, renewed: bool = False) -> Verdict:
    """The provider failed: four kinds of failure, four answers.

    :param renewed: it had just renewed the grant, so that is alive.
    """
    if isinstance(failure, AccessExpired) and renewed:
        return _refused(held, failure, now, after=DOUBT, again=_back_off(held, type, failure))
    if isinstance(failure, GrantRefused | AccessExpired):
        return _refused(held, failure, now, after=SECOND_TRY, again=SECOND_TRY + SPREAD * _random.random())
    if isinstance(failure, ClientRefused):
        paused = {"paused_at": held.paused_at or now}
        return _failed(held, failure, now, wait=_about(OPERATOR_WAIT), **paused)
    if isinstance(failure, NotShared):
        return _failed(held, failure, now, wait=_about(PERSON_WAIT))
    if isinstance(failure, Limited):
        wait = min(failure.wait or LIMIT_WAIT, LONGEST_WAIT)
        blocked_until = now + wait if type.limit_answer.about == "app" else None
        return _failed(held, failure, now, wait=wait + SPREAD * _random.random(), blocked_until=blocked_until)
    return _failed(held, failure, now, wait=_back_off(held, type, failure))


def broken(held: Held, type: ConnectionType, *, now: datetime) -> Verdict:
    """We made a mistake; trying again at once would make it again."""
    return failed(held, type, Failure(code=BROKEN), now=now)


def _refused(held: Held, failure: Failure, now: datetime, *, after: timedelta, again: timedelta) -> Verdict:
    """Believed at a later try, so long after the first refusal: some providers refuse during an outage."""
    seen = held.refusal_seen_at or now
    if now - seen < after:
        return _failed(held, failure, now, wait=again, refusal_seen_at=seen)
    columns = _columns(held, failure, now) | {"refused_at": now, "paused_at": None}
    return Verdict(None, Outcome.REFUSED, columns, failure.code, failure.short)


def _failed(
    held: Held, failure: Failure, now: datetime, *, wait: timedelta, blocked_until: datetime | None = None, **more: Any
) -> Verdict:
    columns = _columns(held, failure, now) | {"paused_at": None} | more
    return Verdict(now + wait, Outcome.FAILED, columns, failure.code, failure.short, blocked_until)


def _columns(held: Held, failure: Failure, now: datetime) -> dict[str, Any]:
    return {
        "failure_count": held.failure_count + 1,
        "failed_at": now,
        "failure_code": failure.code,
        "failure_said": failure.short,
    }


def _back_off(held: Held, type: ConnectionType, failure: Failure) -> timedelta:
    """Twice as long each time, up to the type's interval; never less than the provider asks for, up to a day."""
    longest = timedelta(hours=type.sync_interval_hours)
    wait = min(longest, FIRST_WAIT * 2 ** min(held.failure_count, 12))
    return max(_about(wait), min(failure.wait or timedelta(), LONGEST_WAIT))


def _about(wait: timedelta) -> timedelta:
    """Some more or less, so that what failed together does not come back together."""
    return wait * _random.uniform(0.9, 1.1)
