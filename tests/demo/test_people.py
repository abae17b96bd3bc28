"""The demo's connections: what they say of themselves, their syncs and their records agree in time."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard import providers
from dashboard.data import connections, db
from dashboard.data.records import Record
from dashboard.data.users import User
from dashboard.providers import Fact
from demo import load, people
from demo.history import History, tell

NOW = datetime(2026, 11, 24, 20, 15, 30, tzinfo=UTC)
ROWS = [*people.ada(NOW), people.ended(NOW), *people.cleo(NOW, count=80)]
STOPS = ("refused_at", "paused_at", "failed_at")


def ids(row: dict[str, Any]) -> str:
    """A row in a word."""
    return f"{row['type']}-{row['key']}"


def facts(row: dict[str, Any]) -> list[Fact]:
    """A weight each morning of the last fortnight."""
    at = [NOW - timedelta(days=back, hours=13) for back in range(14)]
    return [Fact("weight", str(place), each, each.date(), 71.0) for place, each in enumerate(at)]


def told(row: dict[str, Any]) -> tuple[dict[str, Any], History]:
    """A connection with what it did."""
    history = tell(row, facts(row), now=NOW)
    return people.with_last_record(row, history.last_record_at or row["last_record_at"]), history


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_a_connection_was_made_then_renewed_then_synced_then_stopped(row: dict[str, Any]) -> None:
    row, _ = told(row)
    synced = [row["renewed_at"], row["last_sync_at"]]
    stops = [row[name] for name in STOPS]
    for order in (synced, [row["last_record_at"], row["last_sync_at"]], [row["last_sync_at"], *stops]):
        moments = [each for each in (row["created_at"], *order, NOW) if each is not None]
        assert moments == sorted(moments)
    assert row["access_expires_at"] > row["renewed_at"]


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_its_syncs_say_the_same(row: dict[str, Any]) -> None:
    row, history = told(row)
    runs = history.runs
    good = [run for run in runs if run["outcome"] in {"records", "nothing"}]
    since, last = NOW - timedelta(days=30), [row[name] for name in ("last_sync_at", *STOPS) if row[name]]

    assert all(row["created_at"] < run["started_at"] < run["finished_at"] <= max(last) for run in runs)
    if row["last_sync_at"] and row["last_sync_at"] > since:
        assert good[-1]["finished_at"] == row["last_sync_at"]
    if row["last_record_at"] and row["last_record_at"] > since:
        assert [run["finished_at"] for run in good if run["record_count"]][-1:] in ([], [row["last_record_at"]])
    if row["refused_at"] and row["refused_at"] > since:
        assert (runs[-1]["finished_at"], runs[-1]["outcome"]) == (row["refused_at"], "refused")
    after = [run for run in runs if row["last_sync_at"] and run["finished_at"] > row["last_sync_at"]]
    assert len(after) == max(row["failure_count"], bool(row["refused_at"] or row["paused_at"]) if after else 0)


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_its_days_and_records_add_up(row: dict[str, Any]) -> None:
    row, history = told(row)
    days = {day["day"]: (day["run_count"], day["record_count"], day["failure_count"]) for day in history.days}
    keep = providers.keep_days(providers.get(row["type"]))

    assert len(days) == len(history.days)
    assert sum(runs for runs, _, _ in days.values()) == len(history.runs)
    assert sum(fails for _, _, fails in days.values()) == sum(run["failure_code"] is not None for run in history.runs)
    assert sum(records for _, records, _ in days.values()) == sum(run["record_count"] for run in history.runs)
    if keep is None:
        assert sum(run["record_count"] for run in history.runs) == len(history.records)
    else:
        assert all(each["stored_at"] > NOW - timedelta(days=keep) for each in history.records)
    assert all(each["measured_at"] <= each["stored_at"] <= row["last_record_at"] for each in history.records)
    assert len({(each["kind"], each["provider_id"]) for each in history.records}) == len(history.records)


def test_the_cast_shows_grants_that_hold_and_some_that_ran_out() -> None:
    ends = [row["access_expires_at"] for row in people.ada(NOW) if row["refused_at"] is None]

    assert sum(end > NOW for end in ends) > 3
    assert any(end <= NOW for end in ends)


def test_an_account_is_connected_once() -> None:
    assert max(Counter((row["type"], row["remote_account_id"]) for row in ROWS).values()) == 1


def test_loaded_ada_has_every_state_and_records_of_every_common_kind(app: Flask) -> None:
    assert load.load("https://id.example")
    assert not load.load("https://id.example"), "a second time changes nothing"

    now = datetime.now(UTC)
    retired = [each.type for each in providers.all_types() if each.retired(now.date())]
    state = connections.state_of(now=now, retired=retired)
    ada = db.session.execute(db.select(User.id).where(User.email == "user@demo.test")).scalar_one()
    rows = db.session.execute(
        db.select(connections.Connection.type, state).where(connections.Connection.user_id == ada)
    )
    states = {row[0]: row[1] for row in rows}
    assert set(states.values()) == set(connections.State)
    assert (states["whoop"], states["oura"], states["strava"]) == ("reconnect", "quiet", "delayed")
    kinds = set(db.session.execute(db.select(Record.kind).where(Record.user_id == ada)).scalars())
    assert kinds >= {"steps", "sleep", "workout", "weight", "body_fat", "heart_rate", "blood_pressure"}
