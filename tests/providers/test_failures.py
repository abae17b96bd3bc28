"""What providers really answer, and which of the four kinds of failure it is. Bodies as they were recorded."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard import providers
from dashboard.providers import Failure
from dashboard.providers.failures import CODES, failure
from dashboard.providers.http import Answer
from dashboard.providers.judging import judge

NOW = datetime(2026, 11, 24, 10, 7, 30, tzinfo=UTC)


def strava(resource: str, field: str = "", code: str = "invalid") -> dict[str, Any]:
    return {"message": "Bad Request", "errors": [{"resource": resource, "field": field, "code": code}]}


def oauth(error: str, description: str = "") -> dict[str, Any]:
    return {"error": error, "error_description": description}


def google(reason: str) -> dict[str, Any]:
    return {"error": {"code": 400, "status": "FAILED_PRECONDITION", "details": [{"reason": reason}]}}


def withings(status: int, error: str = "") -> dict[str, Any]:
    return {"status": status, "body": {}, "error": error}


def verdict(type: str, on: str, status: int, body: Any, **headers: str) -> Failure | None:
    """What an answer comes to: a failure, or None for a good one."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)
    try:
        judge(providers.get(type), on, answer, now=NOW)
    except Failure as failed:
        return failed
    return None


REFUSED = [
    ("strava", "refresh", 400, strava("RefreshToken", "refresh_token")),
    ("fitbit", "refresh", 400, {"errors": [{"errorType": "invalid_grant", "message": "Refresh token invalid: abc"}]}),
    ("fitbit", "refresh", 401, {"errors": [{"errorType": "invalid_grant", "message": ""}]}),
    ("withings", "refresh", 200, withings(503, "Invalid Params: invalid refresh_token")),
    ("withings", "refresh", 200, withings(401)),
    ("oura", "refresh", 400, {"status": 400, "title": "Bad Request", "detail": "Token already used or revoked"}),
    ("whoop", "refresh", 400, oauth("invalid_grant", "The provided authorization grant is invalid, expired")),
    ("google_health", "refresh", 400, oauth("invalid_grant", "Token has been expired or revoked.")),
    ("google_health", "revoke", 400, oauth("invalid_token", "Token expired or revoked")),
    ("garmin", "refresh", 400, oauth("invalid_grant", "Invalid refresh token: eyJ")),
    ("suunto", "refresh", 400, oauth("invalid_grant")),
    ("suunto", "refresh", 200, oauth("invalid_grant")),
    ("wahoo", "refresh", 400, b""),
    ("wahoo", "refresh", 400, oauth("invalid_grant")),
]


@pytest.mark.parametrize(("type", "on", "status", "body"), REFUSED)
def test_a_refused_grant_is_known_by_the_provider_s_own_words(type: str, on: str, status: int, body: Any) -> None:
    failed = verdict(type, on, status, body)

    assert isinstance(failed, providers.GrantRefused)
    assert failed.code == "refused"


CODE_REFUSED = [
    ("strava", 400, strava("AuthorizationCode", "code")),
    ("withings", 200, withings(503, "Invalid Params: invalid code")),
    ("polar", 400, oauth("invalid_grant")),
    ("wahoo", 400, oauth("invalid_grant", "The code is spent")),
    ("wahoo", 400, b""),
]


@pytest.mark.parametrize(("type", "status", "body"), CODE_REFUSED)
def test_a_refused_code_is_told_from_a_grant_that_ended(type: str, status: int, body: Any) -> None:
    failed = verdict(type, "code", status, body)

    assert isinstance(failed, providers.GrantRefused)
    assert failed.code == "code_refused"


OUR_FAULT = [
    ("strava", "refresh", 400, strava("Application", "client_id"), "client_refused"),
    ("strava", "refresh", 401, strava("Application"), "client_refused"),
    ("strava", "revoke", 401, {"message": "Authorization Error", "errors": []}, "client_refused"),
    ("strava", "data", 403, strava("Application", "Status", "Inactive"), "not_approved"),
    ("withings", "refresh", 200, withings(503, "Invalid Params: invalid client_secret"), "client_refused"),
    ("withings", "data", 200, withings(214, "unapproved"), "not_approved"),
    ("fitbit", "refresh", 401, {"errors": [{"errorType": "invalid_client", "message": ""}]}, "client_refused"),
    ("oura", "code", 401, {"title": "Unauthorized", "detail": "Invalid client"}, "client_refused"),
    ("oura", "refresh", 400, oauth("invalid_request", "Invalid request"), "client_refused"),
    ("whoop", "refresh", 400, oauth("invalid_scope"), "client_refused"),
    ("google_health", "refresh", 401, oauth("invalid_client"), "client_refused"),
    ("google_health", "refresh", 400, oauth("unauthorized_client"), "client_refused"),
    ("wahoo", "data", 422, {"error": "This application has not been approved"}, "not_approved"),
    ("wahoo", "refresh", 400, oauth("invalid_client"), "client_refused"),
    ("suunto", "data", 401, {"message": "Access denied due to invalid subscription key."}, "client_refused"),
]


@pytest.mark.parametrize(("type", "on", "status", "body", "code"), OUR_FAULT)
def test_what_is_the_operator_s_matter_never_asks_the_person(
    type: str, on: str, status: int, body: Any, code: str
) -> None:
    failed = verdict(type, on, status, body)

    assert isinstance(failed, providers.ClientRefused)
    assert failed.code == code


AT_THE_PROVIDER = [
    ("oura", "data", 403, {"detail": "The member's subscription has expired"}, "membership_ended"),
    ("whoop", "data", 403, {"error": "deactivated_user"}, "membership_ended"),
    ("google_health", "account", 400, google("ACCOUNT_NOT_LINKED"), "no_profile"),
    ("google_health", "data", 400, google("ACCOUNT_NOT_LINKED"), "no_profile"),
    ("polar", "account", 403, b"", "consents_missing"),
    ("polar", "data", 403, b"", "consents_missing"),
    ("strava", "data", 401, strava("AccessToken", "activity:read_permission", "missing"), "not_shared"),
    ("withings", "data", 200, withings(403, "XRequestID: Not provided insufficient_scope: no"), "not_shared"),
    ("google_health", "data", 403, {"error": {"status": "PERMISSION_DENIED"}}, "not_shared"),
    ("wahoo", "code", 400, {"error": "Too many unrevoked access tokens exist for this app and user."},
     "too_many_grants"),
]  # fmt: skip


@pytest.mark.parametrize(("type", "on", "status", "body", "code"), AT_THE_PROVIDER)
def test_a_good_grant_that_shares_nothing_has_its_own_reason(
    type: str, on: str, status: int, body: Any, code: str
) -> None:
    failed = verdict(type, on, status, body)

    assert isinstance(failed, providers.NotShared)
    assert failed.code == code


EXPIRED = [
    ("strava", 401, strava("Athlete", "access_token")),
    ("fitbit", 401, {"errors": [{"errorType": "expired_token", "message": "Access token expired: abc"}]}),
    ("withings", 200, withings(401, "invalid_token: The access token provided is invalid")),
    ("withings", 200, withings(100)),
    ("whoop", 401, b"Authorization was not valid"),
    ("polar", 401, b""),
]


@pytest.mark.parametrize(("type", "status", "body"), EXPIRED)
def test_a_data_call_that_refuses_the_access_token_asks_for_a_refresh(type: str, status: int, body: Any) -> None:
    assert isinstance(verdict(type, "data", status, body), providers.AccessExpired)


LATER = [
    ("strava", "refresh", 400, b"Bad Request", "odd_answer"),
    ("strava", "refresh", 403, b"", "odd_answer"),
    ("fitbit", "refresh", 404, b"", "odd_answer"),
    ("google_health", "refresh", 400, {"error": {"message": "?"}}, "odd_answer"),
    ("whoop", "refresh", 502, b"<html>Bad gateway</html>", "server_error"),
    ("whoop", "data", 500, b"", "server_error"),
    ("whoop", "data", 302, b"", "odd_answer"),
    ("whoop", "data", 400, b"", "odd_answer"),
    ("suunto", "data", 200, {"error": "Internal", "payload": None}, "server_error"),
    ("suunto", "refresh", 200, {"error": "temporarily_unavailable"}, "odd_answer"),
]


@pytest.mark.parametrize(("type", "on", "status", "body", "code"), LATER)
def test_whatever_proves_nothing_is_tried_again(type: str, on: str, status: int, body: Any, code: str) -> None:
    failed = verdict(type, on, status, body)

    assert isinstance(failed, providers.Unavailable)
    assert failed.code == code


GOOD = [
    ("suunto", "data", 200, {"error": None, "payload": []}),
    ("polar", "data", 204, b""),
    ("strava", "revoke", 200, b""),
    ("google_health", "revoke", 200, {}),
]


@pytest.mark.parametrize(("type", "on", "status", "body"), GOOD)
def test_a_good_answer_passes(type: str, on: str, status: int, body: Any) -> None:
    assert verdict(type, on, status, body) is None


WAITS = [
    ("strava", {"X_RateLimit_Limit": "200,2000", "X_RateLimit_Usage": "201,900"}, timedelta(minutes=7, seconds=30)),
    ("strava", {"X_ReadRateLimit_Limit": "100,1000", "X_ReadRateLimit_Usage": "90,1000"},
     timedelta(hours=13, minutes=52, seconds=30)),
    ("strava", {}, timedelta(minutes=7, seconds=30)),
    ("fitbit", {"Fitbit_Rate_Limit_Reset": "1200"}, timedelta(minutes=20)),
    ("fitbit", {"Retry_After": "60", "Fitbit_Rate_Limit_Reset": "1200"}, timedelta(minutes=1)),
    ("oura", {"X_RateLimit_Reset": str(int(NOW.timestamp()) + 90)}, timedelta(seconds=90)),
    ("whoop", {"X_RateLimit_Reset": "12"}, timedelta(seconds=12)),
    ("polar", {"RateLimit_Reset": "300, 40000", "RateLimit_Usage": "520, 900", "RateLimit_Limit": "520, 5100"},
     timedelta(minutes=5)),
    ("polar", {"RateLimit_Reset": "300, 40000", "RateLimit_Usage": "20, 5100", "RateLimit_Limit": "520, 5100"},
     timedelta(seconds=40_000)),
    ("google_health", {}, None),
    ("google_health", {"Retry_After": "Tue, 24 Nov 2026 10:08:00 GMT"}, timedelta(seconds=30)),
    ("google_health", {"Retry_After": "soon"}, None),
    ("google_health", {"Retry_After": "-5"}, None),
    ("google_health", {"Retry_After": "99999999999"}, timedelta(days=1)),
    ("google_health", {"Retry_After": "0"}, timedelta(seconds=1)),
    ("google_health", {"Retry_After": "Tue, 24 Nov 2026 09:00:00 GMT"}, timedelta(seconds=1)),
    ("google_health", {"Retry_After": "Tue, 24 Nov 2026 09:00:00 +99999999999999"}, None),
    ("google_health", {"Retry_After": "99999999999999"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("type", "headers", "wait"), WAITS)
def test_a_limit_is_waited_for_as_long_as_the_provider_says(
    type: str, headers: dict[str, str], wait: timedelta | None
) -> None:
    failed = verdict(type, "data", 429, {"message": "Rate Limit Exceeded"}, **headers)

    assert isinstance(failed, providers.Limited)
    assert failed.wait == wait


def test_withings_tells_its_limit_within_a_success() -> None:
    assert isinstance(verdict("withings", "data", 200, withings(601)), providers.Limited)


def test_an_outage_may_say_how_long_it_lasts() -> None:
    failed = verdict("whoop", "data", 503, b"", Retry_After="120")

    assert isinstance(failed, providers.Unavailable)
    assert failed.wait == timedelta(minutes=2)


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_of_one_kind_and_says_what_it_was_told(code: str) -> None:
    failed = failure(code, "in their words")

    assert (failed.code, failed.said) == (code, "in their words")
    assert str(failed) == f"{code}: in their words"


def test_what_we_saw_in_an_answer_is_kept_apart_from_what_the_provider_said() -> None:
    failed = providers.Unavailable("no list of nights", said="come back later", code="odd_answer")

    assert (failed.seen, failed.said) == ("no list of nights", "come back later")
    assert str(failed) == "odd_answer: no list of nights: come back later"
    assert providers.Unavailable("no list of nights").said == ""
