"""What providers tell by themselves: proved, it counts; unproved, it is a hint that a sync confirms."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import due, noticing, syncing
from dashboard.connections.due import Due
from dashboard.data import clock, leases, syncs, transaction
from dashboard.data.mails import Mail
from dashboard.data.records import Record
from dashboard.events import Event
from dashboard.providers import Answered, Fact, Notice
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties

AT = factories.now() - timedelta(days=4)


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def tell(app: Flask) -> Callable[..., None]:
    """``tell(connection, proved=…, …)``: its provider says something of its account."""

    def told(connection: Any, *, proved: bool = True, **said: Any) -> None:
        notice = Notice(connection.remote_account_id, proved, **said)
        noticing.notice(connection.type, Answered(notices=(notice,)))

    return told


@pytest.fixture
def connection(ada: Any) -> Any:
    """Ada's connection, which last synced twelve minutes ago."""
    return factories.Connection(user=ada, type="strava")


def fact(id: str = "w-1", value: float = 71.5) -> Fact:
    return Fact("weight", id, AT, AT.date(), value)


@pytest.mark.parametrize("proved", [True, False])
def test_news_cause_a_sync_at_once(tell: Callable[..., None], connection: Any, proved: bool) -> None:
    tell(connection, proved=proved)

    assert due.due(clock.now()) == [Due("sync", connection.id)]
    assert road.row(connection.id).due_why == "webhook"


@pytest.mark.parametrize(("proved", "wait"), [(True, 1), (False, 10)])
def test_a_flood_of_news_causes_one_sync_in_a_while(
    tell: Callable[..., None], ada: Any, proved: bool, wait: int
) -> None:
    synced_at = clock.now()
    busy = factories.Connection(user=ada, type="strava", last_sync_at=synced_at)

    for _ in range(20):
        tell(busy, proved=proved)

    assert due.due(clock.now()) == []
    assert road.row(busy.id).next_sync_at == synced_at + timedelta(minutes=wait)


def test_news_during_a_sync_are_read_by_another_one(
    simulated: ThirdParties, ada: Any, tell: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.connect(simulated, "strava", ada).connection_id
    ask = syncing.importing.providers.page

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        page = ask(*args, **kwargs)
        tell(road.row(made))
        return page

    with monkeypatch.context() as patch:
        patch.setattr(syncing.importing.providers, "page", meanwhile)
        syncing.sync(made)

    assert due.due(clock.now()) == [Due("sync", made)]
    assert road.row(made).due_why == "webhook"
    syncing.sync(made)
    assert [run.why for run in road.runs(made)] == ["connect", "webhook"]


def test_a_proved_end_turns_the_card_to_reconnect_with_its_reason(
    tell: Callable[..., None], ada: Any, connection: Any
) -> None:
    tell(connection, ended=True)

    row = road.row(connection.id)
    assert (row.failure_code, row.next_sync_at) == ("withdrawn", None)
    assert row.refused_at is not None
    assert road.events(ada) == [Event.CONNECTION_REFUSED]
    assert road.count(Mail, Mail.connection_id == connection.id, Mail.name == "reconnect") == 1


def test_said_twice_it_is_told_once(app: Flask, tell: Callable[..., None], ada: Any, connection: Any) -> None:
    def say(_: int) -> None:
        with app.app_context():
            tell(connection, ended=True)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(say, range(4)))

    assert road.events(ada) == [Event.CONNECTION_REFUSED]
    assert road.count(Mail) == 1


def test_an_end_takes_the_lease_from_a_sync_that_runs(tell: Callable[..., None], connection: Any) -> None:
    now = clock.now()
    road.due_now(connection.id)
    with transaction():
        held = syncs.take(connection.id, lease=leases.new(now), now=clock.now())
    assert held is not None

    tell(connection, ended=True)

    with transaction():
        assert syncs.hold(connection.id, key=held.lease_key, until=now) is False


def test_an_unproved_end_is_only_a_reason_to_look(simulated: ThirdParties, ada: Any, tell: Callable[..., None]) -> None:
    made = road.connect(simulated, "withings", ada).connection_id
    syncing.sync(made)
    road.change(made, last_sync_at=clock.now() - timedelta(hours=1))

    tell(road.row(made), proved=False, ended=True)

    assert road.row(made).refused_at is None
    syncing.sync(made)
    assert road.row(made).failure_code is None, "anybody could have said it; it was not true"


def test_an_unproved_end_that_is_true_is_found_out(
    simulated: ThirdParties, ada: Any, tell: Callable[..., None]
) -> None:
    made = road.connect(simulated, "withings", ada).connection_id
    simulated.control("withings", revoke=True)

    tell(road.row(made), proved=False, ended=True)
    for _ in range(2):
        syncing.sync(made)
        road.due_now(made, refusal_seen_at=clock.now() - timedelta(minutes=3))

    assert road.row(made).refused_at is not None


def test_who_only_sends_is_asked_by_a_refresh(simulated: ThirdParties, ada: Any, tell: Callable[..., None]) -> None:
    """Garmin may not be polled: that the grant still holds is what its token endpoint says."""
    made = road.connect(simulated, "garmin", ada).connection_id
    syncing.sync(made)
    assert sum(simulated.log("garmin")["refreshed"].values()) == 0
    simulated.control("garmin", revoke=True)

    tell(road.row(made), proved=False, ended=True)
    for _ in range(2):
        syncing.sync(made)
        road.due_now(made, refusal_seen_at=clock.now() - timedelta(minutes=3))

    assert road.row(made).refused_at is not None


def test_who_only_sends_has_its_grant_renewed_now_and_then(simulated: ThirdParties, ada: Any) -> None:
    """Else it would end after ninety days, and with it our means to give it back."""
    made = road.connect(simulated, "garmin", ada).connection_id
    syncing.sync(made)
    row = road.row(made)
    assert timedelta(days=6) < row.next_sync_at - clock.now() < timedelta(days=8)
    assert (row.last_sync_at, road.runs(made)) == (None, []), "nothing has come yet, and nothing else is said"

    road.due_now(made)
    syncing.sync(made)

    assert sum(simulated.log("garmin")["refreshed"].values()) == 1


def test_records_that_come_by_themselves_are_stored_and_are_a_sync(tell: Callable[..., None], ada: Any) -> None:
    garmin = factories.Connection(user=ada, type="garmin", fresh=True)

    tell(garmin, facts=(fact("w-1"), fact("w-2")))
    tell(garmin, facts=(fact("w-2", 72.0), fact("w-3")))

    assert road.records_of(garmin.id) == 3
    assert road.count(Record, Record.provider_id == "w-2", Record.value == 72.0) == 1
    assert [run[:4] for run in road.runs(garmin.id)] == [
        ("records", 2, None, "webhook"), ("records", 1, None, "webhook"),
    ]  # fmt: skip
    row = road.row(garmin.id)
    assert row.last_sync_at == row.last_record_at
    assert row.quiet_at == row.last_record_at + timedelta(days=4)


def test_records_that_nobody_proved_are_not_stored(tell: Callable[..., None], connection: Any) -> None:
    tell(connection, proved=False, facts=(fact(),))

    assert road.count(Record) == 0
    assert due.due(clock.now()) == [Due("sync", connection.id)]


def test_records_of_a_refused_grant_are_not_stored(tell: Callable[..., None], ada: Any) -> None:
    refused = factories.Connection(user=ada, type="garmin", refused=True)

    tell(refused, facts=(fact(),))

    assert road.count(Record) == 0


def test_pushed_from_all_sides_at_once_nothing_is_doubled(app: Flask, tell: Callable[..., None], ada: Any) -> None:
    garmin = factories.Connection(user=ada, type="garmin")

    def push(place: int) -> None:
        with app.app_context():
            tell(garmin, facts=tuple(fact(f"w-{number}") for number in range(place, place + 10)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(push, range(8)))

    assert road.records_of(garmin.id) == 17
    assert sum(run.record_count for run in road.runs(garmin.id)) == 17


def test_what_is_deleted_there_is_deleted_here(tell: Callable[..., None], connection: Any) -> None:
    gone = factories.Record(connection=connection, kind="workout", provider_id="7")
    stays = factories.Record(connection=connection, kind="weight", provider_id="7")

    tell(connection, gone=(("workout", "7"), ("workout", "8")))

    assert road.count(Record, Record.id == gone.id) == 0
    assert road.count(Record, Record.id == stays.id) == 1


def test_an_unproved_deletion_deletes_nothing(tell: Callable[..., None], connection: Any) -> None:
    factories.Record(connection=connection, kind="workout", provider_id="7")

    tell(connection, proved=False, gone=(("workout", "7"),))

    assert road.records_of(connection.id) == 1


def test_changed_permissions_are_noted_and_nothing_shared_is_said(tell: Callable[..., None], ada: Any) -> None:
    garmin = factories.Connection(user=ada, type="garmin", scopes="ACTIVITY_EXPORT HEALTH_EXPORT")

    tell(garmin, permissions=("HEALTH_EXPORT",))
    assert (road.row(garmin.id).scopes, road.row(garmin.id).failure_code) == ("HEALTH_EXPORT", None)
    tell(garmin, permissions=())
    assert (road.row(garmin.id).scopes, road.row(garmin.id).failure_code) == ("", "not_shared")
    tell(garmin, permissions=("ACTIVITY_EXPORT",))
    assert (road.row(garmin.id).scopes, road.row(garmin.id).failure_code) == ("ACTIVITY_EXPORT", None)


def test_accounts_that_are_not_connected_here_change_nothing(app: Flask, connection: Any) -> None:
    before = road.row(connection.id)

    notices = (Notice("nobody", True, ended=True), Notice("nobody", True, facts=(fact(),)))
    noticing.notice("strava", Answered(notices=notices))
    noticing.notice("withings", Answered(notices=(Notice(connection.remote_account_id, True, ended=True),)))

    assert road.row(connection.id) == before
    assert road.count(Record) == 0
