"""Facts of a provider as rows: stored once, whatever it sends twice."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import orjson

from dashboard import providers
from dashboard.data import records
from dashboard.providers import Fact

ID_LENGTH = 200
CHUNK = 500


def store(connection_id: int, *, owner_id: int, type: str, facts: Sequence[Fact], now: datetime) -> int:
    """Store facts, or what is new of them; how many records are new. The caller holds the connection's row.

    What is older than it may stay is left out: else what was deleted in time came back with the next sync.
    """
    days = providers.keep_days(providers.get(type))
    oldest = now - timedelta(days=days) if days else None
    rows = {
        (fact.kind, fact.provider_id): _row(fact, now)
        for fact in facts
        if oldest is None or (fact.ended_at or fact.measured_at) >= oldest
    }
    return sum(
        records.store(connection_id, owner_id=owner_id, type=type, rows=chunk) for chunk in _chunks(rows.values())
    )


def provider_id(text: str) -> str:
    """A provider's id as it can be stored: a NUL can't, and what is too long for an index is told by its digest."""
    plain = text.replace("\0", "")
    return plain if len(plain) <= ID_LENGTH else hashlib.sha256(plain.encode(errors="replace")).hexdigest()


def _row(fact: Fact, now: datetime) -> dict[str, Any]:
    return {
        "kind": fact.kind,
        "provider_id": provider_id(fact.provider_id),
        "measured_at": fact.measured_at,
        "ended_at": fact.ended_at,
        "day": fact.day.toordinal(),
        "stored_at": now,
        "value": fact.value,
        "details": orjson.dumps(dict(fact.details)).decode(),
    }


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
