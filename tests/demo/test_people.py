"""The demo's connections: what they say of themselves, their syncs and their records agree in time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo import people
from demo.history import History

NOW = datetime(2026, 11, 24, 20, 15, 30, tzinfo=UTC)
ROWS = [*people.ada(NOW), people.ended(NOW), *people.cleo(NOW, count=80)]
STOPS = ("refused_at", "paused_at", "failed_at")


def ids(row: dict[str, Any]) -> str:
    """A row in a word."""
    return f"{row['type']}-{row['account']}"


def told(row: dict[str, Any]) -> History:
    """What one connection did."""
    history = History()
    history.add(row | {"id": 7, "user_id": 1}, now=NOW)
    return history


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_a_connection_was_made_then_renewed_then_synced_then_stopped(row: dict[str, Any]) -> None:
    synced = [row["renewed_at"], row["last_sync_at"]]
    stops = [row[name] for name in STOPS]
    for order in (synced, [row["last_record_at"], row["last_sync_at"]], [row["last_sync_at"], *stops]):
        moments = [each for each in (row["created_at"], *order, NOW) if each is not None]
        assert moments == sorted(moments)
    assert row["access_expires_at"] is None or row["access_expires_at"] > max(NOW, row["renewed_at"])


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_its_syncs_say_the_same(row: dict[str, Any]) -> None:
    runs = told(row).runs
    good = [run for run in runs if run["outcome"] in {"records", "nothing"}]
    since, last = NOW - timedelta(days=30), [row[name] for name in ("last_sync_at", *STOPS) if row[name]]

    assert all(row["created_at"] < run["started_at"] < run["finished_at"] <= max(last) for run in runs)
    if row["last_sync_at"] and row["last_sync_at"] > since:
        assert good[-1]["finished_at"] == row["last_sync_at"]
    if row["last_record_at"] and row["last_record_at"] > since:
        assert [run["finished_at"] for run in good if run["record_count"]][-1] == row["last_record_at"]
    if row["refused_at"] and row["refused_at"] > since:
        assert (runs[-1]["finished_at"], runs[-1]["outcome"]) == (row["refused_at"], "refused")
    after = [run for run in runs if row["last_sync_at"] and run["finished_at"] > row["last_sync_at"]]
    assert len(after) == max(row["failure_count"], bool(row["refused_at"] or row["paused_at"]) if after else 0)


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_its_days_and_records_add_up(row: dict[str, Any]) -> None:
    history = told(row)

    days = {day["day"]: (day["run_count"], day["record_count"], day["failure_count"]) for day in history.days}
    assert len(days) == len(history.days)
    assert sum(runs for runs, _, _ in days.values()) == len(history.runs)
    assert sum(records for _, records, _ in days.values()) == len(history.records)
    assert sum(fails for _, _, fails in days.values()) == sum(run["failure_code"] is not None for run in history.runs)
    assert all(each["measured_at"] <= row["last_record_at"] for each in history.records)
    assert len({each["provider_id"] for each in history.records}) == len(history.records)


def test_the_cast_shows_every_kind_of_grant() -> None:
    ends = [row["access_expires_at"] for row in people.ada(NOW) if row["refused_at"] is None]

    assert None in ends
    assert sum(end is not None for end in ends) > 3
