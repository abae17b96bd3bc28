"""What people do: nights, workouts, steps, weights. The same for an account and a moment each time it is asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from random import Random

from demo.providers.accounts import HOUR_EAST, Account

ZONE = timezone(timedelta(hours=HOUR_EAST))
SPORTS = ("run", "ride", "swim", "strength", "walk", "row")
UPLOAD = timedelta(minutes=3)
"""From the end of something until the third party has it."""


class What(StrEnum):
    """What can happen."""

    DAY = "day"
    NIGHT = "night"
    WORKOUT = "workout"
    WEIGHT = "weight"
    PULSE = "pulse"
    PRESSURE = "pressure"
    GLUCOSE = "glucose"


@dataclass(frozen=True)
class Event:
    """Something that happened to an account's person. ``key`` tells it from all others of the account."""

    what: What
    key: str
    start: datetime
    end: datetime
    known_at: datetime
    """Since when the third party has it, in this form."""
    values: Mapping[str, float] = field(default_factory=dict)
    sport: str = ""

    @property
    def by_hand(self) -> bool:
        return self.key.startswith("hand-")

    @property
    def seconds(self) -> int:
        return int((self.end - self.start).total_seconds())

    @property
    def day(self) -> date:
        """The local day it counts for: of a night, the morning's."""
        return (self.end if self.what is What.NIGHT else self.start).astimezone(ZONE).date()

    def local(self, moment: datetime) -> datetime:
        """A moment by the person's clock."""
        return moment.astimezone(ZONE)


def events(account: Account, what: What, *, now: datetime, since: datetime | None = None) -> list[Event]:
    """What the third parties know of by now, oldest first. ``since`` leaves out whole days that ended before it."""
    first = now.astimezone(ZONE).date() - timedelta(days=account.days - 1)
    if since is not None:
        first = max(first, since.astimezone(ZONE).date() - timedelta(days=1))
    days = (first + timedelta(days=each) for each in range((now.astimezone(ZONE).date() - first).days + 1))
    made = (event for day in days for event in MAKERS[what](account, day, now))
    return [event for event in made if event.known_at <= now]


def made_by_hand(what: What, *, start: datetime, now: datetime, number: int) -> Event:
    """Something that a control call lets happen: it is known from now on, whenever it started."""
    chance = Random(f"{what} {start.isoformat()} {number}")
    lasts = {What.WORKOUT: timedelta(minutes=30), What.NIGHT: timedelta(hours=7)}.get(what, timedelta())
    values = {
        What.DAY: _steps(9000.0),
        What.NIGHT: _night(7 * 3600, chance),
        What.WORKOUT: _effort(30, "run", chance),
        What.WEIGHT: {"kg": 71.0, "fat": 24.0},
        What.PULSE: {"bpm": 62.0},
        What.PRESSURE: {"systolic": 121.0, "diastolic": 78.0, "bpm": 61.0},
        What.GLUCOSE: {"mgdl": 101.0},
    }[what]
    key = f"hand-{what}-{start:%Y%m%d%H%M%S}-{number}"
    return Event(what, key, start, start + lasts, now, values, "run" if what is What.WORKOUT else "")


def _chance(account: Account, what: What, day: date) -> Random:
    return Random(f"{account.key} {what} {day.isoformat()}")


def _at(day: date, minutes: float) -> datetime:
    """So many minutes after local midnight."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC) + timedelta(minutes=int(minutes))


def _days(account: Account, day: date, now: datetime) -> Iterator[Event]:
    """The day's sums. Today's grow by the quarter of an hour."""
    start = _at(day, 0)
    end = start + timedelta(days=1)
    total = _chance(account, What.DAY, day).randint(3200, 13800)
    passed = min(96, int((now - start) / timedelta(minutes=15)))
    if passed < 1:
        return
    known = start + timedelta(minutes=15) * passed
    yield Event(What.DAY, f"day-{day:%Y%m%d}", start, end, known, _steps(total * passed / 96))


def _steps(steps: float) -> dict[str, float]:
    return {"steps": int(steps), "metres": round(steps * 0.74), "kcal": round(1500 + steps * 0.045)}


def _nights(account: Account, day: date, now: datetime) -> Iterator[Event]:
    chance = _chance(account, What.NIGHT, day)
    start, length = _at(day, chance.randint(-90, 25)), chance.randint(350, 500)
    end = start + timedelta(minutes=length)
    yield Event(What.NIGHT, f"night-{day:%Y%m%d}", start, end, end + UPLOAD * 4, _night(length * 60, chance))


def _night(seconds: int, chance: Random) -> dict[str, float]:
    awake = int(seconds * chance.uniform(0.03, 0.09)) // 60 * 60
    deep, rem = (int(seconds * share) // 60 * 60 for share in (chance.uniform(0.14, 0.22), chance.uniform(0.17, 0.26)))
    return {
        "awake": awake,
        "deep": deep,
        "rem": rem,
        "light": seconds - awake - deep - rem,
        "asleep": seconds - awake,
        "resting": chance.randint(48, 61),
        "hrv": chance.randint(38, 92),
        "score": chance.randint(58, 96),
        "readiness": chance.randint(55, 97),
        "recovery": chance.randint(28, 98),
    }


def _workouts(account: Account, day: date, now: datetime) -> Iterator[Event]:
    chance = _chance(account, What.WORKOUT, day)
    for place in range(chance.choice((0, 0, 1, 1, 1, 2))):
        minutes, sport = chance.randint(22, 95), chance.choice(SPORTS)
        start = _at(day, chance.randint(390, 470) if place else chance.randint(990, 1140))
        end = start + timedelta(minutes=minutes)
        effort = _effort(minutes, sport, chance)
        yield Event(What.WORKOUT, f"workout-{day:%Y%m%d}-{place}", start, end, end + UPLOAD, effort, sport)


def _effort(minutes: int, sport: str, chance: Random) -> dict[str, float]:
    speed = {"run": 165, "ride": 430, "swim": 40, "walk": 85, "row": 210}.get(sport, 0) * chance.uniform(0.85, 1.15)
    bpm = chance.randint(108, 158)
    kcal = int(minutes * chance.uniform(7, 12))
    return {"metres": round(speed * minutes), "bpm": bpm, "most": bpm + chance.randint(14, 31), "kcal": kcal,
            "climb": chance.randint(0, 240), "strain": round(chance.uniform(4, 16), 1)}  # fmt: skip


def _weights(account: Account, day: date, now: datetime) -> Iterator[Event]:
    chance = _chance(account, What.WEIGHT, day)
    at = _at(day, chance.randint(420, 475))
    if chance.random() < 0.75:
        trend = 71.5 + (day.toordinal() % 60) * 0.02
        values = {"kg": round(trend + chance.uniform(-0.6, 0.6), 2), "fat": round(chance.uniform(23.2, 25.1), 1)}
        yield Event(What.WEIGHT, f"weight-{day:%Y%m%d}", at, at, at + UPLOAD, values)


def _pulses(account: Account, day: date, now: datetime) -> Iterator[Event]:
    chance = _chance(account, What.PULSE, day)
    for minutes in range(0, 1440, 30):
        at, asleep = _at(day, minutes), minutes < 420
        bpm = chance.randint(47, 58) if asleep else chance.randint(58, 96)
        yield Event(What.PULSE, f"pulse-{day:%Y%m%d}-{minutes}", at, at, at + UPLOAD, {"bpm": bpm})


def _pressures(account: Account, day: date, now: datetime) -> Iterator[Event]:
    chance = _chance(account, What.PRESSURE, day)
    at = _at(day, chance.randint(1200, 1290))
    if chance.random() < 0.5:
        values = {"systolic": chance.randint(112, 133), "diastolic": chance.randint(70, 86), "bpm": 64}
        yield Event(What.PRESSURE, f"pressure-{day:%Y%m%d}", at, at, at + UPLOAD, values)


def _glucoses(account: Account, day: date, now: datetime) -> Iterator[Event]:
    chance = _chance(account, What.GLUCOSE, day)
    for minutes in range(0, 1440, 15):
        at, after_meal = _at(day, minutes), minutes // 60 in {8, 13, 19}
        mgdl = chance.randint(120, 165) if after_meal else chance.randint(82, 112)
        yield Event(What.GLUCOSE, f"glucose-{day:%Y%m%d}-{minutes}", at, at, at + UPLOAD, {"mgdl": mgdl})


MAKERS = {
    What.DAY: _days,
    What.NIGHT: _nights,
    What.WORKOUT: _workouts,
    What.WEIGHT: _weights,
    What.PULSE: _pulses,
    What.PRESSURE: _pressures,
    What.GLUCOSE: _glucoses,
}
