"""Whether a record that was read can be a connection here, as far as it can be said without the database."""

from datetime import UTC, datetime
from typing import Any

from dashboard import providers
from dashboard.connections.incoming import NOT_TEXT, Found
from dashboard.connections.staging import Record

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""No record is older, and every later moment has a day in every time zone."""
NEEDED = ("created_datetime", "remote_id", "type")
LARGEST_ID = 2**62
"""Leaves as many 64-bit ids above it for connections to come."""


def check(found: Found, *, now: datetime) -> Record:
    """The record as it may be stored. ValueError with the reason if it may not."""
    if found.wrong:
        raise ValueError(found.wrong)
    properties = found.properties
    missing = [name for name in NEEDED if properties.get(name) is None]
    if missing:
        raise ValueError(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    synced = properties.get("last_sync_time")
    return Record(
        id=_id(properties["remote_id"]),
        line=found.line,
        type=_type(properties["type"]),
        created_at=_moment("created_datetime", properties["created_datetime"], now),
        last_sync_at=None if synced is None else _moment("last_sync_time", synced, now),
    )


def _id(value: Any) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not (text.isascii() and text.isdigit()) or text.startswith("0"):
        raise ValueError(f"remote_id {_shown(value)} is not a whole number from 1 on")
    if len(text) > len(str(LARGEST_ID)) or int(text) > LARGEST_ID:
        raise ValueError(f"remote_id {_shown(value)} is too large; the largest is {LARGEST_ID}")
    return int(text)


def _type(value: Any) -> str:
    known = providers.find(value) if isinstance(value, str) else None
    if known is None:
        raise ValueError(f"unknown type {_shown(value)}")
    return known.type


def _moment(name: str, value: Any, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(value)
        exact = at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} {_shown(value)} is not an ISO 8601 time with offset") from None
    if at.tzinfo is None:
        raise ValueError(f"{name} {_shown(value)} has no offset from UTC")
    if exact < EARLIEST:
        raise ValueError(f"{name} {_shown(value)} is before 1970")
    if exact > now:
        raise ValueError(f"{name} {_shown(value)} is in the future")
    return exact


def _shown(value: Any) -> str:
    """A value of the file as it may stand in a terminal: short, and without control characters."""
    if value is NOT_TEXT:
        return "(an object or a list)"
    shown = ascii(value) if isinstance(value, str) else str(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"
