"""``providers subscribe`` and ``unsubscribe``: an operator asks providers to tell us, and sees that they do."""

import json
from typing import Any

import pytest
from flask import Flask

from dashboard import providers
from dashboard.data import clock
from dashboard.providers import Agreement, Client, agreements
from dashboard.web import webhooks
from tests import factories
from tests.commands.conftest import Command
from tests.conftest import Served
from tests.connections import road
from tests.servers.third_parties import ThirdParties

OPERATOR = "demo-operator-token\n"
EACH = {"strava": 1, "polar": 1, "oura": 12, "google_health": 1}
"""The types that are asked once, and how many subscriptions that makes."""
NEWS = {"strava": "workout", "polar": "workout", "oura": "night", "google_health": "weight"}
each_type = pytest.mark.parametrize("type", EACH)


def run(flask: Command, command: str, type: str, *options: str) -> Any:
    project = ("--project", "4711") if type == "google_health" else ()
    return flask("providers", command, type, *project, *options, stdin=OPERATOR)


@each_type
def test_a_provider_is_asked_once_and_then_tells_what_is_new(
    flask: Command, served: Served, simulated: ThirdParties, type: str
) -> None:
    given = simulated.give(type)
    later = clock.now().replace(year=clock.now().year + 1)
    connection = factories.Connection(
        user=factories.User(), type=type, remote_account_id=given["account_id"], next_sync_at=later
    )

    first, second = run(flask, "subscribe", type), run(flask, "subscribe", type)

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert f"sends its notices to {webhooks.address(type)}\n" in second.output
    assert len(simulated.subscriptions(type)) == EACH[type]
    while not served.calls.empty():
        served.calls.get()  # the provider's trials of the address
    simulated.control(type, happen={"account": "ada", "what": NEWS[type]})
    assert served.next_notice() == webhooks.path(type)
    assert road.row(connection.id).due_why == "webhook"
    assert road.row(connection.id).next_sync_at < later


@each_type
def test_unsubscribing_ends_it(flask: Command, served: Served, simulated: ThirdParties, type: str) -> None:
    run(flask, "subscribe", type)

    assert run(flask, "unsubscribe", type).exit_code == 0

    assert simulated.subscriptions(type) == []
    again = run(flask, "unsubscribe", type)
    assert (again.exit_code, again.output) == (0, "There was nothing to end.\n")


def test_the_secret_that_polar_chooses_is_told_this_once(
    flask: Command, served: Served, simulated: ThirdParties
) -> None:
    agreements.use({"polar": Agreement(Client("demo-polar", "demo-secret-polar"))}, simulated=simulated.url)

    first, second = run(flask, "subscribe", "polar"), run(flask, "subscribe", "polar")

    assert "POLAR_WEBHOOK_SECRET=demo-webhook-secret-polar" in first.output
    assert "SECRET" not in second.output


@pytest.mark.parametrize("type", ["strava", "oura", "google_health"])
def test_a_secret_of_ours_must_be_set_first(flask: Command, served: Served, simulated: ThirdParties, type: str) -> None:
    agreements.use({type: Agreement(Client(f"demo-{type}", f"demo-secret-{type}"))}, simulated=simulated.url)

    result = run(flask, "subscribe", type)

    assert result.exit_code == 1
    assert f"Set {type.upper()}_WEBHOOK_SECRET to a long random text first" in result.output
    assert simulated.log(type)["requests"] == {}


def test_googles_begins_with_its_scheme(flask: Command, served: Served, simulated: ThirdParties) -> None:
    known = Client("demo-google_health", "demo-secret-google_health", webhook_secret="onlyrandom")
    agreements.use({"google_health": Agreement(known)}, simulated=simulated.url)

    assert "must begin with its scheme" in run(flask, "subscribe", "google_health").output


@pytest.mark.parametrize("wrong", [{"stdin": ""}, {"stdin": "a-persons-token\n"}])
def test_google_wants_an_operator(
    flask: Command, served: Served, simulated: ThirdParties, wrong: dict[str, str]
) -> None:
    result = flask("providers", "subscribe", "google_health", "--project", "4711", **wrong)

    assert result.exit_code == 1
    assert "a-persons-token" not in result.output
    assert flask("providers", "subscribe", "google_health", stdin=OPERATOR).exit_code == 1, "and its project"
    assert simulated.subscriptions("google_health") == []


@each_type
def test_an_address_that_does_not_answer_is_said(
    flask: Command, app: Flask, served: Served, simulated: ThirdParties, monkeypatch: pytest.MonkeyPatch, type: str
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "http://localhost:9")

    result = run(flask, "subscribe", type)

    assert result.exit_code == 1
    assert "does not send notices" in result.output
    assert "demo-secret" not in result.output
    assert simulated.subscriptions(type) == []


def test_one_address_blocks_another_until_it_is_ended(
    flask: Command, app: Flask, served: Served, simulated: ThirdParties, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(flask, "subscribe", "strava")
    monkeypatch.setitem(app.config, "SECRET_KEY", "another-secret-key-that-is-long-enough")  # so that the address moves

    assert run(flask, "subscribe", "strava").exit_code == 1
    assert "It sends to other addresses: 1. --all ends those too." in run(flask, "unsubscribe", "strava").output
    assert run(flask, "unsubscribe", "strava", "--all").exit_code == 0
    assert run(flask, "subscribe", "strava").exit_code == 0


@pytest.mark.parametrize(
    ("type", "said"),
    [
        ("withings", "asked with each connection, by itself"),
        ("whoop", "is told the address in its developer portal: http://localhost"),
        ("dexcom", "sends no notices"),
        ("nobody", "There is no type 'nobody'"),
    ],
)
def test_what_can_not_be_asked_for_is_said(
    flask: Command, served: Served, simulated: ThirdParties, type: str, said: str
) -> None:
    for command in ("subscribe", "unsubscribe"):
        result = run(flask, command, type)
        assert (result.exit_code, said in result.output) == (1, True), result.output


def test_without_credentials_there_is_nobody_to_ask(flask: Command, app: Flask) -> None:
    agreements.use({})
    try:
        assert "set STRAVA_CLIENT_ID" in run(flask, "subscribe", "strava").output
    finally:
        providers.init_app(app)


def test_the_check_tells_whether_notices_come(flask: Command, served: Served, simulated: ThirdParties) -> None:
    def notices(type: str) -> str:
        result = flask("providers", "check", type)
        return next(line for line in result.output.splitlines() if " notices: " in line)

    assert "none come; ask for them by: flask --app wsgi providers subscribe strava" in notices("strava")
    for type in ("strava", "oura"):
        run(flask, "subscribe", type)
    assert notices("strava").endswith("notices: subscribed: 1")
    assert "subscribed: 12, the first until 20" in notices("oura")
    assert "providers subscribe google_health --project" in notices("google_health")
    assert "asked for with each connection by itself" in notices("withings")
    simulated.control("strava", misbehave={"error": {"on": ["subscribe"]}})
    assert notices("strava").startswith("TROUBLE")
    assert json.dumps(simulated.log("strava")["notices"]) == "[]", "looking changes nothing"
