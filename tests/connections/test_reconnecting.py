"""Reconnecting: the connection, its history and its records stay; another account is noticed and asked about."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import connecting, revocation, revoking, syncing, waiting
from dashboard.connections.connecting import AccountTaken, How, OtherAccount
from dashboard.connections.waiting import NothingWaits
from dashboard.data import clock, db, transaction, vault
from dashboard.data.authorization_requests import AuthorizationRequest
from dashboard.data.connections import Connection
from dashboard.data.revocations import Revocation
from dashboard.events import Event
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def refused(simulated: ThirdParties, ada: Any) -> int:
    """A connection of Ada's Withings account with history, whose grant the provider has come to refuse."""
    made = road.connect(simulated, "withings", ada)
    syncing.sync(made.connection_id)
    now = clock.now()
    road.change(made.connection_id, refused_at=now, failed_at=now, failure_code="refused", next_sync_at=None)
    return made.connection_id


def other(simulated: ThirdParties, ada: Any, connection_id: int, account: str = "second") -> OtherAccount:
    """Reconnect, but signed in at the provider as somebody else."""
    with pytest.raises(OtherAccount) as told:
        road.connect(simulated, "withings", ada, connection_id=connection_id, account=account)
    return told.value


def test_it_keeps_the_connection_its_runs_and_its_records(simulated: ThirdParties, ada: Any, refused: int) -> None:
    before, count = road.row(refused), road.records_of(refused)

    made = road.connect(simulated, "withings", ada, connection_id=refused)

    after = road.row(refused)
    assert (made.connection_id, made.how) == (refused, How.RENEWED)
    assert (after.created_at, after.last_sync_at, after.cursors) == (
        before.created_at,
        before.last_sync_at,
        before.cursors,
    )
    assert (after.refused_at, after.failure_code, after.failure_count, after.due_why) == (None, None, 0, "connect")
    assert vault.open(after.access_token) != vault.open(before.access_token)
    assert road.records_of(refused) == count > 0
    assert len(road.runs(refused)) == 1
    assert road.events(ada)[-1] is Event.CONNECTION_RENEWED


def test_after_it_a_sync_succeeds_and_doubles_nothing(simulated: ThirdParties, ada: Any, refused: int) -> None:
    count = road.records_of(refused)
    road.connect(simulated, "withings", ada, connection_id=refused)

    syncing.sync(refused)

    assert [run.outcome for run in road.runs(refused)] == ["records", "nothing"]
    assert road.records_of(refused) == count


def test_another_account_changes_nothing_and_is_asked_about(simulated: ThirdParties, ada: Any, refused: int) -> None:
    before = road.row(refused)

    told = other(simulated, ada, refused)

    assert road.row(refused) == before
    assert road.count(Connection) == 1
    asked = connecting.waiting(told.request_id, by=road.who(ada))
    assert (asked.connection_id, asked.type.type) == (refused, "withings")
    assert (asked.account, asked.known_account) == (told.account, told.known_account)
    assert road.count(Revocation) == 0


def test_the_other_account_can_become_a_connection_of_its_own(simulated: ThirdParties, ada: Any, refused: int) -> None:
    told = other(simulated, ada, refused)

    made = connecting.keep_other(told.request_id, by=road.who(ada))

    assert (made.how, made.connection_id != refused) == (How.MADE, True)
    assert road.row(refused).refused_at is not None, "the first one still needs its person"
    syncing.sync(made.connection_id)
    assert road.records_of(made.connection_id) > 0


def test_the_other_account_can_be_one_that_is_connected_already(
    simulated: ThirdParties, ada: Any, refused: int
) -> None:
    second = road.connect(simulated, "withings", ada, account="second")
    told = other(simulated, ada, refused)

    made = connecting.keep_other(told.request_id, by=road.who(ada))

    assert (made.connection_id, made.how) == (second.connection_id, How.SAME_ACCOUNT)


def test_the_other_account_can_be_given_back(simulated: ThirdParties, ada: Any, refused: int) -> None:
    told = other(simulated, ada, refused)

    dropped = connecting.drop_other(told.request_id, by=road.who(ada))

    assert dropped.connection_id == refused
    revoking.revoke(db.session.execute(db.select(Revocation.id)).scalar_one())
    assert [each["account"] for each in simulated.log("withings")["revocations"]] == ["second"]
    assert road.count(AuthorizationRequest, AuthorizationRequest.access_token.is_not(None)) == 0


def test_it_is_decided_once_and_by_its_person_only(simulated: ThirdParties, ada: Any, refused: int) -> None:
    told = other(simulated, ada, refused)
    ben = road.who(factories.User())

    for act in (connecting.keep_other, connecting.drop_other, connecting.waiting):
        with pytest.raises(NothingWaits):
            act(told.request_id, by=ben)
    connecting.drop_other(told.request_id, by=road.who(ada))
    for act in (connecting.keep_other, connecting.drop_other, connecting.waiting):
        with pytest.raises(NothingWaits):
            act(told.request_id, by=road.who(ada))
    assert road.count(Revocation) == 1


def test_an_account_that_somebody_else_took_meanwhile_stays_theirs(
    simulated: ThirdParties, ada: Any, refused: int
) -> None:
    told = other(simulated, ada, refused)
    theirs = road.connect(simulated, "withings", factories.User(), account="second")

    with pytest.raises(AccountTaken):
        connecting.keep_other(told.request_id, by=road.who(ada))

    assert road.row(theirs.connection_id).refused_at is None
    assert road.count(Revocation) == 0


def test_the_account_of_somebody_else_is_no_question(simulated: ThirdParties, ada: Any, refused: int) -> None:
    road.connect(simulated, "withings", factories.User(), account="second")

    with pytest.raises(AccountTaken):
        road.connect(simulated, "withings", ada, connection_id=refused, account="second")


def test_without_a_word_for_an_hour_the_other_account_is_given_back(
    simulated: ThirdParties, ada: Any, refused: int
) -> None:
    told = other(simulated, ada, refused)
    assert waiting.sweep() == 0

    with transaction():
        past = clock.now() - timedelta(seconds=1)
        db.session.execute(db.update(AuthorizationRequest).values(expires_at=past))

    assert (waiting.sweep(), waiting.sweep()) == (1, 0)
    with pytest.raises(NothingWaits):
        connecting.keep_other(told.request_id, by=road.who(ada))
    assert road.count(Revocation, Revocation.due_at.is_not(None)) == 1


def test_old_requests_are_forgotten_but_not_before_a_day(simulated: ThirdParties, ada: Any) -> None:
    factories.AuthorizationRequest(user=ada, expires_at=clock.now() - timedelta(hours=23))
    factories.AuthorizationRequest(user=ada, expires_at=clock.now() - timedelta(hours=25))

    waiting.sweep()

    assert road.count(AuthorizationRequest) == 1


def test_an_imported_connection_gets_its_account_by_the_first_reconnect(simulated: ThirdParties, ada: Any) -> None:
    imported = factories.Connection(
        user=ada, type="withings", account=None, remote_account_id=None, access_token=None, refresh_token=None,
        refused=True, failure_code="not_imported",
    )  # fmt: skip

    made = road.connect(simulated, "withings", ada, connection_id=imported.id)

    assert (made.connection_id, made.how) == (imported.id, How.RENEWED)
    assert road.row(imported.id).remote_account_id
    syncing.sync(imported.id)
    assert road.records_of(imported.id) > 0


def test_an_imported_connection_of_an_account_that_is_connected_leads_there(simulated: ThirdParties, ada: Any) -> None:
    there = road.connect(simulated, "withings", ada)
    imported = factories.Connection(user=ada, type="withings", remote_account_id=None, access_token=None, refused=True)

    made = road.connect(simulated, "withings", ada, connection_id=imported.id)

    assert (made.connection_id, made.how) == (there.connection_id, How.SAME_ACCOUNT)


def test_a_connection_that_was_cut_meanwhile_is_made_anew(simulated: ThirdParties, ada: Any, refused: int) -> None:
    answer = simulated.answer(road.begin("withings", ada, connection_id=refused))
    revocation.disconnect(refused, by=road.who(ada), keep_records=True)

    made = road.finish("withings", ada, answer)

    assert (made.how, made.connection_id != refused) == (How.MADE, True)


def test_a_sync_that_runs_while_its_person_reconnects_changes_nothing(
    simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old grant is refused in the same moment: that says nothing of the new one."""
    made = road.connect(simulated, "withings", ada)
    simulated.control("withings", misbehave={"expired": {"times": 1}, "grant": {"times": 1}})
    refresh = syncing.importing.refreshing.providers.refresh

    def meanwhile(*args: Any) -> Any:
        road.connect(simulated, "withings", ada, connection_id=made.connection_id)
        return refresh(*args)

    monkeypatch.setattr(syncing.importing.refreshing.providers, "refresh", meanwhile)
    syncing.sync(made.connection_id)

    row = road.row(made.connection_id)
    assert (row.failure_code, row.refusal_seen_at, row.lease_key, row.due_why) == (None, None, None, "connect")
    assert road.runs(made.connection_id) == []


def test_a_name_that_is_known_stays_where_the_provider_does_not_say_it_again(
    simulated: ThirdParties, ada: Any, refused: int
) -> None:
    road.change(refused, account="ada@posteo.example", account_key="ada@posteo.example")

    road.connect(simulated, "withings", ada, connection_id=refused)
    road.connect(simulated, "withings", ada)  # the same account once more

    after = road.row(refused)
    assert (after.account, after.account_key) == ("ada@posteo.example", "ada@posteo.example")


def test_a_name_of_nobody_knows_which_account_does_not_stay(simulated: ThirdParties, ada: Any, refused: int) -> None:
    road.change(refused, account="somebody@posteo.example", account_key="somebody", remote_account_id=None)

    road.connect(simulated, "withings", ada, connection_id=refused)

    after = road.row(refused)
    assert (after.account, after.account_key) == (None, None)
    assert after.remote_account_id is not None


def test_a_name_that_is_said_anew_counts(simulated: ThirdParties, ada: Any) -> None:
    made = road.connect(simulated, "wahoo", ada).connection_id
    assert road.row(made).account == "ada.lovelace@posteo.example"
    road.change(made, account="old@posteo.example", account_key="old@posteo.example")

    road.connect(simulated, "wahoo", ada, connection_id=made)

    assert road.row(made).account == "ada.lovelace@posteo.example"
