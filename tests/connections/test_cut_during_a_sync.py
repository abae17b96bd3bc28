"""A connection that is cut during a sync: its provider is told once the sync has let go of it, and not before."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import due, holding, importing, outcomes, refreshing, revocation, revoking, syncing
from dashboard.data import clock, leases, syncs, transaction, untold
from dashboard.data.connections import Connection
from tests import factories
from tests.connections import road
from tests.connections.test_refreshing import TYPE, age, spent
from tests.servers.third_parties import ThirdParties


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def stale(simulated: ThirdParties, ada: Any) -> int:
    """A connection whose sync is due and whose access token has ended."""
    made = road.connect(simulated, TYPE, ada).connection_id
    age(simulated, made)
    return made


def test_the_provider_of_a_connection_that_is_cut_during_a_sync_is_told_once_that_has_ended(
    simulated: ThirdParties, ada: Any, stale: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two would spend one refresh token: the sync, and whoever is to tell the provider."""
    refresh = refreshing.providers.refresh

    def cut(*args: Any) -> Any:
        revocation.disconnect(stale, by=road.who(ada), keep_records=True)
        revoking.revoke(road.end(stale).id)
        assert road.end(stale).tried_at is None
        return refresh(*args)

    monkeypatch.setattr(refreshing.providers, "refresh", cut)
    syncing.sync(stale)
    monkeypatch.undo()

    revoking.revoke(road.end(stale).id)
    assert road.end(stale).done_at is not None
    assert spent(simulated) == (1, 0)


def test_a_sync_that_needs_no_renewal_lets_go_of_a_connection_that_was_cut_meanwhile(
    simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.connect(simulated, TYPE, ada).connection_id
    road.due_now(made)
    page = importing.providers.page

    def cut(*args: Any, **kwargs: Any) -> Any:
        if road.count(Connection, Connection.id == made):
            revocation.disconnect(made, by=road.who(ada), keep_records=True)
        return page(*args, **kwargs)

    monkeypatch.setattr(importing.providers, "page", cut)
    syncing.sync(made)

    revoking.revoke(road.end(made).id)
    assert road.end(made).done_at is not None


def test_a_sync_that_had_read_everything_lets_go_too(
    simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.connect(simulated, TYPE, ada).connection_id
    road.due_now(made)
    succeeded = outcomes.succeeded

    def cut(*args: Any, **kwargs: Any) -> Any:
        revocation.disconnect(made, by=road.who(ada), keep_records=True)
        return succeeded(*args, **kwargs)

    monkeypatch.setattr(syncing.outcomes, "succeeded", cut)
    syncing.sync(made)

    revoking.revoke(road.end(made).id)
    assert road.end(made).done_at is not None


def test_who_dies_during_a_sync_keeps_nobody_from_telling_the_provider(
    simulated: ThirdParties, ada: Any, stale: int
) -> None:
    now = clock.now()
    with transaction():
        assert syncs.take(stale, lease=leases.new(now), now=now)
    revocation.disconnect(stale, by=road.who(ada), keep_records=True)
    ended = road.end(stale).id
    assert ended not in untold.due(now=clock.now(), limit=9)

    later = leases.until(now) + timedelta(seconds=1)
    assert ended in untold.due(now=later, limit=9)


def test_who_stops_during_a_sync_lets_go_of_a_connection_that_was_cut(
    simulated: ThirdParties, ada: Any, stale: int
) -> None:
    now = clock.now()
    with transaction():
        held = syncs.take(stale, lease=leases.new(now), now=now)
    assert held is not None
    with holding.holding(due.SYNC, stale, held.lease_key):
        revocation.disconnect(stale, by=road.who(ada), keep_records=True)
        assert holding.hand_back(due.SYNC, stale)

    revoking.revoke(road.end(stale).id)
    assert road.end(stale).done_at is not None
