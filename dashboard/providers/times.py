"""Times, offsets and durations as providers write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = EPOCH + timedelta(days=1)
_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_SECONDS_EACH = {"seconds": 1.0, "ms": 0.001, "minutes": 60.0}


class Unreadable(ValueError):
    """A value is missing, or not what it should be."""


def number(value: Any) -> float:
    """A number, also one that was written as text.

    :raises Unreadable: it is none.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
        return float(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,12})?", value):
        return float(value)
    raise Unreadable("no number")


def moment(value: Any, format: str, zone: tzinfo | None = None) -> datetime:
    """A moment, aware, in the zone where it was if that is told.

    :param format: as in :class:`dashboard.providers.source.Recording`.
    :param zone: where it was; it also gives a local time its meaning.
    :raises Unreadable: it is no time, or lies before 1970.
    """
    try:
        found = _moment(value, format, zone or UTC)
        if found < EARLIEST or found.year > 2200:
            raise Unreadable("out of range")
        return found.astimezone(zone) if zone else found
    except OverflowError as error:
        raise Unreadable("out of range") from error


def _moment(value: Any, format: str, zone: tzinfo) -> datetime:
    if format in {"epoch", "epoch_ms"}:
        return EPOCH + timedelta(seconds=number(value) / (1000 if format == "epoch_ms" else 1))
    if format == "date":
        return datetime.combine(day(value), datetime.min.time(), UTC)
    if not isinstance(value, str) or len(value) > 40:
        raise Unreadable("no time")
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise Unreadable("no time") from error
    if format == "iso_local":
        return found.replace(tzinfo=zone)
    if found.tzinfo is None and format == "iso_utc":
        return found.replace(tzinfo=UTC)
    if found.tzinfo is None:
        raise Unreadable("a time without an offset")
    return found


def day(value: Any) -> date:
    """A date: ``2026-11-20``, what begins so, or ``{"year": 2026, "month": 11, "day": 20}``.

    :raises Unreadable: it is none.
    """
    try:
        if isinstance(value, dict):
            return date(value["year"], value["month"], value["day"])
        return date.fromisoformat(value[:10])
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise Unreadable("no date") from error


def offset(value: Any, format: str) -> timezone:
    """An offset from UTC.

    :param format: ``seconds`` (also as ``7200s``), ``minutes``, or ``iso`` as ``+02:00``.
    :raises Unreadable: it is none, or more than a day.
    """
    if format == "iso":
        found = _OFFSET.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            if value == "Z":
                return UTC
            raise Unreadable("no offset")
        seconds = (int(found[2]) * 3600 + int(found[3]) * 60) * (-1 if found[1] == "-" else 1)
    else:
        value = value.removesuffix("s") if isinstance(value, str) else value
        seconds = int(number(value) * _SECONDS_EACH[format])
    if abs(seconds) >= 86_400:
        raise Unreadable("no offset")
    return timezone(timedelta(seconds=seconds))


def zone(name: Any) -> tzinfo | None:
    """A time zone by its name; None if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        return None


def duration(value: Any, format: str) -> timedelta:
    """How long something took, at most a month.

    :param format: ``seconds``, ``ms``, ``minutes``, or ``iso`` as ``PT1H30M``.
    :raises Unreadable: it is none.
    """
    if format == "iso":
        found = _DURATION.fullmatch(value) if isinstance(value, str) and len(value) > 2 else None
        if found is None:
            raise Unreadable("no duration")
        days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
        total = days * 86_400 + hours * 3600 + minutes * 60 + seconds
    else:
        total = number(value) * _SECONDS_EACH[format]
    if not 0 <= total <= 31 * 86_400:
        raise Unreadable("no duration")
    return timedelta(seconds=total)
