"""Records as files: a JSON array for programs, and a table for a spreadsheet. A thousand records are in memory."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from math import isfinite
from typing import Any

import orjson

from dashboard.data import record_reading as data
from dashboard.data import transaction
from dashboard.data.record_reading import RecordRow
from dashboard.events import Event, record
from dashboard.events.export import guarded
from dashboard.records.kinds import KINDS, Kind
from dashboard.who import Who

CHUNK = 1000
COLUMNS = (
    "id", "kind", "day", "measured_at", "ended_at", "value", "unit", "service", "connection_id", "provider_id",
    "stored_at", "details",
)  # fmt: skip
"""The names in both files. ``connection_id`` is empty where the connection was ended and its records kept."""


class Form(StrEnum):
    """How a file is written. The value is also the end of its name."""

    CSV = "csv"
    JSON = "json"


def pieces(form: Form, *, by: Who, kind: Kind | None = None, connection_id: int | None = None) -> Iterator[str]:
    """A person's records as pieces of a file, by kind and day, the oldest first. That it was taken is in their log.

    Each thousand is a query of its own: what comes or goes meanwhile may be in it or not, but nothing stands twice.

    :param kind: only this kind. None: all.
    :param connection_id: only what this connection brought. None: all, with what outlived its connection.
    """
    with transaction():
        record(Event.DATA_DOWNLOADED, by, form=f"records.{form}", kind=kind.key if kind else "")
    chunks = _chunks(by.subject_id, kind.key if kind else None, connection_id)
    return _WRITERS[form](chunks)


def _chunks(owner_id: int, kind: str | None, connection_id: int | None) -> Iterator[list[RecordRow]]:
    last = None
    while rows := data.after(owner_id, last, kind=kind, connection_id=connection_id, limit=CHUNK):
        yield rows
        last = rows[-1]


def _json(chunks: Iterable[list[RecordRow]]) -> Iterator[str]:
    """A JSON array, one record a line."""
    lead = "[\n"
    for rows in chunks:
        yield lead + ",\n".join(orjson.dumps(_document(row)).decode() for row in rows)
        lead = ",\n"
    yield "[]\n" if lead == "[\n" else "\n]\n"


def _csv(chunks: Iterable[list[RecordRow]]) -> Iterator[str]:
    """The headings, and a line a record (RFC 4180). Text that a spreadsheet would compute begins with an apostrophe."""
    yield _lines([COLUMNS])
    for rows in chunks:
        yield _lines(_cells(row) for row in rows)


_WRITERS: dict[Form, Callable[[Iterable[list[RecordRow]]], Iterator[str]]] = {Form.JSON: _json, Form.CSV: _csv}


def _document(row: RecordRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "day": date.fromordinal(row.day),
        "measured_at": _moment(row.measured_at),
        "ended_at": row.ended_at and _moment(row.ended_at),
        "value": _number(row.value),
        "unit": KINDS[row.kind].unit if row.kind in KINDS else None,
        "service": row.type,
        "connection_id": row.connection_id,
        "provider_id": row.provider_id,
        "stored_at": _moment(row.stored_at),
        "details": orjson.loads(row.details),
    }


def _cells(row: RecordRow) -> Iterator[str]:
    document = _document(row) | {"details": "" if row.details == "{}" else row.details}
    for name in COLUMNS:
        value = document[name]
        # A number may begin with a minus; it is a number.
        yield "" if value is None else guarded(value) if isinstance(value, str) else str(value)


def _lines(rows: Iterable[Iterable[str]]) -> str:
    lines = io.StringIO()
    csv.writer(lines, quoting=csv.QUOTE_ALL).writerows(rows)
    return lines.getvalue()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _number(value: float | None) -> float | int | None:
    """Whole numbers without a fraction that was never measured. What is not finite is no number."""
    if value is None or not isfinite(value):
        return None
    return int(value) if value.is_integer() else value
