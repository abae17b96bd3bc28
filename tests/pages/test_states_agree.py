"""What is wrong with a connection is said everywhere at once, and everywhere the same."""

from typing import Any

import pytest

from dashboard.connections import syncing
from tests import factories
from tests.conftest import Browser
from tests.connections import road
from tests.pages.test_connections import text
from tests.servers.third_parties import ThirdParties

TRAITS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "healthy", "Working"),
    ({"refused": True}, "reconnect", "Needs you"),
    ({"failing": True}, "delayed", "Delayed"),
    ({"overdue_at": factories.now()}, "delayed", "Delayed"),
    ({"quiet": True}, "quiet", "Quiet"),
    ({"fresh": True}, "new", "New"),
    ({"syncing": True}, "syncing", "Syncing"),
    ({"paused": True}, "paused", "On us"),
    ({"type": "jawboneup"}, "retired", "Closed by the provider"),
]


def said(ada: Browser, dora: Browser, connection: Any) -> dict[str, str]:
    """The word for a connection's state on every page that has one. It is the only one of its person."""
    here, place = f"/connections/{connection.id}/", connection.type
    pages = {
        "card": (ada, "/connections/", ".card .state"),
        "filter": (ada, f"/connections/?type={place}", ".card .state"),
        "detail": (ada, here, "[data-live=state] .state"),
        "disconnect": (ada, f"{here}disconnect/", "[aria-labelledby=now] .state"),
        "shelf": (ada, "/connect/", ".offer .state"),
        "case": (dora, f"/support/users/{ada.user.id}/", "[aria-labelledby=conns] td[data-label=State]"),
    }
    return {name: text(browser.get(path).html.select_one(where)) for name, (browser, path, where) in pages.items()}


@pytest.mark.parametrize(("made", "state", "word"), TRAITS)
def test_each_state_has_one_word_on_every_page(
    ada: Browser, dora: Browser, made: dict[str, Any], state: str, word: str
) -> None:
    connection = factories.Connection(user=ada.user, **made)

    assert set(said(ada, dora, connection).values()) == {word}
    assert len(ada.get("/connections/", {"state": state}).html.select(".card")) == 1
    diagnosis = dora.get(f"/support/users/{ada.user.id}/").html.select_one("pre.diagnosis").text
    assert word in diagnosis or "1 other: in order." in diagnosis or "1 connection: in order." in diagnosis


def test_a_refusal_shows_everywhere_from_the_sync_on_that_met_it(
    ada: Browser, dora: Browser, simulated: ThirdParties
) -> None:
    made = road.row(road.connect(simulated, "whoop", ada.user).connection_id)
    syncing.sync(made.id)
    assert set(said(ada, dora, made).values()) == {"Working"}
    simulated.control("whoop", revoke=True)
    for minutes in (0, 3):
        road.due_now(made.id)
        if minutes:
            seen = road.row(made.id).refusal_seen_at
            road.change(made.id, refusal_seen_at=seen - factories.timedelta(minutes=minutes))
        syncing.sync(made.id)
        word = "Needs you" if minutes else "Delayed"

        assert set(said(ada, dora, made).values()) == {word}

    lead = text(ada.get("/connections/").html.select_one(".lead"))
    assert lead == "1 connection. Only WHOOP needs you."


def test_of_several_accounts_at_one_service_it_is_said_which_one_needs_the_person(ada: Browser) -> None:
    factories.Connection(user=ada.user, account="scale@posteo.example")
    refused = factories.Connection(user=ada.user, account="watch@posteo.example", refused=True)
    factories.Connection(user=ada.user, account="other@posteo.example")

    first = ada.get("/connections/").html.select_one(".card")

    assert "watch@posteo.example" in text(first)
    assert first.select_one(f"a[href='/connections/{refused.id}/reconnect/']")
    assert "watch@posteo.example" in text(ada.get(f"/connections/{refused.id}/").html.select_one(".facts"))
