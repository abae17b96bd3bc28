"""Asking for notices: as each provider wants to be asked, and with whatever comes back."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard import providers
from dashboard.providers import ClientRefused, Failure, Grant, Limited, Unavailable, subscribing
from dashboard.providers.subscribing import Operator, Subscribed
from tests.providers.server import Reply, Server

pytestmark = pytest.mark.usefixtures("make")  # our client is known everywhere
ADDRESS = "https://dashboard.example/webhooks/x/secret-key/"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def asked(server: Server) -> list[str]:
    return [f"{each.method} {each.host}{each.path}" for each in server.asked]


def test_strava_gets_a_form_with_our_credentials(server: Server) -> None:
    server.reply(Reply([]), Reply({"id": 1}, 201))

    subscribing.subscribe(providers.get("strava"), address=ADDRESS)

    listing, asking = server.asked
    ours = {"client_id": "our-client", "client_secret": "our-secret"}
    assert (listing.method, listing.query) == ("GET", ours)
    assert asking.form == ours | {"callback_url": ADDRESS, "verify_token": "our-word"}
    assert (asking.query, asking.path) == ({}, "/api/v3/push_subscriptions")


def test_polar_is_asked_with_basic_and_tells_its_secret_once(server: Server) -> None:
    server.reply(Reply({"data": []}), Reply({"data": {"id": "a", "signature_secret_key": "abe1-f3ae"}}, 201))

    assert subscribing.subscribe(providers.get("polar"), address=ADDRESS) == "abe1-f3ae"

    asking = server.asked[-1]
    assert asking.headers["authorization"] == f"Basic {base64.b64encode(b'our-client:our-secret').decode()}"
    assert json.loads(asking.body) == {"url": ADDRESS, "events": ["EXERCISE", "SLEEP", "ACTIVITY_SUMMARY"]}


def test_what_polar_has_switched_off_is_switched_on_again(server: Server) -> None:
    server.reply(Reply({"data": [{"id": "a", "url": ADDRESS, "active": False}]}), Reply(status=200))

    assert subscribing.subscribe(providers.get("polar"), address=ADDRESS) is None

    assert asked(server)[1:] == ["POST www.polaraccesslink.com/v3/webhooks/activate"]


def test_oura_is_asked_for_what_is_missing_only(server: Server) -> None:
    there = [
        {"id": f"{event}-{data}", "callback_url": ADDRESS, "event_type": event, "data_type": data,
         "expiration_time": "2027-01-01T00:00:00"}
        for event in ("create", "update", "delete") for data in ("sleep", "workout", "daily_activity")
    ]  # fmt: skip
    other = there[0] | {"callback_url": "https://elsewhere.example/", "data_type": "daily_readiness"}
    server.reply(Reply([*there, other]), Reply({}, 201))

    subscribing.subscribe(providers.get("oura"), address=ADDRESS)

    bodies = [json.loads(each.body) for each in server.asked[1:]]
    assert [(body["event_type"], body["data_type"]) for body in bodies] == [
        (event, "daily_readiness") for event in ("create", "update", "delete")
    ]
    assert all(body["verification_token"] == "our-word" for body in bodies)
    assert server.asked[-1].headers["x-client-secret"] == "our-secret"


def test_google_is_asked_by_the_operator_for_a_project(server: Server) -> None:
    operator = Operator("4711", "operators-token")
    server.reply(Reply({}), Reply({"name": "operations/1"}))

    subscribing.subscribe(providers.get("google_health"), address=ADDRESS, operator=operator)

    asking = server.asked[-1]
    body = json.loads(asking.body)
    assert asked(server)[-1] == "POST health.googleapis.com/v4/projects/4711/subscribers"
    assert asking.headers["authorization"] == "Bearer operators-token"
    assert (body["endpointUri"], body["endpointAuthorization"]) == (ADDRESS, {"secret": "our-word"})
    assert body["subscriberConfigs"][0]["subscriptionCreatePolicy"] == "AUTOMATIC"
    assert "operators-token" not in repr(operator)


def test_one_is_ended_at_its_own_address(server: Server) -> None:
    for type, id, path in (
        ("strava", "12", "www.strava.com/api/v3/push_subscriptions/12"),
        ("google_health", "projects/4711/subscribers/7", "health.googleapis.com/v4/projects/4711/subscribers/7"),
        ("polar", "a?b", "www.polaraccesslink.com/v3/webhooks/a%3Fb"),
    ):
        operator = Operator("4711", "t") if type == "google_health" else None
        subscribing.unsubscribe(providers.get(type), Subscribed(id, ADDRESS), operator=operator)
        assert asked(server)[-1] == f"DELETE {path}"


def test_withings_is_asked_with_the_grant_for_what_it_opens(server: Server) -> None:
    withings = providers.get("withings")
    server.reply(Reply({"status": 0, "body": {}}))
    topics = subscribing.topics(withings, ["user.metrics", "user.info"])

    for topic in topics:
        subscribing.subscribe_grant(withings, Grant("a-token"), topic, address=ADDRESS)

    assert [each.form["appli"] for each in server.asked] == ["1", "4", "46"]
    assert server.asked[0].form == {"action": "subscribe", "callbackurl": ADDRESS, "appli": "1"}
    assert server.asked[0].headers["authorization"] == "Bearer a-token"


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (Reply({"status": 293, "error": "invalid callbackurl"}), Unavailable),
        (Reply({"status": 601}), Limited),
        (Reply(b"<html>"), Unavailable),
        (Reply(status=503), Unavailable),
    ],
)
def test_a_success_of_withings_says_so_in_its_body(server: Server, reply: Reply, failure: type[Failure]) -> None:
    withings = providers.get("withings")
    server.reply(reply)

    with pytest.raises(failure):
        subscribing.subscribe_grant(withings, Grant("a-token"), subscribing.topics(withings, ["user.info"])[0],
                                    address=ADDRESS)  # fmt: skip


@pytest.mark.parametrize("body", [{"message": "no"}, 7, "text", None, b"<html>"])
def test_what_is_no_list_is_no_answer(server: Server, body: Any) -> None:
    server.reply(Reply(body))

    with pytest.raises(Unavailable):
        subscribing.listed(providers.get("oura"))


def test_what_nobody_can_read_in_a_list_is_left_out(server: Server) -> None:
    good = {"id": 7, "callback_url": ADDRESS, "event_type": "create", "data_type": "sleep", "expiration_time": "soon"}
    server.reply(Reply([None, 7, [], {}, {"id": 1}, {"id": 1, "callback_url": 5}, good]))

    [found] = subscribing.listed(providers.get("oura"))

    assert (found.id, found.address, found.ends_at) == ("7", ADDRESS, None)
    assert found.topic == (("event_type", "create"), ("data_type", "sleep"))


def test_only_what_ends_soon_is_renewed(server: Server) -> None:
    def row(id: str, days: int, address: str = ADDRESS) -> dict[str, Any]:
        ends = (NOW + timedelta(days=days)).isoformat()
        return {"id": id, "callback_url": address, "expiration_time": ends}

    server.reply(Reply([row("far", 30), row("theirs", 3, "https://elsewhere.example/")]))

    assert subscribing.renew_due(providers.get("oura"), address=ADDRESS, now=NOW) == 0
    assert subscribing.renew_due(providers.get("strava"), address=ADDRESS, now=NOW) == 0
    assert asked(server) == ["GET api.ouraring.com/v2/webhook/subscription"], "Strava's do not end"


@pytest.mark.parametrize(("status", "failure"), [(401, ClientRefused), (429, Limited), (500, Unavailable)])
def test_a_refusal_is_told_apart_and_tells_no_secret(server: Server, status: int, failure: type[Failure]) -> None:
    server.reply(Reply({"message": "bad our-secret and our-word"}, status))

    for type in ("strava", "polar", "oura"):
        with pytest.raises(failure) as raised:
            subscribing.listed(providers.get(type))
        assert "our-secret" not in str(raised.value)
        assert "our-word" not in str(raised.value)
