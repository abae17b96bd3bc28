"""The fault matrix: each misbehaviour of a provider, in each thing we ask of it, and what we say from then on."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import revocation, revoking, syncing
from dashboard.connections.connecting import ProviderFailed
from dashboard.data import clock, db, transaction
from dashboard.data.authorization_requests import AuthorizationRequest
from dashboard.data.connections import Connection
from dashboard.data.mails import Mail
from dashboard.data.provider_windows import ProviderWindow
from dashboard.data.revocations import Revocation
from dashboard.events import Event
from dashboard.providers import http
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties

TYPE = "whoop"
PARAMETERS: dict[str, dict[str, Any]] = {
    "hang": {"seconds": 3},
    "huge": {"megabytes": 1},
    "limit": {"retry_after": 900},
}
OUTAGES = {
    "limit": "rate_limited",
    "error": "server_error",
    "hang": "timeout",
    "drop": "unreachable",
    "truncate": "odd_answer",
    "wrong_type": "odd_answer",
    "huge": "too_large",
    "redirect": "odd_answer",
    "said": "odd_answer",
}
"""What nobody but the clock can mend, and the code it has with us."""
AHEAD_SECONDS = 600
"""So far is a clock ahead that is wrong: later, everybody knows what was known by it."""
DONE = {"truncate", "wrong_type", "huge"}
"""It was done, and only the answer is spoilt."""
PUT_IN_WORDS = {"limit", "error"}
"""The answer has words of the provider's. Of ``said`` only a token call knows that it is an error."""


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """Nobody waits for half a minute in a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http.limits, "read_seconds", 0.5)
        patch.setattr(http.limits, "total_seconds", 2)
        patch.setattr(http.limits, "body_bytes", 300_000)
        yield


@pytest.fixture
def connected(simulated: ThirdParties, ada: Any) -> int:
    return road.connect(simulated, TYPE, ada).connection_id


def undisturbed(simulated: ThirdParties, ada: Any, connected: int) -> int:
    """How many records come where nothing goes wrong; the connection makes room for one that asks for all anew."""
    revocation.disconnect(connected, by=road.who(ada), keep_records=False)
    revoking.revoke(road.end(connected).id)
    again = road.connect(simulated, TYPE, ada).connection_id
    syncing.sync(again)
    return road.records_of(again)


def misbehave(simulated: ThirdParties, fault: str, *kinds: str) -> None:
    simulated.control(TYPE, misbehave={fault: {"on": list(kinds), **PARAMETERS.get(fault, {})}})


@pytest.mark.parametrize("kind", ["token", "account"])
@pytest.mark.parametrize(("fault", "code"), OUTAGES.items())
def test_connecting_leaves_nothing_half_made(
    simulated: ThirdParties, ada: Any, fault: str, code: str, kind: str
) -> None:
    misbehave(simulated, fault, kind)

    with pytest.raises(ProviderFailed) as told:
        road.connect(simulated, TYPE, ada)

    assert told.value.failure.code == code
    assert road.count(Connection) == road.count(Revocation) == 0
    assert road.count(AuthorizationRequest, AuthorizationRequest.access_token.is_not(None)) == 0
    assert road.events(ada) == []
    simulated.control(TYPE, misbehave=None)
    syncing.sync(road.connect(simulated, TYPE, ada).connection_id)
    assert road.events(ada) == [Event.CONNECTION_MADE]


@pytest.mark.parametrize("kind", ["data", "refresh"])
@pytest.mark.parametrize(("fault", "code"), OUTAGES.items())
def test_a_sync_is_late_says_why_and_comes_back_by_itself(
    simulated: ThirdParties, ada: Any, connected: int, fault: str, code: str, kind: str
) -> None:
    misbehave(simulated, fault, kind)
    if kind == "refresh":
        road.due_now(connected, access_expires_at=clock.now())

    syncing.sync(connected)

    row, [run] = road.row(connected), road.runs(connected)
    assert (run.outcome, run.failure_code, run.record_count) == ("failed", code, 0)
    assert (row.failure_code, row.failure_count, row.failure_said) == (code, 1, run.failure_said)
    assert bool(row.failure_said) is (fault in PUT_IN_WORDS or (fault, kind) == ("said", "refresh"))
    assert (row.refused_at, row.paused_at, row.refusal_seen_at, row.lease_key) == (None, None, None, None)
    wait = timedelta(minutes=15) if fault == "limit" else timedelta(minutes=2)
    assert wait * 0.85 < row.next_sync_at - row.failed_at < wait * 1.3
    assert road.events(ada) == [Event.CONNECTION_MADE]
    assert road.count(Mail) == 0, "none for hiccups"


@pytest.mark.parametrize("fault", [fault for fault in OUTAGES if fault != "limit"])
def test_what_was_half_said_is_mended_by_the_next_sync(
    simulated: ThirdParties, ada: Any, connected: int, fault: str
) -> None:
    misbehave(simulated, fault, "data")
    syncing.sync(connected)
    simulated.control(TYPE, misbehave=None)
    road.due_now(connected)

    syncing.sync(connected)

    row = road.row(connected)
    assert (row.failure_code, row.failure_count, row.failure_said) == (None, 0, None)
    assert road.runs(connected)[-1].outcome == "records"
    stored = road.records_of(connected)
    assert stored == undisturbed(simulated, ada, connected) > 0


@pytest.mark.parametrize(("fault", "code"), OUTAGES.items())
def test_a_revocation_is_tried_until_it_is_confirmed_and_forgets_no_token(
    simulated: ThirdParties, ada: Any, connected: int, fault: str, code: str
) -> None:
    misbehave(simulated, fault, "revoke")
    revocation.disconnect(connected, by=road.who(ada), keep_records=True)
    id = road.end(connected).id

    revoking.revoke(id)

    end = road.end(connected)
    if end.done_at is None:
        assert (end.failure_count, end.given_up_at) == (1, None)
        assert end.failure_code == code or (fault, end.failure_code) == ("truncate", "unreachable")
        assert end.due_at > clock.now()
        assert None not in (end.access_token, end.refresh_token)
        assert road.events(ada) == [Event.CONNECTION_MADE, Event.CONNECTION_ENDED]
    else:
        assert fault in DONE, "the status was a yes, and nobody needs to read the rest"
    simulated.control(TYPE, misbehave=None)
    with transaction():
        db.session.execute(db.delete(ProviderWindow))
        db.session.execute(db.update(Revocation).where(Revocation.done_at.is_(None)).values(due_at=clock.now()))
    revoking.revoke(id)

    end = road.end(connected)
    assert (end.done_at is not None, end.access_token, end.failure_code) == (True, None, None)
    assert road.events(ada)[2:] == [Event.REVOCATION_CONFIRMED]
    assert len(simulated.log(TYPE)["revocations"]) == 1


@pytest.mark.parametrize("kinds", [("refresh",), ("token",)])
def test_wrong_client_settings_are_the_operators_matter(
    simulated: ThirdParties, ada: Any, connected: int, kinds: tuple[str, ...]
) -> None:
    misbehave(simulated, "client", *kinds)
    if kinds == ("token",):
        with pytest.raises(ProviderFailed) as told:
            road.connect(simulated, TYPE, ada, account="second")
        assert told.value.failure.code == "client_refused"
        return
    road.due_now(connected, access_expires_at=clock.now())

    for _ in range(3):
        syncing.sync(connected)
        road.due_now(connected)

    row = road.row(connected)
    assert (row.failure_code, row.refused_at, row.refusal_seen_at) == ("client_refused", None, None)
    assert row.paused_at is not None
    assert road.count(Mail) == 0
    simulated.control(TYPE, misbehave=None)
    syncing.sync(connected)
    assert (road.row(connected).paused_at, road.row(connected).failure_code) == (None, None)


def test_a_dead_grant_is_the_persons_matter(simulated: ThirdParties, ada: Any, connected: int) -> None:
    simulated.control(TYPE, revoke=True)

    for _ in range(2):
        syncing.sync(connected)
        road.due_now(connected, refusal_seen_at=clock.now() - timedelta(minutes=3))

    assert road.row(connected).refused_at is not None
    assert [run.outcome for run in road.runs(connected)] == ["failed", "refused"]
    assert road.events(ada) == [Event.CONNECTION_MADE, Event.CONNECTION_REFUSED]
    assert road.count(Mail, Mail.name == "reconnect") == 1
    revocation.disconnect(connected, by=road.who(ada), keep_records=True)
    revoking.revoke(road.end(connected).id)
    assert road.end(connected).done_at is not None, "dead already is as good as confirmed"


def test_what_the_person_must_do_at_the_provider_is_said_and_looked_at_daily(
    simulated: ThirdParties, ada: Any, connected: int
) -> None:
    misbehave(simulated, "not_shared", "data")

    syncing.sync(connected)

    row = road.row(connected)
    assert (row.failure_code, row.refused_at, row.paused_at) == ("membership_ended", None, None)
    assert timedelta(hours=21) < row.next_sync_at - row.failed_at < timedelta(hours=27)
    assert road.count(Mail) == 0


def test_who_refuses_what_it_has_just_renewed_is_doubted_for_a_day(
    simulated: ThirdParties, ada: Any, connected: int
) -> None:
    """The grant is alive, as the refresh shows: its data calls are broken, for everybody."""
    misbehave(simulated, "expired", "data")

    for minutes in (3, 600):
        syncing.sync(connected)
        assert road.row(connected).refused_at is None
        road.due_now(connected, refusal_seen_at=clock.now() - timedelta(minutes=minutes))
    syncing.sync(connected)
    assert (road.row(connected).refused_at, road.row(connected).failure_code) == (None, "access_expired")

    road.due_now(connected, refusal_seen_at=clock.now() - timedelta(hours=25))
    syncing.sync(connected)

    assert road.row(connected).refused_at is not None


def test_a_refresh_whose_answer_was_lost_ends_with_the_person_and_not_with_endless_tries(
    simulated: ThirdParties, ada: Any, connected: int
) -> None:
    simulated.control(TYPE, misbehave={"lost": {"on": ["refresh"], "times": 1}})
    road.due_now(connected, access_expires_at=clock.now())

    codes = []
    for _ in range(4):
        syncing.sync(connected)
        codes.append(road.row(connected).failure_code)
        if road.row(connected).refused_at is None:
            road.due_now(connected, refusal_seen_at=clock.now() - timedelta(minutes=3))

    assert codes[0] == "unreachable"
    assert codes[-1] == "refused"
    assert road.row(connected).refused_at is not None


@pytest.mark.parametrize("fault", ["duplicate", "late", "clock"])
def test_odd_records_are_stored_once_and_none_is_missed(
    simulated: ThirdParties, ada: Any, connected: int, fault: str
) -> None:
    simulated.control(TYPE, misbehave={fault: {"on": ["data"]}})
    syncing.sync(connected)
    simulated.control(TYPE, misbehave=None)
    simulated.forward(AHEAD_SECONDS)
    road.due_now(connected)
    syncing.sync(connected)

    runs, stored = road.runs(connected), road.records_of(connected)
    assert {run.failure_code for run in runs} == {None}
    assert stored == sum(run.record_count for run in runs)
    assert stored == undisturbed(simulated, ada, connected) > 0


def test_back_off_doubles_up_to_the_types_interval(simulated: ThirdParties, connected: int) -> None:
    misbehave(simulated, "error", "data")
    waits = []
    for _ in range(9):
        syncing.sync(connected)
        row = road.row(connected)
        waits.append((row.next_sync_at - row.failed_at) / timedelta(minutes=1))
        road.due_now(connected)

    wanted = [2, 4, 8, 16, 32, 64, 128, 240, 240]
    assert all(each * 0.85 < wait < each * 1.15 for wait, each in zip(waits, wanted, strict=True)), waits
