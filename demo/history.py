"""What the demo's connections did in the last thirty days: days, runs and records that agree with each other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]
KINDS = {"withings": ("weight", 71.4, 0.6), "strava": ("workout", 41.0, 18.0), "oura": ("sleep", 7.2, 0.9)}
"""Kind, middle and spread of the records that a type sends; the others send steps."""

TRY_AGAIN = timedelta(minutes=25)
"""From one failed try to the next."""


@dataclass(slots=True)
class History:
    """Rows to store for some connections."""

    days: list[Row] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)
    records: list[Row] = field(default_factory=list)

    def add(self, connection: Row, *, now: datetime) -> None:
        """Make up thirty days of a connection, or as many as it has."""
        chance = Random(connection["id"] * 7919)  # the same days each time
        for at in _moments(connection, now):
            code = _failure(connection, at, chance)
            count = 0 if code else _count(connection, at, chance)
            self._add_run(connection, at, count, code, timedelta(seconds=chance.randint(4, 21) / 10))
            self._add_to_day(connection, at, count, code)
            self.records.extend(_records(connection, at, count, chance))

    def _add_run(self, connection: Row, at: datetime, count: int, code: str | None, took: timedelta) -> None:
        failed = "refused" if code == "refused" else "failed"
        self.runs.append(
            {
                "connection_id": connection["id"],
                "started_at": at - (timedelta(seconds=30) if code == "timeout" else took),
                "finished_at": at,
                "outcome": failed if code else "records" if count else "nothing",
                "record_count": count,
                "failure_code": code,
            }
        )

    def _add_to_day(self, connection: Row, at: datetime, count: int, code: str | None) -> None:
        key = {"connection_id": connection["id"], "day": at.date().toordinal()}
        if not self.days or not key.items() <= self.days[-1].items():
            self.days.append(key | {"run_count": 0, "record_count": 0, "failure_count": 0})
        day = self.days[-1]
        day["run_count"] += 1
        day["record_count"] += count
        day["failure_count"] += bool(code)


def _moments(connection: Row, now: datetime) -> list[datetime]:
    """When its syncs ended: each morning up to the last good one, and what the connection itself tells of."""
    last = connection["last_sync_at"]
    if last is None:
        return []
    first = max(connection["created_at"], now - timedelta(days=30)) + timedelta(minutes=1)
    mornings = (datetime.combine((now - timedelta(days=back)).date(), time(7, 12), UTC) for back in range(30))
    told = {last, connection["last_record_at"], *_stops(connection)}
    return sorted(at for at in {*(each for each in mornings if each < last), *told} if at > first)


def _stops(connection: Row) -> list[datetime]:
    """When it failed since the last good sync, as it says itself."""
    tries = [connection["failed_at"] - TRY_AGAIN * back for back in range(connection["failure_count"])]
    return tries + [connection[name] for name in ("refused_at", "paused_at") if connection[name]]


def _failure(connection: Row, at: datetime, chance: Random) -> str | None:
    """Why this sync failed: now and then one does. None: it did not."""
    if at > connection["last_sync_at"]:
        return str(connection["failure_code"])
    told = {connection["last_sync_at"], connection["last_record_at"]}
    return "timeout" if chance.random() < 0.03 and at not in told else None


def _count(connection: Row, at: datetime, chance: Random) -> int:
    if at > connection["last_record_at"] or (chance.random() < 0.15 and at != connection["last_record_at"]):
        return 0
    return chance.randint(1, 6)


def _records(connection: Row, at: datetime, count: int, chance: Random) -> Iterator[Row]:
    kind, middle, spread = KINDS.get(connection["type"], ("steps", 6400.0, 2900.0))
    for place in range(count):
        measured = at - timedelta(hours=place)
        yield {
            "user_id": connection["user_id"],
            "connection_id": connection["id"],
            "type": connection["type"],
            "kind": kind,
            "provider_id": f"{measured:%Y%m%d%H%M%S}-{place}",
            "measured_at": measured,
            "day": measured.toordinal(),
            "stored_at": at,
            "value": round(middle + chance.uniform(-spread, spread), 1),
            "details": json.dumps({}),
        }
