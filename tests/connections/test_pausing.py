"""Pauses: what only the operator can mend is told to them once, with the settings to look at, not their values."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import pausing, syncing
from dashboard.connections.pausing import Said
from dashboard.data import clock
from dashboard.providers import agreements
from tests import factories
from tests.connections import road
from tests.servers.third_parties import ThirdParties


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log of a process that has said nothing yet."""
    monkeypatch.setattr(pausing, "said", Said())
    caplog.set_level(logging.DEBUG, logger="dashboard")
    return caplog


def warnings(log: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in log.records if each.levelno >= logging.WARNING]


def test_the_log_says_which_settings_to_look_at_once_for_a_pause(
    simulated: ThirdParties, ada: Any, log: pytest.LogCaptureFixture
) -> None:
    made = road.connect(simulated, "suunto", ada).connection_id
    simulated.control("suunto", misbehave={"client": {"on": ["refresh"]}})

    for _ in range(3):
        road.due_now(made, access_expires_at=clock.now())
        syncing.sync(made)

    assert road.row(made).paused_at is not None
    assert warnings(log) == [
        "suunto: connections are paused (client_refused). Suunto refuses the app: "
        "check SUUNTO_CLIENT_ID, SUUNTO_CLIENT_SECRET and SUUNTO_SUBSCRIPTION_KEY."
    ]


def test_a_pause_that_goes_on_is_not_told_again_by_another_process_either(
    simulated: ThirdParties, ada: Any, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = road.connect(simulated, "strava", ada).connection_id
    agreements.use({}, simulated=simulated.url)
    syncing.sync(made)
    monkeypatch.setattr(pausing, "said", Said())
    road.due_now(made)

    syncing.sync(made)

    assert [run.failure_code for run in road.runs(made)] == ["no_credentials"] * 2
    assert len(warnings(log)) == 1


def test_of_many_connections_of_a_type_the_first_is_told_within_the_hour(
    simulated: ThirdParties, ada: Any, log: pytest.LogCaptureFixture
) -> None:
    first = road.connect(simulated, "strava", ada).connection_id
    second = road.connect(simulated, "strava", ada, account="second").connection_id
    known = agreements.of("strava")
    assert known.client is not None
    agreements.use({}, simulated=simulated.url)

    syncing.sync(first)
    syncing.sync(second)

    assert road.row(second).paused_at is not None
    assert warnings(log) == [
        "strava: connections are paused (no_credentials). Set STRAVA_CLIENT_ID and STRAVA_CLIENT_SECRET."
    ]
    assert known.client.secret not in log.text


def test_after_an_hour_a_pause_is_news_again() -> None:
    said, now = Said(), factories.now()

    assert said.is_news("strava", now)
    assert said.is_news("oura", now)
    assert not said.is_news("strava", now + timedelta(minutes=59))
    assert said.is_news("strava", now + timedelta(minutes=60))


def test_what_comes_back_by_itself_is_no_matter_of_the_operator(
    simulated: ThirdParties, ada: Any, log: pytest.LogCaptureFixture
) -> None:
    made = road.connect(simulated, "strava", ada).connection_id
    simulated.control("strava", misbehave={"error": {"on": ["data"]}})

    syncing.sync(made)

    assert road.row(made).failure_code == "server_error"
    assert warnings(log) == []
    assert pausing.paused() == []


def test_paused_ones_are_counted_by_type_with_the_most_frequent_reason_first(app: Flask) -> None:
    for code in ("not_approved", "client_refused", "client_refused"):
        factories.Connection(user=factories.User(), type="strava", paused=True, failure_code=code)
    factories.Connection(user=factories.User(), type="withings", paused=True, failure_code="unreadable_token")
    factories.Connection(user=factories.User(), type="oura")
    factories.Connection(user=factories.User(), type="fitbit", paused=True)  # its provider has closed the API

    strava, withings = pausing.paused()

    assert (strava.type, strava.number, list(strava.codes)) == ("strava", 3, ["client_refused", "not_approved"])
    assert strava.remedy == "Strava refuses the app: check STRAVA_CLIENT_ID and STRAVA_CLIENT_SECRET."
    assert (withings.type, withings.number) == ("withings", 1)
    assert "TOKEN_ENCRYPTION_KEYS" in withings.remedy
