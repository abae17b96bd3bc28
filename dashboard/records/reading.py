"""Reading a person's records: of all kinds, of one kind by days, and of one day. Every function asks for the owner.

A day is the one that the provider counts a record for, where the person was; no zone is applied to it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter

from dashboard.data import record_reading as data
from dashboard.data.record_reading import RecordRow, SourceRow
from dashboard.records.day import Day, number_of
from dashboard.records.kinds import KINDS, Kind
from dashboard.records.origins import Origins

__all__ = [
    "ByDay", "Day", "DayPage", "DayRecords", "KindOverview", "Origins", "Overview", "RecordRow", "SourceRow", "Span",
    "by_day", "one_day", "overview",
]  # fmt: skip
LENGTH = 30
DAYS_PAGE_SIZE = 30
EACH_DAY = 3
"""How many records of a day the list of days shows."""
DAY_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a picture, both ends included, and what is known of those that have records, the oldest first."""

    first: date
    last: date
    days: list[Day]

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class KindOverview:
    """One kind of which there are records."""

    kind: Kind
    sources: list[SourceRow]
    latest: Day
    """The newest day that has records."""
    span: Span

    @property
    def record_count(self) -> int:
        """How many records of it there are."""
        return sum(each.record_count for each in self.sources)


@dataclass(frozen=True, slots=True)
class DayRecords:
    """A day in a list: its number, and the newest of its records."""

    day: Day
    records: list[RecordRow]


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is of all kinds, or of the one that was asked for."""

    kinds: list[KindOverview]
    """In the order of pages; none where the connection that was asked for brought nothing."""
    choices: list[SourceRow]
    """One source a connection that may be asked for, by type."""


@dataclass(frozen=True, slots=True)
class ByDay:
    """One kind over the days: its picture, and one page of the days that have records."""

    of: KindOverview | None
    """None: there is no record of it, or the connection that was asked for brought none."""
    choices: list[SourceRow]
    days: list[DayRecords]
    day_count: int
    """How many days have records, on all pages."""
    origins: Origins = field(default_factory=Origins)
    """The connections of the records of ``days``."""


@dataclass(frozen=True, slots=True)
class DayPage:
    """One day of a kind, and one page of its records."""

    day: Day
    records: list[RecordRow]
    origins: Origins


def overview(owner_id: int, *, today: date, connection_id: int | None = None) -> Overview:
    """Every kind that there are records of, with its last thirty days. Two queries.

    :param today: the date where the person is.
    :param connection_id: only what this connection brought. None: all, with what outlived its connection.
    """
    return _overview(owner_id, today, LENGTH, None, connection_id)


def by_day(
    kind: Kind, owner_id: int, *, today: date, length: int, page: int = 1, connection_id: int | None = None
) -> ByDay:
    """One kind over the days, the newest first. Six queries at most, whatever the number of records.

    :param length: how many days the picture shows; the other parameters as for :func:`overview`.
    """
    found = _overview(owner_id, today, length, kind, connection_id)
    if not found.kinds:
        return ByDay(None, found.choices, [], 0)
    at = {"limit": DAYS_PAGE_SIZE, "offset": (page - 1) * DAYS_PAGE_SIZE}
    listed, count = data.days(owner_id, kind=kind.key, connection_id=connection_id, **at)
    days = _listed(kind, owner_id, listed[-1], listed[0], connection_id) if listed else []
    origins = _origins(owner_id, [record for each in days for record in each.records])
    return ByDay(found.kinds[0], found.choices, days, count, origins)


def _listed(kind: Kind, owner_id: int, first: date, last: date, connection_id: int | None) -> list[DayRecords]:
    numbers = _days(owner_id, {kind.key: (first, last)}, connection_id).get(kind.key, [])
    rows = data.newest_of_days(
        owner_id, kind=kind.key, first=first, last=last, each=EACH_DAY, connection_id=connection_id
    )
    records = {day: list(group) for day, group in groupby(rows, key=attrgetter("day"))}
    return [DayRecords(day, records.get(day.date.toordinal(), [])) for day in reversed(numbers)]


def one_day(kind: Kind, day: date, owner_id: int, *, page: int = 1, connection_id: int | None = None) -> DayPage | None:
    """One day of a kind and one page of its records, newest first. None: there is no record on it.

    Three queries.
    """
    numbers = _days(owner_id, {kind.key: (day, day)}, connection_id).get(kind.key)
    if not numbers:
        return None
    at = {"limit": DAY_PAGE_SIZE, "offset": (page - 1) * DAY_PAGE_SIZE}
    records = data.on_day(owner_id, kind=kind.key, day=day, connection_id=connection_id, **at)
    return DayPage(numbers[0], records, _origins(owner_id, records))


def _origins(owner_id: int, records: list[RecordRow]) -> Origins:
    types = {record.type for record in records}
    return Origins.of(data.origins(owner_id, types=types) if types else [])


def _overview(owner_id: int, today: date, length: int, only: Kind | None, connection_id: int | None) -> Overview:
    found = data.sources(owner_id, kind=only.key if only else None)
    wanted = [row for row in found if connection_id is None or row.connection_id == connection_id]
    sources = {kind: rows for kind in KINDS.values() if (rows := [row for row in wanted if row.kind == kind.key])}
    spans = {kind: _span(rows, today, length) for kind, rows in sources.items()}
    # The newest day may lie outside the picture: between the two there is none.
    newest = {kind: _newest(rows) for kind, rows in sources.items()}
    asked = {kind.key: (min(span[0], newest[kind]), max(span[1], newest[kind])) for kind, span in spans.items()}
    days = _days(owner_id, asked, connection_id) if asked else {}
    kinds = [
        KindOverview(kind, sources[kind], days[kind.key][-1], _seen(*span, days[kind.key]))
        for kind, span in spans.items()
        if kind.key in days  # it may have gone between the queries
    ]
    return Overview(kinds, _choices(found))


def _choices(sources: Iterable[SourceRow]) -> list[SourceRow]:
    found = {row.connection_id: row for row in sources if row.connection_id is not None}
    return sorted(found.values(), key=lambda row: (row.type, row.connection_id or 0))


def _span(sources: list[SourceRow], today: date, length: int) -> tuple[date, date]:
    """The days of a picture. Where the person was ahead of where they are now, it ends with their tomorrow."""
    last = max(today, min(_newest(sources), today + timedelta(days=1)))
    return last - timedelta(days=length - 1), last


def _newest(sources: Iterable[SourceRow]) -> date:
    return date.fromordinal(max(each.last_day for each in sources))


def _seen(first: date, last: date, days: list[Day]) -> Span:
    return Span(first, last, [each for each in days if first <= each.date <= last])


def _days(owner_id: int, spans: dict[str, tuple[date, date]], connection_id: int | None) -> dict[str, list[Day]]:
    """The days of each kind that have records, the oldest first."""
    rows = data.day_numbers(owner_id, spans=spans, connection_id=connection_id)
    found: dict[str, list[Day]] = {}
    by_kind = attrgetter("kind", "day")
    for (key, _), group in groupby(sorted(rows, key=by_kind), key=by_kind):
        found.setdefault(key, []).append(number_of(KINDS[key], list(group)))
    return found
