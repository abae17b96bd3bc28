"""Whose connection a grant becomes: an account is connected once, whoever comes with it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import connecting, revocation, revoking, syncing
from dashboard.connections.connecting import AccountTaken, How, ProviderFailed, UnknownState
from dashboard.data import db, transaction, vault
from dashboard.data.connections import Connection
from dashboard.data.records import Record
from dashboard.data.revocations import Revocation
from dashboard.data.users import User
from dashboard.events import Event
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


def test_the_same_account_twice_is_one_connection_with_the_newer_grant(simulated: ThirdParties, ada: Any) -> None:
    first = road.connect(simulated, "strava", ada)
    old = vault.open(road.row(first.connection_id).access_token)

    again = road.connect(simulated, "strava", ada)

    assert (again.connection_id, again.how) == (first.connection_id, How.SAME_ACCOUNT)
    assert road.count(Connection) == 1
    assert vault.open(road.row(first.connection_id).access_token) != old
    assert road.count(Revocation) == 0, "telling of the old grant would end the new one"
    assert road.events(ada) == [Event.CONNECTION_MADE, Event.CONNECTION_RENEWED]


def test_two_accounts_of_one_type_are_two_connections(simulated: ThirdParties, ada: Any) -> None:
    road.connect(simulated, "strava", ada)

    assert road.connect(simulated, "strava", ada, account="second").how is How.MADE
    assert road.count(Connection) == 2


def test_an_account_that_somebody_else_has_stays_theirs(simulated: ThirdParties, ada: Any) -> None:
    ben = factories.User()
    theirs = road.connect(simulated, "strava", ben)
    before = road.row(theirs.connection_id)

    with pytest.raises(AccountTaken):
        road.connect(simulated, "strava", ada)

    assert road.row(theirs.connection_id) == before
    assert road.count(Connection) == 1
    assert road.count(Revocation) == 0, "Strava ends all grants of an account together, theirs too"
    assert road.events(ada) == []


def test_of_two_people_who_connect_one_account_at_once_one_gets_it(
    app: Flask, simulated: ThirdParties, ada: Any
) -> None:
    people = [ada, *(factories.User() for _ in range(3))]
    answers = [simulated.answer(road.begin("strava", each)) for each in people]

    def come_back(place: int) -> str:
        with app.app_context():
            try:
                return road.finish("strava", people[place], answers[place]).how
            except AccountTaken:
                return "taken"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(come_back, range(4))) == ["made", "taken", "taken", "taken"]
    assert road.count(Connection) == 1


def test_a_person_who_leaves_meanwhile_has_no_connection_and_the_grant_is_given_back(
    simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = simulated.answer(road.begin("strava", ada))
    exchange = connecting.exchange

    def slow(*args: Any, **kwargs: Any) -> Any:
        grant = exchange(*args, **kwargs)
        with transaction():
            db.session.execute(db.delete(User).where(User.id == ada.id))
        return grant

    monkeypatch.setattr(connecting, "exchange", slow)
    with pytest.raises(UnknownState):
        road.finish("strava", ada, answer)

    assert road.count(Connection) == 0
    row = db.session.execute(db.select(Revocation.user_id, Revocation.account, Revocation.due_at)).one()
    assert (row.user_id, row.account) == (None, None)
    assert row.due_at is not None


@pytest.fixture
def synced(simulated: ThirdParties, ada: Any) -> int:
    """A connection of Ada's Withings account, with records."""
    made = road.connect(simulated, "withings", ada)
    syncing.sync(made.connection_id)
    return made.connection_id


def test_kept_records_come_along_when_the_account_is_connected_again(
    simulated: ThirdParties, ada: Any, synced: int
) -> None:
    count = road.records_of(synced)
    revocation.disconnect(synced, by=road.who(ada), keep_records=True)
    assert road.count(Record, Record.connection_id.is_(None)) == count

    again = road.connect(simulated, "withings", ada)

    assert road.records_of(again.connection_id) == count
    syncing.sync(again.connection_id)
    assert road.records_of(again.connection_id) == count, "what comes once more is not doubled"


def test_kept_records_of_another_account_or_person_stay_where_they_are(
    simulated: ThirdParties, ada: Any, synced: int
) -> None:
    count = road.records_of(synced)
    revocation.disconnect(synced, by=road.who(ada), keep_records=True)

    road.connect(simulated, "withings", ada, account="second")
    road.connect(simulated, "withings", factories.User())

    assert road.count(Record, Record.connection_id.is_(None)) == count


def test_connecting_again_drops_what_would_end_the_new_grant(simulated: ThirdParties, ada: Any, synced: int) -> None:
    """Withings ends all grants of an account together: a late word about the old one would cut the new connection."""
    revocation.disconnect(synced, by=road.who(ada), keep_records=True)
    late = road.end(synced)

    again = road.connect(simulated, "withings", ada)
    assert (road.end(synced).due_at, road.end(synced).access_token) == (None, None), "in the same transaction"
    revoking.revoke(late.id)

    ended = road.end(synced)
    assert (ended.done_at, ended.failure_code, ended.access_token, ended.due_at) == (
        None,
        "connected_again",
        None,
        None,
    )
    assert ended.given_up_at is not None
    assert simulated.log("withings")["revocations"] == []
    syncing.sync(again.connection_id)
    assert road.row(again.connection_id).failure_count == 0


def test_where_an_account_may_give_only_so_many_the_old_grant_makes_room(simulated: ThirdParties, ada: Any) -> None:
    made = road.connect(simulated, "wahoo", ada)
    for _ in range(9):
        simulated.give("wahoo")

    again = road.connect(simulated, "wahoo", ada, connection_id=made.connection_id)

    assert again.how is How.RENEWED
    assert len(simulated.log("wahoo")["revocations"]) == 1
    syncing.sync(made.connection_id)
    assert road.row(made.connection_id).failure_code is None


def test_made_room_in_vain_needs_the_person(simulated: ThirdParties, ada: Any) -> None:
    made = road.connect(simulated, "wahoo", ada)
    for _ in range(9):
        simulated.give("wahoo", account="second")
    answer = simulated.answer(road.begin("wahoo", ada, connection_id=made.connection_id), account="second")
    simulated.give("wahoo", account="second")

    with pytest.raises(ProviderFailed) as told:
        road.finish("wahoo", ada, answer)

    assert told.value.failure.code == "too_many_grants"
    assert road.row(made.connection_id).refused_at is not None, "the card says so at once"
