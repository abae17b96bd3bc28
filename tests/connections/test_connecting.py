"""Connecting: every ending of the way to a provider, and none that leaves a half-made connection."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import connecting
from dashboard.connections.connecting import (
    Declined,
    Expired,
    How,
    NoPermission,
    NotAvailable,
    OtherPerson,
    OtherSession,
    ProviderFailed,
    ProviderSaid,
    Replayed,
    Trouble,
    UnknownState,
)
from dashboard.data import clock, db, transaction, vault
from dashboard.data.authorization_requests import AuthorizationRequest
from dashboard.data.connections import Connection
from dashboard.data.revocations import Revocation
from dashboard.errors import NoSuchConnection
from dashboard.events import Event
from dashboard.providers import agreements
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


def nothing_was_made() -> bool:
    return road.count(Connection) == 0


def test_a_connection_is_made_and_its_first_sync_is_due(simulated: ThirdParties, ada: Any) -> None:
    before = clock.now()

    made = road.connect(simulated, "strava", ada)

    row = road.row(made.connection_id)
    assert (made.how, made.missing) == (How.MADE, ())
    assert (row.user_id, row.type, row.account, row.account_key) == (ada.id, "strava", "Ada Lovelace", "ada lovelace")
    assert (row.last_sync_at, row.refused_at, row.due_why) == (None, None, "connect")
    assert before <= row.next_sync_at <= clock.now()
    assert row.scopes == "read activity:read", "what is optional and was not wanted is not asked for"
    assert road.events(ada) == [Event.CONNECTION_MADE]


def test_tokens_are_stored_sealed_only(simulated: ThirdParties, ada: Any) -> None:
    made = road.connect(simulated, "strava", ada)

    row = road.row(made.connection_id)
    for sealed in (row.access_token, row.refresh_token):
        token = vault.open(sealed)
        assert token
        assert token.encode() not in sealed
    assert road.count(AuthorizationRequest, AuthorizationRequest.code_verifier.is_not(None)) == 0


def test_the_state_is_stored_as_a_hash_only(simulated: ThirdParties, ada: Any) -> None:
    address = road.begin("strava", ada)

    [state] = re.findall(r"[?&]state=([^&]+)", address)
    stored = str(db.session.execute(db.select(*AuthorizationRequest.__table__.columns)).one())
    assert len(state) > 40
    assert state not in stored


def test_whoever_permits_less_is_connected_and_told_what_is_missing(simulated: ThirdParties, ada: Any) -> None:
    address = road.begin("strava", ada, scopes=["activity:read_all"])

    made = road.finish("strava", ada, simulated.answer(address, scopes=["read", "activity:read"]))

    assert made.missing == ("All activities, the private ones too",)
    assert road.row(made.connection_id).scopes.split() == ["read", "activity:read"]


def test_a_permission_that_nobody_can_store_is_none(simulated: ThirdParties, ada: Any) -> None:
    answer = simulated.answer(road.begin("strava", ada))

    made = road.finish("strava", ada, answer | {"scope": f"{answer['scope']},x\0y"})

    assert (made.missing, road.row(made.connection_id).scopes) == ((), "read activity:read")


def test_where_nothing_useful_is_permitted_nothing_is_made_and_the_grant_is_given_back(
    simulated: ThirdParties, ada: Any
) -> None:
    with pytest.raises(NoPermission):
        road.connect(simulated, "strava", ada, scopes=["read"])

    assert nothing_was_made()
    row = db.session.execute(db.select(Revocation.connection_id, Revocation.user_id, Revocation.access_token)).one()
    assert (row.connection_id, row.user_id) == (None, ada.id)
    assert row.access_token is not None


def test_declined(simulated: ThirdParties, ada: Any) -> None:
    with pytest.raises(Declined) as told:
        road.connect(simulated, "strava", ada, refuse=True)

    assert told.value.type is not None
    assert told.value.type.type == "strava"
    assert nothing_was_made()
    assert simulated.log("strava")["exchanges"] == 0


@pytest.mark.parametrize(
    "answer", [{"error": "server_error", "error_description": "  over\nloaded "}, {}, {"code": ""}]
)
def test_another_error_or_no_code_at_all(simulated: ThirdParties, ada: Any, answer: dict[str, str]) -> None:
    state = simulated.answer(road.begin("strava", ada))["state"]

    with pytest.raises(ProviderSaid) as told:
        road.finish("strava", ada, answer | {"state": state})

    assert told.value.said == ("server_error over loaded" if answer.get("error") else "")
    assert nothing_was_made()


def test_a_state_is_spent_by_the_first_answer_and_the_second_is_led_to_what_came_of_it(
    simulated: ThirdParties, ada: Any
) -> None:
    answer = simulated.answer(road.begin("strava", ada))
    made = road.finish("strava", ada, answer)

    with pytest.raises(Replayed) as told:
        road.finish("strava", ada, answer)

    assert told.value.made_connection_id == made.connection_id
    assert simulated.log("strava")["exchanges"] == 1


def test_an_answer_that_failed_can_not_be_tried_again(simulated: ThirdParties, ada: Any) -> None:
    answer = simulated.answer(road.begin("strava", ada))
    simulated.control("strava", misbehave={"error": {"on": ["token"]}})
    with pytest.raises(ProviderFailed):
        road.finish("strava", ada, answer)
    simulated.control("strava", misbehave=None)

    with pytest.raises(Replayed) as told:
        road.finish("strava", ada, answer)

    assert told.value.made_connection_id is None
    assert nothing_was_made()


def test_of_eight_answers_at_once_one_is_exchanged(app: Flask, simulated: ThirdParties, ada: Any) -> None:
    answer = simulated.answer(road.begin("strava", ada))

    def come_back(_: int) -> str:
        with app.app_context():
            try:
                return road.finish("strava", ada, answer).how
            except Replayed:
                return "replayed"

    with ThreadPoolExecutor(8) as pool:
        endings = list(pool.map(come_back, range(8)))

    assert sorted(endings) == ["made", *["replayed"] * 7]
    assert simulated.log("strava")["exchanges"] == 1


def test_too_late(simulated: ThirdParties, ada: Any) -> None:
    answer = simulated.answer(road.begin("strava", ada))
    with transaction():
        past = clock.now() - timedelta(seconds=1)
        db.session.execute(db.update(AuthorizationRequest).values(expires_at=past))

    with pytest.raises(Expired):
        road.finish("strava", ada, answer)

    assert nothing_was_made()


@pytest.mark.parametrize("state", ["", "made-up", "\0", "\udcff"])
def test_a_state_that_nobody_gave_out(app: Flask, ada: Any, state: str) -> None:
    with pytest.raises(UnknownState):
        road.finish("strava", ada, {"state": state, "code": "some"})


def test_an_answer_that_comes_to_the_address_of_another_type_is_none(simulated: ThirdParties, ada: Any) -> None:
    answer = simulated.answer(road.begin("strava", ada))

    with pytest.raises(UnknownState):
        road.finish("whoop", ada, answer)

    assert road.finish("strava", ada, answer).how is How.MADE, "and the right one is still good"


@pytest.mark.parametrize(("session_id", "trouble"), [(8, OtherSession), (None, OtherSession)])
def test_another_login_session_can_not_end_it_and_spends_nothing(
    simulated: ThirdParties, ada: Any, session_id: int | None, trouble: type[Trouble]
) -> None:
    answer = simulated.answer(road.begin("strava", ada))

    with pytest.raises(trouble):
        road.finish("strava", ada, answer, session_id=session_id)

    assert road.finish("strava", ada, answer).how is How.MADE


def test_another_person_can_not_end_it(simulated: ThirdParties, ada: Any) -> None:
    """Who is tricked into opening somebody else's way back does not get their account attached."""
    answer = simulated.answer(road.begin("strava", ada))

    with pytest.raises(OtherPerson):
        road.finish("strava", factories.User(), answer)

    assert nothing_was_made()
    assert simulated.log("strava")["exchanges"] == 0


def test_what_has_no_credentials_is_not_available(app: Flask, ada: Any) -> None:
    agreements.use({})

    with pytest.raises(NotAvailable):
        road.begin("strava", ada)

    assert road.count(AuthorizationRequest) == 0


@pytest.mark.parametrize("type", ["fitbit", "jawboneup", "no-such-type"])
def test_what_is_retired_or_unknown_is_not_available(simulated: ThirdParties, ada: Any, type: str) -> None:
    with pytest.raises(NotAvailable):
        road.begin(type, ada)


def test_only_an_own_connection_of_that_type_can_be_renewed(simulated: ThirdParties, ada: Any) -> None:
    own = factories.Connection(user=ada, type="withings")
    theirs = factories.Connection(user=factories.User(), type="strava")

    for each in (own.id, theirs.id, 10**9):
        with pytest.raises(NoSuchConnection):
            road.begin("strava", ada, connection_id=each)


def test_each_ending_is_an_error_of_its_own() -> None:
    endings = [each for each in vars(connecting).values() if isinstance(each, type) and issubclass(each, Trouble)]

    assert len({each.sentence for each in endings}) == len(endings) == 14
