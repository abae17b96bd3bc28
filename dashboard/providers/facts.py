"""Make facts of a provider's items, as the recordings of a source say."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from dashboard.providers import paths, times
from dashboard.providers.failures import Unavailable
from dashboard.providers.grant import Fact
from dashboard.providers.source import Recording
from dashboard.providers.times import Unreadable
from dashboard.providers.values import id_of, one_line

log = logging.getLogger(__name__)
LONGEST_DETAIL = 100
MOST = 1e9
"""No measure of a body or a day is larger in any of our units."""


def facts_of(recordings: Iterable[Recording], items: Iterable[Any], *, what: str) -> Iterator[Fact]:
    """The facts in some items. One that cannot be read is left out; the log says how many, and why the first was.

    :param what: the type and source, for the log.
    :raises Unavailable: ``odd_answer``, if there are several and not one can be read: then they have another shape.
    """
    recordings, good, bad, why = tuple(recordings), 0, 0, ""
    for item in items:
        try:
            found = [fact for recording in recordings if (fact := fact_of(recording, item))]
        except Unreadable as error:
            bad, why = bad + 1, why or str(error)
            continue
        good += 1
        yield from found
    if bad:
        log.warning("%s: left out %d of %d records; the first: %s", what, bad, bad + good, why)
    if bad > 1 and not good:
        raise Unavailable(f"{what}: no record can be read", code="odd_answer")


def fact_of(recording: Recording, item: Any) -> Fact | None:
    """The fact in an item; None if the item has none of this kind.

    :raises Unreadable: it lacks its id or its time, or a value is no number.
    """
    if not isinstance(item, Mapping):
        raise Unreadable("no object")
    if not paths.fits(item, recording.when):
        return None
    zone = _zone(recording, item)
    at = times.moment(paths.find(item, recording.at), recording.format, zone)
    ended = _ended(recording, item, at, zone)
    value = _value(recording, item, at, ended)
    if value is None and recording.value:
        return None
    told = paths.find(item, recording.day) if recording.day else None
    counted = ended if ended and recording.day_of == "end" else at
    day = times.day(told) if told is not None else counted.date()
    return Fact(
        recording.kind,
        _id(recording, item) or day.isoformat(),
        at.astimezone(UTC),
        day,
        value,
        ended.astimezone(UTC) if ended else None,
        dict(_details(recording, item)),
    )


def _zone(recording: Recording, item: Any) -> tzinfo | None:
    """Where it was, if the item tells."""
    if recording.offset and (found := paths.find(item, recording.offset)) is not None:
        return times.offset(found, recording.offset_format)
    return times.zone(paths.find(item, recording.zone)) if recording.zone else None


def _ended(recording: Recording, item: Any, at: datetime, zone: tzinfo | None) -> datetime | None:
    if recording.ended and (found := paths.find(item, recording.ended)) is not None:
        ended = times.moment(found, recording.format, zone)
    elif recording.lasts and (found := paths.find(item, recording.lasts)) is not None:
        ended = at + times.duration(found, recording.lasts_format)
    else:
        return None
    if ended < at:
        raise Unreadable("an end before the start")
    return ended


def _value(recording: Recording, item: Any, at: datetime, ended: datetime | None) -> float | None:
    if recording.value:
        found = [value for path in recording.value if (value := paths.find(item, path)) is not None]
        total = sum(map(times.number, found)) if found else None
    else:
        total = (ended - at).total_seconds() if ended else None
    if total is None:
        return None
    value = total / recording.divide_by
    if abs(value) > MOST:
        raise Unreadable("a value out of range")
    return round(value, 6)


def _id(recording: Recording, item: Any) -> str | None:
    if recording.id is None:
        return None
    id = id_of(paths.find(item, recording.id))
    if id is None:
        raise Unreadable("no id")
    return id


def _details(recording: Recording, item: Any) -> Iterator[tuple[str, str | int | float | bool]]:
    for name, path in recording.details:
        found = paths.find(item, path)
        if isinstance(found, str) and found:
            yield name, one_line(found)[:LONGEST_DETAIL]
        elif isinstance(found, int | float) and abs(found) <= MOST:
            yield name, found
    for name, path in recording.numbers:
        if (found := paths.find(item, path)) is not None:
            yield name, times.number(found)
