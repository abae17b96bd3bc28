"""Refreshing: a refresh token is spent once, and what the provider gives for it is never lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import holding, importing, refreshing, revocation, revoking, syncing
from dashboard.data import clock, leases, syncs, transaction, vault
from dashboard.events import Event
from dashboard.providers import AccessExpired, NotShared, Unavailable
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties

TYPE = "whoop"
"""Its access tokens last an hour, and each refresh token holds once."""


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def stale(simulated: ThirdParties, ada: Any) -> int:
    """A connection whose sync is due and whose access token has ended."""
    made = road.connect(simulated, TYPE, ada).connection_id
    age(simulated, made)
    return made


def age(simulated: ThirdParties, connection_id: int) -> None:
    """Let the access token end, here and there, and make a sync due."""
    simulated.control(TYPE, expire=True)
    road.due_now(connection_id, access_expires_at=clock.now() - timedelta(seconds=1))


def spent(simulated: ThirdParties) -> tuple[int, int]:
    """How many refresh tokens were spent, and how often one was presented again."""
    log = simulated.log(TYPE)
    return sum(log["refreshed"].values()), sum(log["spent_twice"].values())


def test_fifty_workers_on_one_connection_spend_one_refresh(app: Flask, simulated: ThirdParties, stale: int) -> None:
    def work(_: int) -> None:
        with app.app_context():
            syncing.sync(stale)

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(work, range(50)))

    assert spent(simulated) == (1, 0)
    assert [run.outcome for run in road.runs(stale)] == ["records"]


def test_three_refreshes_in_a_row_each_spend_the_token_of_the_one_before(simulated: ThirdParties, stale: int) -> None:
    seen = {vault.open(road.row(stale).refresh_token)}
    for _ in range(3):
        syncing.sync(stale)
        seen.add(vault.open(road.row(stale).refresh_token))
        age(simulated, stale)

    assert spent(simulated) == (3, 0)
    assert len(seen) == 4
    assert [run.failure_code for run in road.runs(stale)] == [None] * 3


def test_what_the_provider_finds_expired_is_renewed_though_our_clock_says_otherwise(
    simulated: ThirdParties, ada: Any
) -> None:
    made = road.connect(simulated, TYPE, ada).connection_id
    simulated.control(TYPE, expire=True)

    syncing.sync(made)

    assert spent(simulated) == (1, 0)
    assert [run.outcome for run in road.runs(made)] == ["records"]


def test_a_rotated_token_is_committed_before_it_is_used(
    simulated: ThirdParties, stale: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, stored = syncing.importing.providers.page, []

    def asked(_type: Any, grant: Any, **kwargs: Any) -> Any:
        assert syncs.db.session.info.get("writing") is not True
        stored.append(vault.open(road.row(stale).access_token) == grant.access_token)
        return ask(_type, grant, **kwargs)

    monkeypatch.setattr(syncing.importing.providers, "page", asked)
    syncing.sync(stale)

    assert stored
    assert all(stored)


def test_a_refresh_says_when(stale: int) -> None:
    before = clock.now()

    syncing.sync(stale)

    row = road.row(stale)
    assert row.renewed_at >= before
    assert timedelta(minutes=58) < row.access_expires_at - before < timedelta(minutes=62)


def test_a_refusal_is_believed_at_the_second_try_some_minutes_later(
    simulated: ThirdParties, ada: Any, stale: int
) -> None:
    simulated.control(TYPE, misbehave={"grant": True})

    syncing.sync(stale)

    row = road.row(stale)
    assert (row.refused_at, row.failure_code, row.failure_count) == (None, "refused", 1)
    assert timedelta(minutes=2) <= row.next_sync_at - row.refusal_seen_at <= timedelta(minutes=4)
    road.due_now(stale)
    syncing.sync(stale)
    assert road.row(stale).refused_at is None, "a try in between proves nothing"
    road.due_now(stale, refusal_seen_at=clock.now() - timedelta(minutes=3))
    syncing.sync(stale)

    row = road.row(stale)
    assert row.refused_at is not None
    assert (row.next_sync_at, row.failure_code) == (None, "refused")
    assert [run.outcome for run in road.runs(stale)] == ["failed", "failed", "refused"]
    assert road.events(ada).count(Event.CONNECTION_REFUSED) == 1
    assert spent(simulated) == (0, 0)


def test_a_refusal_during_an_outage_is_forgotten_by_the_next_success(simulated: ThirdParties, stale: int) -> None:
    simulated.control(TYPE, misbehave={"grant": {"times": 1}})
    syncing.sync(stale)
    road.due_now(stale)

    syncing.sync(stale)

    row = road.row(stale)
    assert (row.refusal_seen_at, row.failure_code, row.failure_count) == (None, None, 0)


def test_a_refused_grant_stops_all_tries(simulated: ThirdParties, stale: int) -> None:
    road.due_now(stale, refused_at=clock.now())

    syncing.sync(stale)

    assert simulated.log(TYPE)["refreshes"] == {}


def test_our_own_wrong_secret_is_no_refusal_of_the_person(simulated: ThirdParties, ada: Any, stale: int) -> None:
    simulated.control(TYPE, misbehave={"client": True})

    for _ in range(2):
        syncing.sync(stale)
        road.due_now(stale, refusal_seen_at=None)

    row = road.row(stale)
    assert (row.refused_at, row.failure_code) == (None, "client_refused")
    assert row.paused_at is not None
    assert Event.CONNECTION_REFUSED not in road.events(ada)


def test_a_connection_cut_while_its_token_is_renewed_has_the_new_one_revoked(
    simulated: ThirdParties, ada: Any, stale: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh = refreshing.providers.refresh

    def late(*args: Any) -> Any:
        fresh = refresh(*args)
        revocation.disconnect(stale, by=road.who(ada), keep_records=True)
        return fresh

    monkeypatch.setattr(refreshing.providers, "refresh", late)
    syncing.sync(stale)
    revoking.revoke(road.end(stale).id)

    assert road.runs(stale) == []
    assert road.end(stale).done_at is not None
    assert [each["account"] for each in simulated.log(TYPE)["revocations"]] == ["ada"]
    assert spent(simulated) == (1, 0)


def test_who_lost_the_lease_while_a_token_was_renewed_keeps_the_new_one_anyway(
    simulated: ThirdParties, stale: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one is worth nothing by then: whoever holds the row now would be refused."""
    refresh = refreshing.providers.refresh

    def slow(*args: Any) -> Any:
        fresh = refresh(*args)
        now = clock.now()
        road.change(stale, lease_until=now - timedelta(seconds=1))
        return fresh

    monkeypatch.setattr(refreshing.providers, "refresh", slow)
    with monkeypatch.context() as patch:
        patch.setattr(refreshing.grants, "renew", lambda *_, **__: False)
        syncing.sync(stale)
    monkeypatch.undo()

    assert road.runs(stale) == []
    road.due_now(stale)
    syncing.sync(stale)
    assert [run.outcome for run in road.runs(stale)] == ["records"]
    assert spent(simulated) == (1, 0)


def test_a_lease_is_not_handed_back_while_a_token_is_spent(
    simulated: ThirdParties, stale: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh, handed = refreshing.providers.refresh, []

    def stopped(*args: Any) -> Any:
        handed.append(holding.hand_back("sync", stale))
        return refresh(*args)

    monkeypatch.setattr(refreshing.providers, "refresh", stopped)
    syncing.sync(stale)

    assert handed == [False]
    assert spent(simulated) == (1, 0)


def test_who_lost_the_lease_before_a_renewal_spends_no_refresh_token(
    simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that was suspended, or answers that were slow: somebody else has the connection by then."""
    made = road.connect(simulated, TYPE, ada).connection_id
    simulated.control(TYPE, expire=True)
    page, suspended = importing.providers.page, []

    def stand_still(*args: Any, **kwargs: Any) -> Any:
        if suspended:
            return page(*args, **kwargs)
        suspended.append(True)
        road.change(made, lease_until=clock.now() - timedelta(seconds=1))
        syncing.sync(made)
        raise AccessExpired

    monkeypatch.setattr(importing.providers, "page", stand_still)
    syncing.sync(made)

    assert spent(simulated) == (1, 0)
    assert [run.outcome for run in road.runs(made)] == ["records"]


@pytest.fixture
def short_lease(app: Flask) -> Iterator[None]:
    """The shortest lease that an operator may set."""
    leases.use(60)
    yield
    leases.use(app.config["LEASE_SECONDS"])


@pytest.mark.usefixtures("short_lease")
def test_slow_answers_before_a_renewal_give_nobody_else_the_lease(
    simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.connect(simulated, TYPE, ada).connection_id
    now, slept, taken = clock.now, [], []

    def slow(*_: Any, **__: Any) -> Any:
        slept.append(timedelta(seconds=25))
        raise NotShared if len(slept) < 3 else AccessExpired

    def refresh(*_: Any) -> Any:
        with transaction():
            taken.append(syncs.take(made, lease=leases.new(clock.now()), now=clock.now()))
        raise Unavailable

    monkeypatch.setattr(clock, "now", lambda: now() + sum(slept, timedelta()))
    monkeypatch.setattr(importing.providers, "page", slow)
    monkeypatch.setattr(refreshing.providers, "refresh", refresh)
    syncing.sync(made)

    assert taken == [None]


def test_a_lease_lost_between_two_pages_is_noticed(simulated: ThirdParties, stale: int) -> None:
    now = clock.now()
    with transaction():
        held = syncs.take(stale, lease=leases.new(now), now=now)
    assert held is not None
    with transaction():
        assert syncs.hold(stale, key=held.lease_key, until=now + timedelta(minutes=1)) is True
        assert syncs.hold(stale, key="somebody else's", until=now + timedelta(minutes=9)) is False
    assert road.row(stale).lease_until == now + timedelta(minutes=1)
