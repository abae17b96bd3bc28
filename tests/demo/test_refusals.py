"""How each simulated third party says no: in the words that were recorded of the real one."""

import json
from typing import Any

import pytest

from tests.demo.test_third_parties import is_refused, said
from tests.demo.wire import WIRES, App
from tests.servers.third_parties import ThirdParties

DEAD = "a-token-that-nobody-gave-out"


def strava(message: str, resource: str, field: str, code: str = "invalid") -> dict[str, Any]:
    return {"message": message, "errors": [{"resource": resource, "field": field, "code": code}]}


REFUSED_REFRESHES = {
    "strava": (400, strava("Bad Request", "RefreshToken", "refresh_token")),
    "withings": (200, {"status": 503, "body": {}, "error": "Invalid Params: invalid refresh_token"}),
    "google_health": (
        400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}),
    "garmin": (400, {"error": "invalid_grant", "error_description": f"Invalid refresh token: {DEAD}"}),
    "wahoo": (400, ""),
    "suunto": (400, {"error": "invalid_grant"}),
    "dexcom": (400, {"error": "invalid_grant"}),
}  # fmt: skip
REFUSED_CALLS = {
    "strava": (401, strava("Authorization Error", "Athlete", "access_token")),
    "withings": (200, {"status": 401, "body": {}, "error": "XRequestID: Not provided invalid_token: "
                                                          "The access token provided is invalid"}),
    "whoop": (401, "Authorization was not valid"),
    "polar": (401, ""),
    "fitbit": (401, {"errors": [{"errorType": "invalid_token", "message": f"Access token invalid: {DEAD}"}],
                     "success": False}),
}  # fmt: skip
REFUSED_CLIENTS = {
    "strava": (401, strava("Authorization Error", "Application", "")),
    "withings": (200, {"status": 503, "body": {}, "error": "Invalid Params: invalid client_secret"}),
    "whoop": (401, {"error": "invalid_client"}),
    "google_health": (401, {"error": "invalid_client"}),
    "polar": (401, {"error": "invalid_client"}),
    "garmin": (401, {"error": "invalid_client"}),
}  # fmt: skip


@pytest.mark.parametrize("type", REFUSED_REFRESHES)
def test_a_refused_refresh(third_parties: ThirdParties, type: str) -> None:
    assert said(App(third_parties, type).refresh(DEAD)) == REFUSED_REFRESHES[type]


def test_a_refused_refresh_at_fitbit_quotes_the_token(third_parties: ThirdParties) -> None:
    status, body = said(App(third_parties, "fitbit").refresh(DEAD))

    assert status == 400
    assert body["errors"][0]["errorType"] == "invalid_grant"
    assert body["errors"][0]["message"].startswith(f"Refresh token invalid: {DEAD}. Visit https://dev.fitbit.com")


def test_a_refused_refresh_at_whoop_and_oura(third_parties: ThirdParties) -> None:
    whoop, oura = (said(App(third_parties, type).refresh(DEAD)) for type in ("whoop", "oura"))

    assert (whoop[0], whoop[1]["error"]) == (400, "invalid_grant")
    assert whoop[1]["error_description"].startswith("The provided authorization grant (e.g., authorization code,")
    assert (oura[0], oura[1]["detail"]) == (400, "Token already used or revoked")


@pytest.mark.parametrize("type", REFUSED_CALLS)
def test_a_refused_call_for_data(third_parties: ThirdParties, type: str) -> None:
    assert said(App(third_parties, type).data(DEAD)) == REFUSED_CALLS[type]


@pytest.mark.parametrize("type", REFUSED_CLIENTS)
def test_a_wrong_client_secret_is_no_dead_grant(third_parties: ThirdParties, type: str) -> None:
    app = App(third_parties, type)

    assert said(app.exchange(app.code(), secret="wrong")) == REFUSED_CLIENTS[type]


@pytest.mark.parametrize("type", WIRES)
def test_the_person_can_end_it_at_the_third_party(third_parties: ThirdParties, type: str) -> None:
    app = App(third_parties, type)
    tokens = app.connect()
    assert third_parties.control(type, revoke={"account": "ada"}) == {"revoke": 1}

    assert is_refused(app.data(tokens["access_token"]))
    assert third_parties.log(type)["revocations"] == [{"account": "ada", "by": "person", "grants": 1}]
    if "refresh_token" in tokens:
        assert is_refused(app.refresh(tokens["refresh_token"]))


LIMIT_HEADERS = {
    "strava": {"X-RateLimit-Limit": "200,2000", "X-ReadRateLimit-Limit": "100,1000", "X-RateLimit-Usage": "201,1"},
    "whoop": {"X-RateLimit-Limit": "100, 100;window=60, 10000;window=86400", "X-RateLimit-Remaining": "0",
              "X-RateLimit-Reset": "41"},
    "fitbit": {"Fitbit-Rate-Limit-Limit": "150", "Fitbit-Rate-Limit-Reset": "41", "Retry-After": "41"},
    "oura": {"Retry-After": "41", "X-RateLimit-Window": "300"},
    "polar": {"RateLimit-Limit": "520, 5100"},
    "wahoo": {"Retry-After": "41"},
}  # fmt: skip


@pytest.mark.parametrize("type", LIMIT_HEADERS)
def test_too_many_requests(third_parties: ThirdParties, type: str) -> None:
    app = App(third_parties, type)
    token = third_parties.give(type)["access_token"]
    third_parties.control(type, misbehave={"limit": {"retry_after": 41, "times": 1}})
    answer = app.data(token)

    assert answer.status_code == 429
    assert LIMIT_HEADERS[type].items() <= dict(answer.headers).items()
    assert ("Retry-After" in answer.headers) is (type not in ("strava", "whoop", "polar"))
    if type == "polar":
        assert answer.headers["RateLimit-Reset"].startswith("41, ")
    assert app.data(token).status_code == 200


def test_too_many_requests_at_withings_are_a_success_that_says_601(third_parties: ThirdParties) -> None:
    app = App(third_parties, "withings")
    token = third_parties.give("withings")["access_token"]
    third_parties.control("withings", misbehave={"limit": True})

    assert said(app.data(token)) == (200, {"status": 601, "body": {}, "error": "Too Many Request"})


def test_the_documented_limits_count_for_real_on_demand(third_parties: ThirdParties) -> None:
    app = App(third_parties, "withings")
    token = third_parties.give("withings")["access_token"]
    third_parties.control("withings", misbehave={"enforce": True})
    statuses = [app.data(token).json()["status"] for _ in range(121)]
    while 601 not in statuses and len(statuses) < 2 * 120 + 1:  # a minute may have ended in between
        statuses.append(app.data(token).json()["status"])

    assert set(statuses[:-1]) == {0}
    assert statuses[-1] == 601


NOT_DEAD = {
    "oura": (403, "The member's subscription has expired"),
    "whoop": (403, '{"error": "deactivated_user"}'),
    "google_health": (400, "ACCOUNT_NOT_LINKED"),
    "polar": (403, ""),
}


@pytest.mark.parametrize("type", NOT_DEAD)
def test_a_good_grant_without_data(third_parties: ThirdParties, type: str) -> None:
    third_parties.control(type, misbehave={"not_shared": True})
    answer = App(third_parties, type).data(third_parties.give(type)["access_token"])

    assert answer.status_code == NOT_DEAD[type][0]
    assert NOT_DEAD[type][1] in answer.text


def test_an_app_that_wahoo_has_not_approved(third_parties: ThirdParties) -> None:
    third_parties.control("wahoo", misbehave={"not_approved": True})
    answer = App(third_parties, "wahoo").data(third_parties.give("wahoo")["access_token"])

    assert said(answer) == (422, {"error": "This application has not been approved"})


def test_suunto_says_error_in_a_success(third_parties: ThirdParties) -> None:
    third_parties.control("suunto", misbehave={"said": True})
    status, body = said(App(third_parties, "suunto").data(third_parties.give("suunto")["access_token"]))

    assert status == 200
    assert body["error"]["code"] == "403"


def test_revoking_an_unknown_token(third_parties: ThirdParties) -> None:
    tokens = {"access_token": DEAD, "x_user_id": 1, "userid": "1"}
    answers = {type: App(third_parties, type).revoke(tokens) for type in WIRES if WIRES[type].revoke}

    assert {type: answer.status_code for type, answer in answers.items()} == {
        "strava": 200, "fitbit": 200, "polar": 401, "oura": 401, "whoop": 401, "google_health": 400, "garmin": 401,
        "wahoo": 401, "suunto": 401,
    }  # fmt: skip
    assert json.loads(App(third_parties, "withings").revoke(tokens).text)["status"] == 503
