"""What the records of one day add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite

import orjson

from dashboard.data.record_reading import DayRow
from dashboard.records.kinds import Adds, Kind


@dataclass(frozen=True, slots=True)
class Day:
    """A day that has records of a kind."""

    date: date
    record_count: int
    value: float | None
    """The day's number in the kind's unit. None: none of its records is one."""
    beside: float | None = None
    """The second number, of a kind that has two."""


def number_of(kind: Kind, rows: Sequence[DayRow]) -> Day:
    """One day of a kind, from a row a source.

    Two services that counted the same steps are never added up: of sums, the highest of one source is the day's.
    """
    day, count = date.fromordinal(rows[0].day), sum(row.record_count for row in rows)
    if kind.adds is Adds.LAST:
        last = next((row for row in rows if row.last is not None and isfinite(row.last)), None)
        return Day(day, count, last.last, second(kind, last.last_details)) if last else Day(day, count, None)
    totals = [(row.total, row.number_count) for row in rows if row.total is not None and isfinite(row.total)]
    if not totals:
        return Day(day, count, None)
    if kind.adds is Adds.SUM:
        return Day(day, count, max(total for total, _ in totals))
    return Day(day, count, sum(total for total, _ in totals) / sum(number for _, number in totals))


def second(kind: Kind, details: str | None) -> float | None:
    """The second number of a record, from its details. None: its kind has one only, or the provider sent none."""
    if kind.beside is None or not details:
        return None
    found = orjson.loads(details).get(kind.beside)
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if is_number and isfinite(found) else None
