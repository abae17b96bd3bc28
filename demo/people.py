"""The demo's connections: for Ada one in each state, for Cleo two hundred. The same each time, dated from now."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from dashboard import providers

LONG = timedelta(days=3650)
"""Nothing syncs in the demo, so what is not about being late is never late."""
FEW_DAYS, MONTHS, YEARS = timedelta(days=13), timedelta(days=290), timedelta(days=1900)

Row = dict[str, Any]
HEALTHY: Row = {
    "sync_started_at": None,
    "lease_until": None,
    "failure_count": 0,
    "failed_at": None,
    "failure_code": None,
    "refused_at": None,
    "paused_at": None,
}


def ada(now: datetime) -> Iterator[Row]:
    """One connection in each state, the healthy one three times."""
    yield _row("whoop", now, YEARS, **_refused(now - timedelta(days=6)))
    yield _row("strava", now, YEARS, last_sync_at=now - timedelta(hours=5), next_sync_at=now + timedelta(minutes=25),
               **_failing(now - timedelta(minutes=5), 3, "timeout"))  # fmt: skip
    yield _row("oura", now, MONTHS, last_record_at=now - timedelta(days=9), quiet_at=now - timedelta(days=2))
    yield _row("suunto", now, timedelta(minutes=4), last_sync_at=None, overdue_at=None, quiet_at=None, next_sync_at=now)
    yield _row("polar", now, FEW_DAYS, access_expires_at=None, sync_started_at=now - timedelta(seconds=20),
               lease_until=now + LONG)  # fmt: skip
    yield _row("withings", now, YEARS, last_sync_at=now - timedelta(minutes=12))
    yield _row("garmin", now, YEARS + MONTHS, last_sync_at=now - timedelta(minutes=44))
    yield _row("google_health", now, FEW_DAYS, last_sync_at=now - timedelta(hours=2))
    paused_at = now - timedelta(days=1)
    yield _row("wahoo", now, MONTHS, last_sync_at=paused_at - timedelta(days=1), next_sync_at=None,
               paused_at=paused_at, failure_code="client_refused")  # fmt: skip
    yield _row("fitbit", now, YEARS)


def ended(now: datetime) -> Row:
    """The one that Ada is going to end."""
    return _row("concept2", now, YEARS)


def cleo(now: datetime, *, count: int = 200) -> Iterator[Row]:
    """Many connections, most of them healthy, with an account each."""
    chance = Random(7)  # the same people each time
    types = [each.type for each in providers.all_types()]
    for place in range(count):
        age, synced_at = timedelta(days=chance.randint(50, 2500)), now - timedelta(minutes=chance.randint(5, 600))
        changed: Row = {"last_sync_at": synced_at}
        if place % 29 == 3:
            changed = _refused(now - timedelta(days=chance.randint(1, 40)))
        elif place % 17 == 5:
            changed = {"last_sync_at": synced_at - timedelta(hours=1)}
            changed |= _failing(now - timedelta(minutes=4), 2, "rate_limited")
        yield _row(types[place % len(types)], now, age, account=f"cleo+{place + 1}@posteo.example", **changed)


def _refused(at: datetime) -> Row:
    """The provider refused the grant then; no sync is due any more."""
    return {"refused_at": at, "failure_code": "refused", "next_sync_at": None, "last_sync_at": at - timedelta(days=1)}


def _failing(at: datetime, count: int, code: str) -> Row:
    return {"failed_at": at, "failure_count": count, "failure_code": code}


def _row(type: str, now: datetime, age: timedelta, **changed: Any) -> Row:
    """A healthy connection of that age, but for what is changed. Where the provider has closed, all ended that day."""
    described = providers.get(type)
    if described.retired_on is not None and described.retired(now.date()):
        now = datetime.combine(described.retired_on, time(), UTC)
        changed = {name: changed[name] for name in changed if name == "account"}
        changed |= {"access_expires_at": None, "next_sync_at": None}
    row: Row = {
        "type": type,
        "account": "ada.lovelace@posteo.example",
        "remote_account_id": f"demo-{type}-{changed.get('account', 'ada')}",
        "scopes": " ".join(scope.name for scope in described.scopes if not scope.optional),
        "created_at": now - age,
        "next_sync_at": now + timedelta(minutes=48),
        "overdue_at": now + LONG,
        "quiet_at": now + LONG,
    }
    synced_at = changed.setdefault("last_sync_at", now - timedelta(minutes=20))
    return HEALTHY | row | _grant(now - age, synced_at, now) | changed


def _grant(created_at: datetime, synced_at: datetime | None, now: datetime) -> Row:
    """The access was renewed before the last sync, which was a while after the last that brought something."""
    renewed_at = created_at if synced_at is None else synced_at - timedelta(minutes=40)
    expires_at = renewed_at + timedelta(hours=12)
    return {
        "renewed_at": renewed_at,
        "access_expires_at": expires_at if expires_at > now else None,
        "last_record_at": synced_at and synced_at - timedelta(hours=2, minutes=40),
    }
