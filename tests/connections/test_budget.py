"""Rate limits: all workers together ask a provider no more often than it allows."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard import providers
from dashboard.connections import budget, due, syncing
from dashboard.connections.budget import Spent
from dashboard.data import clock, db, provider_windows, transaction
from dashboard.providers import ConnectionType, RateLimit
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties

DAY = 86400


def limited(*limits: tuple[int, int]) -> ConnectionType:
    """Strava with other limits."""
    told = tuple(RateLimit(requests=requests, seconds=seconds) for requests, seconds in limits)
    return replace(providers.get("strava"), rate_limits=told)


def used(seconds: int) -> int:
    row = db.session.get(provider_windows.ProviderWindow, ("strava", seconds))
    return row.used if row else 0


def test_of_forty_workers_at_once_as_many_get_through_as_the_limit_says(app: Flask) -> None:
    type = limited((7, DAY))

    def ask(_: int) -> bool:
        with app.app_context():
            try:
                budget.spend(type)
            except Spent:
                return False
            return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(ask, range(40))) == 7


def test_what_one_window_refuses_costs_nothing_of_the_other(app: Flask) -> None:
    type = limited((9, DAY), (1, 12 * 3600))
    budget.spend(type)

    for _ in range(3):
        with pytest.raises(Spent):
            budget.spend(type)

    assert used(DAY) == 1


def test_a_new_window_begins_with_the_clock(app: Flask) -> None:
    now = clock.now()
    type = limited((1, DAY))
    budget.spend(type)
    with pytest.raises(Spent) as told:
        budget.spend(type)
    assert told.value.until == now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

    with transaction():
        yesterday = provider_windows.window_start(now, DAY) - timedelta(days=1)
        db.session.execute(db.update(provider_windows.ProviderWindow).values(started_at=yesterday))

    budget.spend(type)
    assert used(DAY) == 1


def test_a_window_that_a_clock_that_was_ahead_began_is_over_as_soon_as_the_clock_is_right(app: Flask) -> None:
    now = clock.now()
    type = limited((1, DAY))
    for ahead in (timedelta(days=1), timedelta(days=30)):
        with transaction():
            provider_windows.spend("strava", seconds=DAY, requests=1, now=now + ahead)
        assert budget.opens_at(type, now=now) is None

        budget.spend(type)
        assert used(DAY) == 1


def test_without_a_limit_nothing_is_counted(app: Flask) -> None:
    budget.spend(limited())

    assert db.session.execute(db.select(provider_windows.ProviderWindow.type)).all() == []


def test_asked_to_wait_everybody_waits_and_the_longest_wait_counts(app: Flask) -> None:
    now = clock.now()
    for minutes in (5, 20, 10):
        with transaction():
            budget.block("strava", until=now + timedelta(minutes=minutes), now=now)

    with pytest.raises(Spent) as told:
        budget.spend(limited())
    assert told.value.until == now + timedelta(minutes=20)
    budget.spend(replace(providers.get("withings"), rate_limits=()))


def test_a_429_holds_back_all_connections_of_the_type_and_is_no_failure_of_theirs(simulated: ThirdParties) -> None:
    first, second = (
        road.connect(simulated, "whoop", factories.User(), account=account).connection_id
        for account in ("ada", "second")
    )
    simulated.control("whoop", misbehave={"limit": {"retry_after": 600, "on": ["data"]}})
    before = clock.now()

    syncing.sync(first)
    asked = simulated.log("whoop")["requests"]
    syncing.sync(second)

    row = road.row(first)
    assert road.runs(first)[0][:3] == ("failed", 0, "rate_limited")
    assert timedelta(seconds=590) < row.next_sync_at - before < timedelta(seconds=670)
    assert simulated.log("whoop")["requests"] == asked, "the second one did not even ask"
    assert (road.runs(second), road.row(second).failure_count) == ([], 0)
    assert road.row(second).next_sync_at >= before + timedelta(seconds=590)
    assert due.due(clock.now()) == []


def test_where_a_limit_is_a_persons_own_the_others_go_on(simulated: ThirdParties) -> None:
    first, second = (
        road.connect(simulated, "google_health", factories.User(), account=account).connection_id
        for account in ("ada", "second")
    )
    simulated.control("google_health", misbehave={"limit": {"retry_after": 600, "on": ["data"]}})
    before = clock.now()
    syncing.sync(first)
    simulated.control("google_health", misbehave=None)

    syncing.sync(second)

    assert road.runs(first)[0][:3] == ("failed", 0, "rate_limited")
    assert timedelta(seconds=590) < road.row(first).next_sync_at - before < timedelta(seconds=670)
    assert road.runs(second)[0].outcome == "records"


def test_a_window_that_is_used_up_halfway_keeps_what_came(
    simulated: ThirdParties, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.connect(simulated, "withings", factories.User()).connection_id
    spend, asked = budget.spend, []

    def twice(type: Any) -> None:
        asked.append(type)
        spend(replace(type, rate_limits=(RateLimit(requests=2, seconds=DAY),)))

    monkeypatch.setattr(syncing.importing.budget, "spend", twice)
    syncing.sync(made)

    row = road.row(made)
    assert road.runs(made)[0].outcome == "records"
    assert road.records_of(made) == road.runs(made)[0].record_count > 0
    assert (row.failure_count, row.last_sync_at is not None) == (0, True)
    midnight = provider_windows.window_start(clock.now(), DAY) + timedelta(days=1)
    assert midnight <= row.next_sync_at <= midnight + timedelta(minutes=1)


def test_it_is_said_when_a_provider_can_be_asked_again(app: Flask) -> None:
    type, now = limited((1, DAY)), clock.now()
    assert budget.opens_at(type, now=now) is None

    budget.spend(type)
    assert budget.opens_at(type, now=now) == provider_windows.window_start(now, DAY) + timedelta(days=1)

    later = now + timedelta(days=3)
    with transaction():
        budget.block("strava", until=later, now=now)
    assert budget.opens_at(type, now=now) == later, "the longest wait counts"
    assert budget.opens_at(type, now=later - timedelta(seconds=20)) is None
