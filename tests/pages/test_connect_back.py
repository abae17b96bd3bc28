"""The way back from a provider: each ending is its own, says what was changed, and leaves nothing half-made."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from dashboard.data import db, transaction
from dashboard.data.authorization_requests import AuthorizationRequest
from dashboard.data.connections import Connection
from dashboard.data.revocations import Revocation
from dashboard.providers import agreements
from tests import factories
from tests.conftest import Browser, signed_in
from tests.pages.conftest import Go
from tests.pages.test_connections import text
from tests.servers.third_parties import ThirdParties


def connections() -> list[Connection]:
    """All connections, as they are now."""
    return list(db.session.execute(select(Connection).execution_options(populate_existing=True)).scalars())


def heading(page: Any) -> str:
    """The heading of a page."""
    return str(page.html.h1.text)


def status(page: Any) -> str:
    """The notice of a page."""
    return text(page.html.select_one("[role=status]"))


def test_a_connection_is_made_and_its_first_sync_is_in_line(ada: Browser, go: Go) -> None:
    answer = ada.get(go(ada), status=303)

    [made] = connections()
    assert answer.location.endswith(f"/connections/{made.id}/")
    assert "code" not in answer.location
    page = answer.follow()
    assert "Withings is connected You can watch the first sync here" in status(page)
    assert page.html.select_one("[data-state]")["data-state"] == "healthy"  # the notice's
    assert made.user_id == ada.user.id
    assert made.next_sync_at is not None
    assert "Withings was connected." in text(ada.get("/activity/").html)


def test_loading_the_way_back_again_leads_to_what_came_of_it(ada: Browser, go: Go) -> None:
    back = go(ada)
    ada.get(back, status=303).follow()

    again = ada.get(back, status=303).follow()

    assert "Withings is connected already" in status(again)
    assert len(connections()) == 1


def test_used_already_without_a_result(ada: Browser, go: Go) -> None:
    back = go(ada, refuse=True)
    ada.get(back, status=400)

    page = ada.get(back, status=409)

    assert heading(page) == "This way back was used already"


def test_whoever_declines_there_is_not_connected(ada: Browser, go: Go) -> None:
    page = ada.get(go(ada, refuse=True), status=400)

    assert heading(page) == "You did not connect Withings"
    assert page.html.find("a", string="Try again")["href"] == "/connect/withings/"
    assert "quote" not in text(page.html.main), "nothing went wrong that anybody could look up"
    assert connections() == []


def test_another_error_of_the_provider_is_shown_in_its_words(ada: Browser, go: Go, simulated: ThirdParties) -> None:
    simulated.control("withings", misbehave={"refuse": {"error": "temporarily_unavailable"}})

    page = ada.get(go(ada), status=502)

    assert heading(page) == "Withings could not go on"
    assert "temporarily_unavailable" in text(page.html.main.code)
    assert connections() == []


def test_what_was_left_out_there_is_said(ada: Browser, go: Go) -> None:
    page = ada.get(go(ada, "strava", scopes=["read", "activity:read_all"]), status=303).follow()

    assert "Strava is connected" in status(page)
    assert "Not permitted, so it will not arrive:" in status(page)
    assert len(connections()) == 1


def test_where_nothing_useful_is_permitted_nothing_is_connected(ada: Browser, go: Go) -> None:
    page = ada.get(go(ada, "strava", scopes=["read"]), status=409)

    assert heading(page) == "Nothing was permitted"
    assert connections() == []
    assert db.session.execute(select(Revocation.due_at)).scalar_one() is not None


def test_too_late(ada: Browser, go: Go) -> None:
    back = go(ada)
    with transaction():
        db.session.execute(update(AuthorizationRequest).values(expires_at=factories.now() - timedelta(minutes=1)))

    page = ada.get(back, status=400)

    assert heading(page) == "This took too long"
    assert connections() == []


@pytest.mark.parametrize("query", ["", "?state=", "?state=forged&code=x", "?code=x", "?state=%00&code=x"])
def test_what_did_not_begin_here(ada: Browser, simulated: ThirdParties, query: str) -> None:
    page = ada.get(f"/connect/withings/callback/{query}", status=400)

    assert heading(page) in {"This did not begin here", "We can’t read this request"}
    assert connections() == []


def test_an_answer_that_comes_by_another_providers_address_is_not_taken(ada: Browser, go: Go) -> None:
    mixed_up = go(ada).replace("/withings/", "/strava/")

    page = ada.get(mixed_up, status=400)

    assert heading(page) == "This did not begin here"
    assert connections() == []


def test_another_login_of_the_same_person(app: Flask, ada: Browser, go: Go) -> None:
    back = go(ada)

    page = signed_in(app, ada.user).get(back, status=403)

    assert heading(page) == "You began this in another login"
    assert connections() == []


def test_another_persons_browser(ada: Browser, ben: Browser, go: Go) -> None:
    page = ben.get(go(ada), status=403)

    assert heading(page) == "Somebody else began this"
    assert connections() == []


def test_nobody_is_signed_in_any_more(ada: Browser, anybody: Browser, go: Go) -> None:
    back = go(ada)

    page = anybody.get(back, status=403)

    assert heading(page) == "You are no longer signed in"
    code = back.partition("code=")[2].partition("&")[0]
    assert code not in page.text
    assert connections() == []


def test_the_same_account_twice_stays_one_connection(ada: Browser, go: Go) -> None:
    ada.get(go(ada), status=303).follow()

    page = ada.get(go(ada), status=303).follow()

    assert "Withings was connected already" in status(page)
    assert len(connections()) == 1


def test_an_account_that_another_person_here_has(ada: Browser, ben: Browser, go: Go) -> None:
    ben.get(go(ben), status=303)

    page = ada.get(go(ada), status=409)

    assert heading(page) == "Another person has connected this account"
    assert "Ben" not in page.html.main.text
    assert [each.user_id for each in connections()] == [ben.user.id]


@pytest.mark.parametrize(
    ("fault", "words"),
    [({"error": {"on": ["token"]}}, "has a fault of its own"), ({"limit": {"on": ["token"]}}, "asks us to wait")],
)
def test_a_provider_that_fails_while_the_grant_is_fetched(
    ada: Browser, go: Go, simulated: ThirdParties, fault: dict[str, Any], words: str
) -> None:
    back = go(ada)
    simulated.control("withings", misbehave=fault)

    page = ada.get(back, status=502)

    assert heading(page) == "Withings was not connected"
    assert words in text(page.html.main)
    assert connections() == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [("truncate", None), ("huge", None), ("wrong_type", None), ("said", "An unknown error occurred")],
)
def test_only_what_the_provider_wrote_is_shown_as_its_words(
    ada: Browser, go: Go, simulated: ThirdParties, caplog: pytest.LogCaptureFixture, fault: str, words: str | None
) -> None:
    back = go(ada)
    simulated.control("withings", misbehave={fault: {"on": ["token"]}})
    caplog.set_level(logging.INFO, "dashboard.connecting")

    main = text(ada.get(back, status=502).html.main)

    assert ("In its own words:" in main) is (words is not None)
    assert (words or "") in main
    assert re.search("was made: [a-z_]+: [a-zA-Z0-9].+", caplog.text), "what we saw is in the log"


@pytest.mark.parametrize("help_url", ["", "https://help.example/"])
@pytest.mark.parametrize("fault", ["client", "not_approved"])
def test_what_only_the_operator_can_mend_offers_no_second_try(
    app: Flask,
    ada: Browser,
    go: Go,
    simulated: ThirdParties,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    help_url: str,
) -> None:
    monkeypatch.setitem(app.config, "HELP_URL", help_url)
    back = go(ada)
    simulated.control("withings", misbehave={fault: {"on": ["token"]}})

    main = ada.get(back, status=502).html.main

    assert "Only whoever runs this site can mend that" in text(main)
    ways = [(each.text, each["href"]) for each in main.select(".row a")]
    help = [("Write to support", help_url)] if help_url else []
    assert ways == [("Go to your connections", "/connections/"), *help]
    assert main.select_one(".button--do").text == "Go to your connections"


def test_a_type_whose_credentials_went_meanwhile(ada: Browser, go: Go, simulated: ThirdParties) -> None:
    back = go(ada)
    agreements.use({}, simulated=simulated.url)

    page = ada.get(back, status="*")

    assert page.status_int in {409, 502}
    assert "Withings" in heading(page)
    assert connections() == []


def test_neither_code_nor_state_is_in_a_log_or_kept_by_a_browser(
    ada: Browser, go: Go, caplog: pytest.LogCaptureFixture
) -> None:
    back = go(ada, refuse=True)
    caplog.set_level(logging.DEBUG)

    answer = ada.get(back, status=400)

    state = back.partition("state=")[2].partition("&")[0]
    assert state
    assert state not in caplog.text
    assert state not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(("fault", "level"), [("client", "WARNING"), ("error", "INFO")])
def test_the_log_says_whom_it_was_about_and_why_louder_where_the_operator_must_act(
    ada: Browser, go: Go, simulated: ThirdParties, caplog: pytest.LogCaptureFixture, fault: str, level: str
) -> None:
    back = go(ada)
    simulated.control("withings", misbehave={fault: {"on": ["token"]}})
    caplog.set_level(logging.INFO, logger="dashboard.connecting")

    ada.get(back, status=502)

    [line] = [each for each in caplog.records if each.name == "dashboard.connecting"]
    code = {"client": "client_refused", "error": "server_error"}[fault]
    assert line.levelname == level
    assert line.getMessage().startswith(f"no connection to withings was made: {code}")
    secret = agreements.of("withings").client
    assert secret is not None
    assert secret.secret not in line.getMessage()


def test_what_a_provider_sends_back_is_in_the_log_without_state_and_code(
    ada: Browser, go: Go, caplog: pytest.LogCaptureFixture
) -> None:
    state = go(ada).partition("state=")[2].partition("&")[0]
    query = f"state={state}&code=short&error=server_error&error_description=short+{state}+later"
    caplog.set_level(logging.INFO, logger="dashboard.connecting")

    ada.get(f"/connect/withings/callback/?{query}", status=502)

    [line] = [each.getMessage() for each in caplog.records if each.name == "dashboard.connecting"]
    assert line.startswith(
        "no connection to withings was made: The provider sent an error back. server_error … … later ("
    )
