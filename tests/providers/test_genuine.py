"""Webhooks: whose call it is. Signatures, handshakes, and calls that mean harm."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from dashboard import providers
from dashboard.providers import Answered, NotGenuine, Notice, agreements
from tests.providers.calls import (
    ACCOUNTS,
    FITBIT,
    GOOGLE,
    NOW,
    POLAR,
    SIGNED,
    STRAVA,
    SUUNTO,
    WAHOO,
    WHOOP,
    Headers,
    digest,
    each_signed,
    oura_signed,
    proved,
    read,
    strava_signed,
    whoop_signed,
)
from tests.providers.conftest import CLIENT

pytestmark = pytest.mark.usefixtures("make")  # our client is known everywhere


@each_signed
def test_a_signed_notice_is_proved_and_names_its_account(type: str) -> None:
    [notice] = proved(type, SIGNED[type][0]).notices

    assert (notice.account_id, notice.proved) == (ACCOUNTS[type], True)


@each_signed
def test_names_of_headers_are_read_in_any_case(type: str) -> None:
    content = json.dumps(SIGNED[type][0]).encode()
    headers = {name.upper(): value for name, value in SIGNED[type][1](content).items()}

    assert read(type, content, headers).notices[0].proved


@each_signed
def test_a_wrong_signature_is_refused(type: str) -> None:
    content = json.dumps(SIGNED[type][0]).encode()
    headers = SIGNED[type][1](content)
    name = next(iter(headers))

    for wrong in (headers[name][:-4] + "0000", headers[name] + "0", "é" * 9, "t=1,v1=", "x" * 5000):
        with pytest.raises(NotGenuine):
            read(type, content, headers | {name: wrong})


@pytest.mark.parametrize("type", [each for each in SIGNED if each not in {"google_health", "garmin"}])
def test_a_signature_is_for_one_body(type: str) -> None:
    headers = SIGNED[type][1](json.dumps(SIGNED[type][0]).encode())

    with pytest.raises(NotGenuine):
        read(type, json.dumps(SIGNED[type][0]).encode() + b" ", headers)


@pytest.mark.parametrize("type", ["whoop", "oura", "polar", "suunto", "fitbit", "google_health"])
def test_where_notices_are_signed_one_without_signature_is_refused(type: str) -> None:
    with pytest.raises(NotGenuine):
        read(type, SIGNED[type][0])


@pytest.mark.parametrize(("type", "sign"), [("strava", strava_signed), ("whoop", whoop_signed), ("oura", oura_signed)])
@pytest.mark.parametrize("late", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_signature_is_good_for_some_minutes(
    type: str, sign: Callable[[bytes, datetime], Headers], late: timedelta
) -> None:
    content = json.dumps(SIGNED[type][0]).encode()

    assert read(type, content, sign(content, NOW - late / 2)).notices
    with pytest.raises(NotGenuine, match="too old"):
        read(type, content, sign(content, NOW - late))


@pytest.mark.parametrize("type", ["whoop", "oura"])
@pytest.mark.parametrize("stamp", ["", "soon", "-1", "1e9", "9" * 40])
def test_a_signed_time_is_a_time(type: str, stamp: str) -> None:
    content = json.dumps(SIGNED[type][0]).encode()
    headers = SIGNED[type][1](content)
    name = next(name for name in headers if "imestamp" in name)

    with pytest.raises(NotGenuine):
        read(type, content, headers | {name: stamp})


def test_strava_without_a_signature_and_withings_give_hints_only() -> None:
    [strava] = read("strava", STRAVA).notices
    [withings] = read("withings", b"userid=12345&appli=1&startdate=1&enddate=2").notices

    assert strava == Notice("134815", proved=False)
    assert withings == Notice("12345", proved=False)


# Handshakes


def test_strava_gets_its_challenge_back() -> None:
    answered = read(
        "strava", method="GET", hub__mode="subscribe", hub__challenge="15f7d1a91c1f40f8a748fd134752feb3",
        hub__verify_token="our-word",
    )  # fmt: skip

    assert (answered.status, answered.content_type) == (200, "application/json")
    assert json.loads(answered.body) == {"hub.challenge": "15f7d1a91c1f40f8a748fd134752feb3"}
    assert answered.notices == ()


def test_oura_gets_its_challenge_back() -> None:
    answered = read("oura", method="GET", challenge="c-1", verification_token="our-word")

    assert json.loads(answered.body) == {"challenge": "c-1"}


@pytest.mark.parametrize(
    ("type", "query"),
    [
        ("strava", {"hub__mode": "subscribe", "hub__challenge": "c", "hub__verify_token": "theirs"}),
        ("strava", {"hub__mode": "subscribe", "hub__challenge": "c"}),
        ("strava", {"hub__mode": "subscribe", "hub__challenge": "", "hub__verify_token": "our-word"}),
        ("strava", {"hub__mode": "subscribe", "hub__challenge": "<script> ", "hub__verify_token": "our-word"}),
        ("strava", {"hub__mode": "subscribe", "hub__challenge": "x" * 501, "hub__verify_token": "our-word"}),
        ("strava", {}),
        ("oura", {"challenge": "c", "verification_token": "theirs"}),
        ("oura", {"verification_token": "our-word"}),
        ("whoop", {"challenge": "c"}),
    ],
)
def test_whoever_cannot_say_our_word_gets_no_echo(type: str, query: dict[str, str]) -> None:
    with pytest.raises(NotGenuine):
        read(type, method="GET", **query)


@pytest.mark.parametrize(("code", "status"), [("our-word", 204), ("wrong", 404), ("", 404)])
def test_fitbit_tries_a_right_code_and_a_wrong_one(code: str, status: int) -> None:
    assert read("fitbit", method="GET", verify=code).status == status


def test_withings_is_content_with_an_answer_to_head() -> None:
    assert read("withings", method="HEAD") == Answered(200)


def test_polar_pings_before_anybody_knows_the_secret() -> None:
    assert read("polar", {"event": "PING"}) == Answered(200)


def test_google_tries_with_the_secret_and_without() -> None:
    assert read("google_health", {"type": "verification"}, {"Authorization": "our-word"}) == Answered(201)
    with pytest.raises(NotGenuine):
        read("google_health", {"type": "verification"})


# Hostile calls


@each_signed
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"null", b"7", b'"text"', b"[]", b"{}", b"[[]]", b'{"a": 1}',
                                  b"[" * 3000 + b"]" * 3000, b'[{"owner_id": true}]'])  # fmt: skip
def test_a_call_that_nobody_can_read_is_refused_though_it_is_signed(type: str, body: bytes) -> None:
    with pytest.raises(NotGenuine):
        read(type, body, SIGNED[type][1](body))


@pytest.mark.parametrize("body", [b"", b"nonsense", b"\xc3\xa9=1", b"appli=1", b"userid=", b"&".join([b"a=1"] * 60)])
def test_a_form_that_nobody_can_read_is_refused(body: bytes) -> None:
    with pytest.raises(NotGenuine):
        read("withings", body)


def test_too_many_notices_in_one_call_are_refused() -> None:
    with pytest.raises(NotGenuine, match="too many"):
        proved("fitbit", FITBIT * 1001)


@each_signed
def test_nothing_is_believed_where_we_have_no_client_or_no_secret(type: str) -> None:
    content = json.dumps(SIGNED[type][0]).encode()
    agreements.use({})

    with pytest.raises(NotGenuine):
        read(type, content, SIGNED[type][1](content))


@pytest.mark.parametrize("type", ["polar", "suunto", "google_health", "wahoo"])
def test_a_secret_that_is_not_set_is_not_an_empty_one(type: str) -> None:
    agreements.use({type: providers.Agreement(providers.Client(CLIENT.id, CLIENT.secret))})
    headers = {
        "Polar-Webhook-Signature": digest(json.dumps(POLAR).encode(), "").hex(),
        "X-HMAC-SHA256-Signature": digest(json.dumps(SUUNTO).encode(), "").hex(),
        "Authorization": "",
    }
    body = {"polar": POLAR, "suunto": SUUNTO, "google_health": GOOGLE, "wahoo": WAHOO | {"webhook_token": ""}}[type]

    with pytest.raises(NotGenuine):
        read(type, body, headers)


@pytest.mark.parametrize("type", ["dexcom", "concept2", "jawboneup", "pulseband"])
def test_who_sends_no_notices_is_not_listened_to(type: str) -> None:
    with pytest.raises(NotGenuine):
        read(type, STRAVA)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_notices_come_by_post(method: str) -> None:
    content = json.dumps(WHOOP).encode()

    with pytest.raises(NotGenuine):
        read("whoop", content, whoop_signed(content), method=method)
