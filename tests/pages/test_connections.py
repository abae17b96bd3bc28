"""The cards: what they show, and how they are found."""

import pytest

from tests import factories
from tests.conftest import Browser, Queries


def text(element: object) -> str:
    """The words of an element with single spaces."""
    return " ".join(element.get_text(" ").split())  # type: ignore[attr-defined]


def names(browser: Browser, **filters: str) -> list[str]:
    """The names on the cards, in their order."""
    return [each.text for each in browser.get("/connections/", filters).html.select(".card h2")]


def test_a_card_shows_provider_account_age_and_state(ada: Browser) -> None:
    factories.Connection(user=ada.user)

    card = ada.get("/connections/").html.select_one(".card")

    assert card["data-state"] == "healthy"
    assert card.h2.text == "Withings"
    assert "ada@posteo.example" in text(card)
    assert "Synced 12 minutes ago" in text(card)
    assert card.time["datetime"]
    assert card.select_one("svg.strip")["aria-label"].startswith("Last 30 days:")


@pytest.mark.parametrize(
    ("made", "state", "words", "offer"),
    [
        ({"refused": True}, "reconnect", "Reconnect to go on; nothing is lost.", "Reconnect"),
        ({"refused": True, "failure_code": "not_imported"}, "reconnect", "was not part of the import", "Reconnect"),
        ({"failing": True}, "delayed", "Withings did not answer in time. Next try in", "Sync now"),
        ({"overdue_at": factories.now()}, "delayed", "The usual sync did not happen.", "Sync now"),
        ({"quiet": True}, "quiet", "Step on the scale", None),
        ({"fresh": True, "next_sync_at": factories.now()}, "new", "The first sync is next in line.", "Sync now"),
        ({"fresh": True}, "new", "The first sync comes in 4", "Sync now"),
        ({"syncing": True}, "syncing", "Reading what is new", None),
        ({"paused": True}, "paused", "Northlake Fitness is on it; you need do nothing.", None),
        ({"type": "jawboneup"}, "retired", "has closed this service for good. What it sent stays here.", None),
    ],
)
def test_each_state_says_what_is_so_and_offers_the_one_thing_to_do(
    ada: Browser, made: dict[str, object], state: str, words: str, offer: str | None
) -> None:
    factories.Connection(user=ada.user, **made)

    card = ada.get("/connections/").html.select_one(".card")

    assert card["data-state"] == state
    assert words in text(card)
    assert [text(each).split(" W")[0] for each in card.select(".card-do .button")] == ([offer] if offer else [])


@pytest.mark.parametrize("account", ["<b>Ada</b>", "100 %s of %(name)s", "{name} \\0", "\\1 & co"])
def test_an_account_stands_on_its_card_as_it_is_called(ada: Browser, account: str) -> None:
    factories.Connection(user=ada.user, account=account)

    note = ada.get("/connections/").html.select_one(".card-name .note")

    assert note.get_text("|").split("|")[0].strip() == account


def test_only_the_persons_own_connections_are_shown(ada: Browser, ben: Browser) -> None:
    factories.Connection(user=ben.user, type="strava")
    factories.Connection(user=ada.user, type="withings")

    assert names(ada) == ["Withings"]


def test_what_needs_the_person_comes_first(ada: Browser) -> None:
    factories.Connection(user=ada.user, type="withings")
    factories.Connection(user=ada.user, type="strava", failing=True)
    factories.Connection(user=ada.user, type="polar", refused=True)

    assert names(ada) == ["Polar", "Strava", "Withings"]
    assert "Only Polar needs you." in text(ada.get("/connections/").html.select_one(".lead"))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"q": "pol"}, ["Polar"]),
        ({"q": "ADA@"}, ["Withings"]),
        ({"q": "100%"}, []),
        ({"type": "strava"}, ["Strava"]),
        ({"state": "reconnect"}, ["Polar"]),
        ({"state": "nonsense", "sort": "nonsense", "page": "-7"}, ["Polar", "Withings", "Strava"]),
        ({"sort": "name"}, ["Polar", "Strava", "Withings"]),
        ({"sort": "newest"}, ["Strava", "Polar", "Withings"]),
        ({"sort": "last-sync"}, ["Withings", "Polar", "Strava"]),
    ],
)
def test_cards_are_searched_filtered_and_ordered(ada: Browser, filters: dict[str, str], found: list[str]) -> None:
    now, minute, day = factories.now(), factories.timedelta(minutes=1), factories.timedelta(days=1)
    factories.Connection(user=ada.user, type="withings", created_at=now - 300 * day, last_sync_at=now - minute)
    factories.Connection(user=ada.user, type="polar", created_at=now - 200 * day, last_sync_at=now - 2 * minute,
                         refused=True, account="ben@posteo.example")  # fmt: skip
    factories.Connection(user=ada.user, type="strava", created_at=now - 100 * day, last_sync_at=now - 3 * minute,
                         account="100 percent")  # fmt: skip

    assert names(ada, **filters) == found


def test_a_filter_without_a_hit_says_which_and_offers_to_drop_it(ada: Browser) -> None:
    factories.Connection(user=ada.user)

    page = ada.get("/connections/", {"q": "garmin"}).html

    assert "You searched for “garmin”." in text(page)
    assert page.find("a", string="Show all connections")["href"] == "/connections/"


def test_nobody_connected_gets_an_invitation(ada: Browser) -> None:
    page = ada.get("/connections/").html

    assert page.h1.text == "Nothing is connected yet"
    assert page.find("a", string="Choose what to connect")["href"] == "/connect/"


def test_many_cards_come_in_pages_that_keep_the_filter(ada: Browser) -> None:
    for _ in range(30):
        factories.Connection(user=ada.user)

    first = ada.get("/connections/", {"type": "withings"})
    second = first.click("Next")

    assert "1 to 24 of 30" in first.text
    assert "25 to 30 of 30" in second.text
    assert len(second.html.select(".card")) == 6
    assert "type=withings" in second.request.query_string
    assert ada.get("/connections/", {"page": "99"}).status_int == 303


@pytest.mark.parametrize(("count", "filters", "cost"), [(1, {}, 1), (24, {}, 1), (25, {}, 2), (24, {"q": "ada"}, 2)])
def test_a_page_of_cards_costs_a_query_or_two_besides_the_sessions_one(
    ada: Browser, queries: Queries, count: int, filters: dict[str, str], cost: int
) -> None:
    for _ in range(count):
        factories.Connection(user=ada.user)
    ada.get("/connections/")  # the session's first form stores its token

    with queries:
        ada.get("/connections/", filters)

    assert len(queries) == 1 + cost, "\n".join(queries)


def test_a_stranger_is_asked_to_sign_in_and_comes_back(anybody: Browser) -> None:
    response = anybody.get("/connections/?state=reconnect&q=a%20b")

    assert response.status_int == 303
    assert response.location.endswith("/?next=/connections/?state%3Dreconnect%26q%3Da%2520b")


def test_the_filter_offers_the_states_that_are_there_and_the_one_that_was_chosen(ada: Browser) -> None:
    factories.Connection(user=ada.user)
    factories.Connection(user=ada.user, refused=True)

    page = ada.get("/connections/?state=quiet").html

    offered = {each["value"] for each in page.select("#state option")}
    assert offered == {"", "reconnect", "healthy", "quiet"}
    assert page.select_one("#state option[selected]")["value"] == "quiet"


def test_the_head_counts_what_is_connected_and_claims_no_more(ada: Browser) -> None:
    factories.Connection(user=ada.user)
    assert text(ada.get("/connections/").html.select_one(".lead")) == "1 connection. None needs you."

    factories.Connection(user=ada.user, type="oura", refused=True)
    factories.Connection(user=ada.user, type="polar", paused=True)
    assert text(ada.get("/connections/").html.select_one(".lead")) == "3 connections. Only Oura needs you."

    factories.Connection(user=ada.user, type="oura")
    assert text(ada.get("/connections/").html.select_one(".lead")) == "4 connections. 1 needs you."


def test_the_key_tells_of_days_without_a_sync_where_there_are_some(ada: Browser) -> None:
    factories.days(factories.Connection(user=ada.user), dict.fromkeys(range(30), (0, 0)))
    assert "no sync" not in text(ada.get("/connections/").html.select_one(".key"))

    factories.days(factories.Connection(user=ada.user), dict.fromkeys(range(1, 30), (0, 0)))
    assert "no sync" in text(ada.get("/connections/").html.select_one(".key"))


def test_of_several_that_need_the_person_only_the_first_has_a_filled_button(ada: Browser) -> None:
    factories.Connection(user=ada.user)
    for type in ("polar", "strava", "withings"):
        factories.Connection(user=ada.user, type=type, refused=True)

    for order in ("urgent", "name", "newest"):
        page = ada.get("/connections/", {"sort": order}).html
        offers = [each.select_one(".button") for each in page.select(".card[data-state=reconnect]")]
        assert ["button--do" in each["class"] for each in offers] == [True, False, False]


def test_reconnecting_where_that_is_not_possible_yet_leads_to_a_page_that_says_so(ada: Browser) -> None:
    factories.Connection(user=ada.user, refused=True)

    page = ada.get("/connections/").click("Reconnect")

    assert "This site has no agreement with Withings at the moment" in page.text
    assert "Nothing that arrived is lost." in page.text
