"""Asking for a sync by hand: at once, once, and only where it can be."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import budget, due, syncing
from dashboard.connections.due import Due
from dashboard.connections.syncing import MustWait, NotAsked
from dashboard.data import clock, leases, syncs, transaction
from dashboard.errors import NoSuchConnection
from dashboard.events import Event
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def synced(simulated: ThirdParties, ada: Any) -> int:
    """A connection that has synced once."""
    made = road.connect(simulated, "strava", ada).connection_id
    syncing.sync(made)
    return made


def test_asked_for_by_hand_it_is_due_at_once_and_only_once(ada: Any, synced: int) -> None:
    assert syncing.sync_now(synced, by=road.who(ada)) is True
    assert syncing.sync_now(synced, by=road.who(ada)) is False

    assert due.due(clock.now()) == [Due("sync", synced)]
    syncing.sync(synced)
    assert road.runs(synced)[-1].why == "person"
    assert road.row(synced).due_why is None
    assert road.events(ada).count(Event.SYNC_REQUESTED) == 1


def test_asked_for_while_one_runs_no_second_one_begins(ada: Any, synced: int) -> None:
    road.due_now(synced)
    now = clock.now()
    with transaction():
        syncs.take(synced, lease=leases.new(now), now=now)

    assert syncing.sync_now(synced, by=road.who(ada)) is False


def test_of_ten_clicks_at_once_one_asks(app: Flask, ada: Any, synced: int) -> None:
    def click(_: int) -> bool:
        with app.app_context():
            return syncing.sync_now(synced, by=road.who(ada))

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(click, range(10))) == 1


@pytest.mark.parametrize("trait", ["refused", "paused"])
def test_what_needs_somebody_first_can_not_be_synced_by_hand(simulated: ThirdParties, ada: Any, trait: str) -> None:
    made = factories.Connection(user=ada, type="strava", **{trait: True})

    with pytest.raises(NoSuchConnection):
        syncing.sync_now(made.id, by=road.who(ada))


@pytest.mark.parametrize("type", ["garmin", "jawboneup"])
def test_where_nothing_can_be_asked_for_it_is_not_offered(simulated: ThirdParties, ada: Any, type: str) -> None:
    made = factories.Connection(user=ada, type=type)

    with pytest.raises(NotAsked):
        syncing.sync_now(made.id, by=road.who(ada))


def test_somebody_elses_connection_can_not_be_synced(app: Flask, synced: int) -> None:
    with pytest.raises(NoSuchConnection):
        syncing.sync_now(synced, by=road.who(factories.User()))


def test_while_the_provider_lets_nobody_in_it_is_refused_with_the_time(ada: Any, synced: int) -> None:
    before, now = road.row(synced).next_sync_at, clock.now()
    with transaction():
        budget.block("strava", until=now + timedelta(hours=1), now=now)

    with pytest.raises(MustWait) as told:
        syncing.sync_now(synced, by=road.who(ada))

    assert told.value.opens_at == now + timedelta(hours=1)
    assert road.row(synced).next_sync_at == before
    assert Event.SYNC_REQUESTED not in road.events(ada)
