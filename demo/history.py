"""What the demo's connections did in the last thirty days: days, runs and records that agree with each other."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from dashboard import providers
from dashboard.providers import Fact
from dashboard.records.kinds import KINDS

Row = dict[str, Any]
USUAL = {
    "steps": (6400.0, 2900.0), "sleep": (7.2, 0.9), "workout": (41.0, 18.0), "weight": (71.4, 0.6),
    "glucose": (104.0, 17.0),
}  # fmt: skip
"""Middle and spread of what is made up, by kind."""
SENDS = {"withings": "weight", "oura": "sleep", "whoop": "sleep", "dexcom": "glucose"} | dict.fromkeys(
    ("concept2", "coros", "polar", "strava", "suunto", "wahoo"), "workout"
)
"""The kind that a type sends above all; the others send steps."""
TRY_AGAIN = timedelta(minutes=25)
"""From one failed try to the next."""
DAYS = 30


@dataclass(slots=True)
class History:
    """Rows to store for a connection, still without its id."""

    days: list[Row] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)
    records: list[Row] = field(default_factory=list)

    @property
    def last_record_at(self) -> datetime | None:
        """When a sync last brought something new."""
        return next((run["finished_at"] for run in reversed(self.runs) if run["record_count"]), None)

    def add_run(self, at: datetime, count: int, code: str | None, took: timedelta) -> None:
        """One sync that ended then."""
        failed = "refused" if code == "refused" else "failed"
        self.runs.append(
            {
                "started_at": at - (timedelta(seconds=30) if code == "timeout" else took),
                "finished_at": at,
                "outcome": failed if code else "records" if count else "nothing",
                "record_count": count,
                "failure_code": code,
            }
        )
        day = at.date().toordinal()
        if not self.days or self.days[-1]["day"] != day:
            self.days.append({"day": day, "run_count": 0, "record_count": 0, "failure_count": 0})
        self.days[-1]["run_count"] += 1
        self.days[-1]["record_count"] += count
        self.days[-1]["failure_count"] += bool(code)


def tell(row: Row, facts: Sequence[Fact], *, now: datetime, hours: Collection[int] = (7, 13, 19)) -> History:
    """What a connection did, at these hours of each day: it brought these facts, and before them others like them."""
    chance = Random(f"{row['type']} {row['account']}")  # the same days each time
    history = History()
    moments = _moments(row, now, hours)
    waiting = _in_order(row, facts, moments, chance)
    keep = providers.keep_days(providers.get(row["type"]))
    for at in moments:
        code = _failure(row, at, chance)
        come = [] if code else [fact for fact in waiting if _known_at(fact) <= at]
        waiting = waiting if code else waiting[len(come) :]
        history.add_run(at, len(come), code, timedelta(seconds=chance.randint(4, 21) / 10))
        if keep is None or at > now - timedelta(days=keep):
            history.records.extend(_record(row, fact, at) for fact in come)
    return history


def _moments(row: Row, now: datetime, hours: Collection[int]) -> list[datetime]:
    """When its syncs ended: at their hours up to the last good one, and what the connection itself tells of."""
    last = row["last_sync_at"]
    if last is None:
        return []
    first = max(row["created_at"], now - timedelta(days=DAYS)) + timedelta(minutes=1)
    days = [(now - timedelta(days=back)).date() for back in range(DAYS)]
    usual = (datetime.combine(day, time(hour, 12), UTC) for day in days for hour in hours)
    told = {last, row["last_record_at"], *_stops(row)}
    return sorted(at for at in {*(each for each in usual if each < last), *told} if at > first)


def _stops(row: Row) -> list[datetime]:
    """When it failed since the last good sync, as it says itself."""
    tries = [row["failed_at"] - TRY_AGAIN * back for back in range(row["failure_count"])]
    return tries + [row[name] for name in ("refused_at", "paused_at") if row[name] and not row["failure_count"]]


def _failure(row: Row, at: datetime, chance: Random) -> str | None:
    """Why this sync failed: now and then one does. None: it did not."""
    if at > row["last_sync_at"]:
        return str(row["failure_code"])
    told = {row["last_sync_at"], row["last_record_at"]}
    return "timeout" if chance.random() < 0.02 and at not in told else None


def _in_order(row: Row, facts: Iterable[Fact], moments: Sequence[datetime], chance: Random) -> list[Fact]:
    """The facts of the time in which it brought any, the first known first; before the real ones made-up ones."""
    if not moments:
        return []
    first, last = moments[0] - timedelta(days=1), row["last_record_at"]
    real = [fact for fact in facts if first < _known_at(fact) <= last]
    until = min(map(_known_at, real), default=last + timedelta(seconds=1))
    kind = SENDS.get(row["type"], "steps")
    times = {at for moment in moments if moment <= last for at in _made_up_at(kind, moment, chance)}
    made_up = [_made_up(kind, at, chance) for at in sorted(times)]
    return sorted([*(each for each in made_up if first < _known_at(each) < until), *real], key=_known_at)


def _known_at(fact: Fact) -> datetime:
    """When the provider knew of it: at its end; a sum of a day when the day is over."""
    if fact.ended_at is None and KINDS[fact.kind].whole_days:
        return fact.measured_at + timedelta(days=1)
    return (fact.ended_at or fact.measured_at) + timedelta(minutes=5)


def _made_up_at(kind: str, at: datetime, chance: Random) -> list[datetime]:
    """When something of a kind was measured that a sync brought: of whole days, the day before."""
    if KINDS[kind].whole_days:
        return [datetime.combine(at.date() - timedelta(days=1), time(), UTC)]
    return [at.replace(second=0) - timedelta(minutes=30 + 50 * place) for place in range(chance.choice((0, 1, 1, 2)))]


def _made_up(kind: str, at: datetime, chance: Random) -> Fact:
    middle, spread = USUAL[kind]
    return Fact(kind, f"demo-{at:%Y%m%d%H%M}", at, at.date(), round(middle + chance.uniform(-spread, spread), 1))


def _record(row: Row, fact: Fact, at: datetime) -> Row:
    return {
        "type": row["type"],
        "kind": fact.kind,
        "provider_id": fact.provider_id,
        "measured_at": fact.measured_at,
        "ended_at": fact.ended_at,
        "day": fact.day.toordinal(),
        "stored_at": at,
        "value": fact.value,
        "details": json.dumps(dict(fact.details)),
    }
