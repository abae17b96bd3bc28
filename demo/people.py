"""The demo's connections: for Ada one in each state, for Cleo two hundred. The same each time, dated from now.

Their tokens are known to the simulated third parties without consent: ``demo-<mood>-<key>``.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from dashboard import providers
from dashboard.providers import ConnectionType
from demo.providers.accounts import account_of
from demo.providers.parties import ALL
from demo.providers.world import World

FEW_DAYS, MONTHS, YEARS = timedelta(days=13), timedelta(days=290), timedelta(days=1900)
AFTER_IT_DIED = timedelta(minutes=10)
"""So long one sync of Ada's seems to run: its process died, and then the engine takes over."""

Row = dict[str, Any]
HEALTHY: Row = {
    "sync_started_at": None,
    "lease_until": None,
    "lease_key": None,
    "failure_count": 0,
    "failed_at": None,
    "failure_code": None,
    "refused_at": None,
    "paused_at": None,
    "mood": "ok",
    "key": "ada",
}
PARTIES = {each.type: each(World()) for each in ALL}


def ada(now: datetime) -> Iterator[Row]:
    """One connection in each state, the healthy one three times."""
    yield _row("whoop", now, YEARS, mood="refused", **_refused(now - timedelta(days=6)))
    failing = _failing(now - timedelta(minutes=5), 3, "server_error") | {"next_sync_at": now + timedelta(minutes=25)}
    yield _row("strava", now, YEARS, mood="down", last_sync_at=now - timedelta(hours=5), **failing)
    yield _row("oura", now, MONTHS, mood="quiet", last_record_at=now - timedelta(days=9))
    yield _row("suunto", now, timedelta(minutes=4), last_sync_at=None, next_sync_at=now + timedelta(minutes=20))
    yield _row("polar", now, FEW_DAYS, sync_started_at=now - timedelta(seconds=20), next_sync_at=now,
               lease_until=now + AFTER_IT_DIED, lease_key="the process that died")  # fmt: skip
    yield _row("withings", now, YEARS, last_sync_at=now - timedelta(minutes=12))
    yield _row("garmin", now, YEARS + MONTHS, last_sync_at=now - timedelta(minutes=44))
    yield _row("google_health", now, FEW_DAYS, last_sync_at=now - timedelta(hours=2))
    yield _row("coros", now, MONTHS, **_without_credentials(now - timedelta(days=1)))
    yield _row("fitbit", now, YEARS)


def ended(now: datetime) -> Row:
    """The one that Ada is going to end."""
    return _row("wahoo", now, YEARS)


def cleo(now: datetime, *, count: int = 200) -> Iterator[Row]:
    """Many connections, most of them healthy, with an account each."""
    chance = Random(7)  # the same people each time
    types = [each.type for each in providers.all_types()]
    for place in range(count):
        type, age = types[place % len(types)], timedelta(days=chance.randint(50, 2500))
        synced_at = now - timedelta(minutes=chance.randint(5, 110))
        changed: Row = {"last_sync_at": synced_at, "next_sync_at": synced_at + timedelta(minutes=120)}
        if type in {"coros", "ihealth"}:
            changed = _without_credentials(now - timedelta(days=2))
        elif place % 29 == 3:
            changed = {"mood": "refused"} | _refused(now - timedelta(days=chance.randint(1, 40)))
        elif place % 17 == 5:
            changed = {"mood": "down", "last_sync_at": synced_at - timedelta(hours=1)}
            changed |= _failing(now - timedelta(minutes=4), 2, "server_error")
        yield _row(type, now, age, key=f"cleo-{place + 1}", **changed)


def _refused(at: datetime) -> Row:
    """The provider refused the grant then; no sync is due any more."""
    return {"refused_at": at, "failure_code": "refused", "next_sync_at": None, "last_sync_at": at - timedelta(days=1)}


def _failing(at: datetime, count: int, code: str) -> Row:
    return {"failed_at": at, "failure_count": count, "failure_code": code}


def _without_credentials(at: datetime) -> Row:
    """The operator's agreement with the provider ended then; once an hour it is tried whether there is a new one."""
    return {"paused_at": at, "failure_code": "no_credentials", "last_sync_at": at - timedelta(hours=3)}


def _row(type: str, now: datetime, age: timedelta, **changed: Any) -> Row:
    """A healthy connection of that age, but for what is changed. Where the provider has closed, all ended that day."""
    described = providers.get(type)
    retired = described.retired_on is not None and described.retired(now.date())
    if described.retired_on is not None and retired:
        now = datetime.combine(described.retired_on, time(), UTC)
        changed = {"key": changed["key"]} if "key" in changed else {}
    changed = HEALTHY | changed
    party, key = PARTIES.get(type), changed["key"]
    synced_at = changed.setdefault("last_sync_at", now - timedelta(minutes=20))
    row: Row = {
        "type": type,
        "account": account_of(key).mail,
        "remote_account_id": party.account_id(key) if party else f"demo-{type}-{key}",
        "scopes": " ".join(scope.name for scope in described.scopes if not scope.optional),
        "created_at": now - age,
        "next_sync_at": None if retired else now + timedelta(minutes=48),
        "last_record_at": synced_at and synced_at - timedelta(minutes=140),
    }
    row |= _grant(type, now - age, synced_at) | changed
    return row | _limits(described, row["last_sync_at"], row["last_record_at"])


def _grant(type: str, created_at: datetime, synced_at: datetime | None) -> Row:
    """The access was renewed a while before the last sync, and holds as long as there."""
    renewed_at = created_at if synced_at is None else synced_at - timedelta(minutes=40)
    party = PARTIES.get(type)
    seconds = party.rules.access_seconds if party else 12 * 3600
    return {"renewed_at": renewed_at, "access_expires_at": renewed_at + timedelta(seconds=seconds)}


def _limits(type: ConnectionType, synced_at: datetime | None, recorded_at: datetime | None) -> Row:
    """From when on it is late, and from when on it is quiet."""
    return {
        "overdue_at": synced_at and synced_at + timedelta(hours=type.sync_interval_hours),
        "quiet_at": recorded_at and recorded_at + timedelta(days=type.quiet_after_days),
    }


def with_last_record(row: Row, at: datetime | None) -> Row:
    """A row that tells of the last record that its history really has."""
    return row | {"last_record_at": at} | _limits(providers.get(row["type"]), row["last_sync_at"], at)
