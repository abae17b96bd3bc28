"""Each misbehaviour of a third party, and whose matter each dialect makes of it."""

from datetime import timedelta
from typing import Any

import pytest

from dashboard import providers
from dashboard.providers import ClientRefused, Failure, Limited, NotShared, Unavailable, http
from tests.providers.walking import RENEWED, agree, ask, connect, each_pulled, each_renewed, exchange
from tests.servers.third_parties import ThirdParties

SAID: dict[str, tuple[type[Failure], dict[str, Any]]] = {
    "client": (ClientRefused, {"client": {"on": ["token", "refresh"]}}),
    "limit": (Limited, {"limit": {"retry_after": 90}}),
    "server error": (Unavailable, {"error": {"status": 503}}),
    "hangs up": (Unavailable, {"drop": True}),
    "breaks off": (Unavailable, {"truncate": True}),
    "wrong type": (Unavailable, {"wrong_type": True}),
    "elsewhere": (Unavailable, {"redirect": True}),
    "hangs": (Unavailable, {"hang": {"seconds": 3}}),
}
each_fault = pytest.mark.parametrize("fault", SAID)


@each_fault
@each_renewed
def test_a_refresh_that_fails_says_whose_matter_it_is(
    real: ThirdParties, key: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "limits", http.Limits(read_seconds=0.4))
    grant = connect(real, key)
    expected, misbehaviour = SAID[fault]
    real.control(key, misbehave=misbehaviour)

    with pytest.raises(expected) as failed:
        providers.refresh(providers.get(key), grant)

    assert not {grant.access_token, str(grant.refresh_token)} & set(failed.value.said.split())
    assert len(failed.value.said) <= 200


@each_fault
@each_pulled
def test_a_data_call_that_fails_says_whose_matter_it_is(
    real: ThirdParties, key: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "client":
        return  # on a data call, our client is not proved
    monkeypatch.setattr(http, "limits", http.Limits(read_seconds=0.4))
    grant = connect(real, key)
    expected, misbehaviour = SAID[fault]
    real.control(key, misbehave=misbehaviour)

    with pytest.raises(expected):
        ask(key, grant)


@pytest.mark.parametrize("key", ["strava", "withings", "whoop", "polar"])
@pytest.mark.parametrize("on", ["token", "data"])
def test_a_huge_answer_is_not_read(real: ThirdParties, key: str, on: str) -> None:
    answer = agree(real, key)
    grant = exchange(key, agree(real, key))
    real.control(key, misbehave={"huge": {"megabytes": 64, "on": [on]}})

    with pytest.raises(Unavailable) as failed:
        exchange(key, answer) if on == "token" else ask(key, grant)

    assert failed.value.code == "too_large"


@pytest.mark.parametrize(
    ("key", "code"), [("oura", "membership_ended"), ("whoop", "membership_ended"), ("google_health", "no_profile"),
                      ("polar", "consents_missing")]
)  # fmt: skip
def test_a_good_grant_that_shares_nothing_says_why(real: ThirdParties, key: str, code: str) -> None:
    grant = connect(real, key)
    real.control(key, misbehave={"not_shared": True})

    with pytest.raises(NotShared) as failed:
        ask(key, grant)

    assert failed.value.code == code


@pytest.mark.parametrize("key", ["strava", "wahoo"])
def test_an_app_that_is_not_approved_is_the_operator_s_matter(real: ThirdParties, key: str) -> None:
    grant = connect(real, key)
    real.control(key, misbehave={"not_approved": True})

    with pytest.raises(ClientRefused) as failed:
        ask(key, grant)

    assert failed.value.code == "not_approved"


@pytest.mark.parametrize("key", RENEWED)
def test_a_success_that_says_error_is_no_grant(real: ThirdParties, key: str) -> None:
    grant = connect(real, key)
    real.control(key, misbehave={"said": {"on": ["refresh"]}})

    with pytest.raises(Failure):
        providers.refresh(providers.get(key), grant)


def test_a_limit_tells_how_long_to_wait(real: ThirdParties) -> None:
    grants = {key: connect(real, key) for key in ("whoop", "oura", "polar", "strava")}
    for key, grant in grants.items():
        real.control(key, misbehave={"limit": {"retry_after": 90, "on": ["data"]}})
        with pytest.raises(Limited) as failed:
            ask(key, grant)
        wait = failed.value.wait
        assert wait is not None, key
        assert wait == timedelta(seconds=90) if key != "strava" else timedelta() < wait <= timedelta(minutes=15)


def test_connections_to_a_provider_are_kept(real: ThirdParties) -> None:
    grant = connect(real, "whoop")
    before = real.log("whoop")["sockets"]

    for _ in range(5):
        ask("whoop", grant)

    assert real.log("whoop")["sockets"] - before <= 1
