"""Syncing: once, whatever the number of workers; nothing lost, nothing doubled, nothing written too late."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import due, holding, importing, revocation, syncing
from dashboard.connections.due import Due
from dashboard.data import clock, leases, syncs, transaction
from dashboard.data.history import SyncDay, SyncRun
from dashboard.data.records import Record
from dashboard.providers import agreements
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def connected(simulated: ThirdParties, ada: Any) -> int:
    """A connection whose first sync is due."""
    return road.connect(simulated, "strava", ada).connection_id


@pytest.fixture
def synced(connected: int) -> int:
    """A connection that has synced once."""
    syncing.sync(connected)
    return connected


def test_it_stores_what_is_new_and_says_how_it_went(connected: int) -> None:
    before, count = clock.now(), road.workouts()

    syncing.sync(connected)

    row = road.row(connected)
    assert [run[:4] for run in road.runs(connected)] == [("records", count, None, "connect")]
    assert road.records_of(connected) == count
    assert before <= row.last_sync_at == row.last_record_at <= clock.now()
    assert row.overdue_at == row.last_sync_at + timedelta(hours=6)
    assert row.quiet_at == row.last_sync_at + timedelta(days=14)
    assert timedelta(hours=2.6) < row.next_sync_at - row.last_sync_at < timedelta(hours=3.4)
    assert (row.lease_key, row.lease_until, row.due_why, row.progress_count) == (None, None, None, 0)
    assert road.count(SyncDay, SyncDay.run_count == 1, SyncDay.record_count == count) == 1
    assert (row.strip, row.strip_day) == (" " * 29 + "z", row.last_sync_at.toordinal())


def test_what_is_not_due_is_left_alone(simulated: ThirdParties, synced: int) -> None:
    asked = simulated.log("strava")["requests"]

    syncing.sync(synced)
    syncing.sync(10**9)

    assert simulated.log("strava")["requests"] == asked


def test_the_next_sync_asks_from_where_the_last_one_ended_and_stores_nothing_twice(
    simulated: ThirdParties, synced: int
) -> None:
    count = road.records_of(synced)
    simulated.control("strava", happen={"account": "ada", "what": "workout", "count": 2})
    road.due_now(synced)

    syncing.sync(synced)

    assert [(run.outcome, run.record_count) for run in road.runs(synced)] == [("records", count), ("records", 2)]
    assert road.records_of(synced) == count + 2


def test_a_correction_replaces_the_record(synced: int) -> None:
    with transaction():
        syncs.db.session.execute(syncs.db.update(Record).values(value=0.5))
    road.due_now(synced)

    syncing.sync(synced)

    assert road.count(Record, Record.value == 0.5) == 0
    assert road.runs(synced)[-1].outcome == "nothing"


def test_nothing_new_for_long_keeps_the_moment_of_the_last_record(synced: int) -> None:
    before = road.row(synced).last_record_at
    road.due_now(synced)

    syncing.sync(synced)

    row = road.row(synced)
    assert row.last_record_at == before < row.last_sync_at
    assert row.quiet_at == before + timedelta(days=14)


def test_of_fifty_workers_on_one_connection_one_syncs(app: Flask, simulated: ThirdParties, connected: int) -> None:
    def work(_: int) -> None:
        with app.app_context():
            syncing.sync(connected)

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(work, range(50)))

    assert road.count(SyncRun) == 1
    assert max(simulated.log("strava")["most_at_once"].values()) == 1


def test_a_sync_that_ends_after_the_disconnect_writes_nothing(
    simulated: ThirdParties, ada: Any, connected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = importing.providers.page

    def late(*args: Any, **kwargs: Any) -> Any:
        page = ask(*args, **kwargs)
        revocation.disconnect(connected, by=road.who(ada), keep_records=True)
        return page

    monkeypatch.setattr(importing.providers, "page", late)
    syncing.sync(connected)

    assert road.row(connected) is None
    assert road.count(Record) == road.count(SyncRun) == 0


def test_a_worker_that_was_too_slow_writes_nothing(app: Flask, connected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lease ran out, somebody else took the row and is still at it."""
    ask = importing.providers.page

    def slow(*args: Any, **kwargs: Any) -> Any:
        now = clock.now()
        road.change(connected, lease_until=now - timedelta(seconds=1))
        with transaction():
            assert syncs.take(connected, lease=leases.new(now), now=now) is not None
        return ask(*args, **kwargs)

    monkeypatch.setattr(importing.providers, "page", slow)
    syncing.sync(connected)

    assert road.count(Record) == road.count(SyncRun) == 0
    assert road.row(connected).lease_key is not None


def test_who_is_killed_loses_the_row_once_the_lease_is_over(connected: int) -> None:
    now = clock.now()
    with transaction():
        assert syncs.take(connected, lease=leases.new(now), now=now) is not None
    assert Due("sync", connected) not in due.due(clock.now())
    syncing.sync(connected)
    assert road.runs(connected) == []

    road.change(connected, lease_until=clock.now() - timedelta(seconds=1))

    assert due.due(clock.now()) == [Due("sync", connected)]
    syncing.sync(connected)
    assert road.records_of(connected) == road.workouts()


def test_a_process_that_stops_hands_its_lease_back(app: Flask, connected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, handed = importing.providers.page, []

    def stopped(*args: Any, **kwargs: Any) -> Any:
        page = ask(*args, **kwargs)
        handed.append(holding.hand_back("sync", connected))
        return page

    monkeypatch.setattr(importing.providers, "page", stopped)
    syncing.sync(connected)

    assert handed == [True]
    assert road.runs(connected) == []
    assert due.due(clock.now()) == [Due("sync", connected)], "another process goes on at once"
    assert holding.hand_back("sync", connected) is False


def test_a_long_history_is_read_in_several_syncs_and_nobody_waits_behind_it(
    simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.connect(simulated, "concept2", ada).connection_id
    syncing.sync(made)
    everything = road.records_of(made)
    revocation.disconnect(made, by=road.who(ada), keep_records=False)

    monkeypatch.setattr(importing, "MOST_PAGES", 1)
    made = road.connect(simulated, "concept2", ada).connection_id
    counts = []
    while Due("sync", made) in due.due(clock.now()):
        syncing.sync(made)
        counts.append(road.records_of(made))

    assert counts == sorted(counts)
    assert (len(counts) > 1, counts[-1]) == (True, everything)
    assert {run.failure_code for run in road.runs(made)} == {None}


def test_what_was_stored_stays_when_the_provider_fails_halfway(simulated: ThirdParties, ada: Any) -> None:
    made = road.connect(simulated, "withings", ada).connection_id
    ask, asked = importing.providers.page, []

    def fails_later(*args: Any, **kwargs: Any) -> Any:
        asked.append(kwargs["source"])
        if len(asked) == 2:
            simulated.control("withings", misbehave={"error": {"on": ["data"], "times": 9}})
        return ask(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing.providers, "page", fails_later)
        syncing.sync(made)
    simulated.control("withings", misbehave=None)

    stored = road.records_of(made)
    assert road.runs(made)[0][:3] == ("failed", stored, "server_error")
    assert stored > 0
    assert list(json.loads(road.row(made).cursors)) == asked[:1]
    road.due_now(made)
    syncing.sync(made)
    assert asked[:1] != [], "the first source is not read anew"
    assert road.runs(made)[1].record_count == road.records_of(made) - stored


def test_a_retired_type_stops_trying_and_is_asked_nothing(simulated: ThirdParties, ada: Any) -> None:
    made = factories.Connection(user=ada, type="fitbit", next_sync_at=clock.now())

    syncing.sync(made.id)

    assert road.row(made.id).next_sync_at is None
    assert road.runs(made.id) == []
    assert simulated.log("fitbit")["requests"] == {}


def test_without_credentials_it_rests_and_comes_back_by_itself(simulated: ThirdParties, connected: int) -> None:
    known = agreements.of("strava")
    agreements.use({}, simulated=simulated.url)

    syncing.sync(connected)

    row = road.row(connected)
    assert (row.failure_code, row.refused_at) == ("no_credentials", None)
    assert row.paused_at is not None
    assert timedelta(minutes=50) < row.next_sync_at - row.paused_at < timedelta(minutes=70)
    agreements.use({"strava": known}, simulated=simulated.url)
    road.due_now(connected)
    syncing.sync(connected)
    assert (road.row(connected).paused_at, road.row(connected).failure_code) == (None, None)


def test_a_mistake_of_ours_is_told_kept_apart_and_not_tried_at_once(
    connected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(importing.providers, "page", broken)
        with pytest.raises(ZeroDivisionError):
            syncing.sync(connected)

    row = road.row(connected)
    assert (row.failure_code, row.failure_count, row.lease_key, row.refused_at) == ("broken", 1, None, None)
    assert row.next_sync_at > clock.now() + timedelta(minutes=1)


def test_what_a_sync_did_is_kept_for_ninety_days(synced: int) -> None:
    old = clock.now() - timedelta(days=91)
    factories.SyncRun(connection_id=synced, started_at=old)
    with transaction():
        syncs.db.session.execute(syncs.db.delete(SyncDay))
        syncs.db.session.execute(syncs.db.insert(SyncDay), [{"connection_id": synced, "day": old.toordinal()}])
    road.due_now(synced)

    syncing.sync(synced)

    assert road.count(SyncRun) == 2
    assert road.count(SyncDay) == 1


def test_work_that_becomes_due_is_said_inside_its_transaction(simulated: ThirdParties, ada: Any) -> None:
    told: list[tuple[str, int, bool]] = []

    def hear(kind: str, *, id: int, **_: Any) -> None:
        told.append((kind, id, syncs.db.session.info["writing"]))

    with due.work_due.connected_to(hear):
        made = road.connect(simulated, "strava", ada).connection_id
        syncing.sync(made)
        syncing.sync_now(made, by=road.who(ada))
        revocation.disconnect(made, by=road.who(ada), keep_records=False)

    assert told == [("sync", made, True), ("sync", made, True), ("revocation", road.end(made).id, True)]
