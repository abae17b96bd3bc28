"""Finding a person: what the page shows, and to whom."""

from typing import Any

from dashboard.who import Role
from tests import factories
from tests.conftest import Browser
from tests.support.looking import look


def names(page: Any) -> list[str]:
    """Whom the page found, in its order."""
    return [each.text for each in page.html.select("tbody th a")]


def test_an_exact_hit_stands_first_with_what_matched(dora: Browser, ada: Browser) -> None:
    factories.User(name="Ada Brandtner", email="user@demo.testing")

    page = dora.get("/support/", {"q": "user@demo.test"})

    assert names(page) == ["Ada Brandt", "Ada Brandtner"]
    assert page.html.select_one("tbody [data-label=Found]").text == "by the mail address"
    assert page.html.select_one("tbody a")["href"] == f"/support/users/{ada.user.id}/"


def test_a_connection_id_finds_its_person(dora: Browser, ada: Browser) -> None:
    connection = factories.Connection(user=ada.user, id=70488020)

    page = dora.get("/support/", {"q": str(connection.id)})

    assert names(page) == ["Ada Brandt"]
    assert page.html.select_one("tbody [data-label=Found]").text == "by a connection’s id"


def test_a_providers_own_id_of_an_account_finds_its_person(dora: Browser, ada: Browser) -> None:
    factories.Connection(user=ada.user, account=None, remote_account_id="5cF3aBq")

    page = dora.get("/support/", {"q": " 5cF3aBq "})

    assert names(page) == ["Ada Brandt"]
    assert page.html.select_one("tbody [data-label=Found]").text == "by an account at a provider"
    assert names(dora.get("/support/", {"q": "5cf3abq"})) == []


def test_more_than_a_page_says_so_and_how_to_go_on(dora: Browser) -> None:
    for _ in range(21):
        factories.User(name="Anna Common")

    page = dora.get("/support/", {"q": "anna"})

    assert page.html.h2.text == "More than 20 people"
    assert "Type more" in page.html.main.text
    assert len(names(page)) == 20


def test_nobody_found_says_how_it_searches(dora: Browser) -> None:
    page = dora.get("/support/", {"q": "zzz"})

    assert page.html.h2.text == "Nobody was found"
    assert "“zzz”" in page.html.main.text


def test_without_a_search_it_shows_whom_one_looked_at_lately(dora: Browser, ada: Browser) -> None:
    look(dora, ada.user, ticket="NF-1")

    page = dora.get("/support/")

    assert "Ada Brandt" in page.html.select_one(".facts dt").text
    assert "ticket NF-1" in page.html.select_one(".facts dt").text


def test_staff_are_marked_as_such(dora: Browser) -> None:
    factories.User(name="Emil Admin", granted_role=int(Role.ADMIN))

    assert "Administrator" in dora.get("/support/", {"q": "emil"}).html.select_one("tbody th .note").text


def test_only_staff_find_the_way_and_only_staff_get_in(anybody: Browser, ada: Browser, dora: Browser) -> None:
    assert dora.get("/connections/").html.select_one(".nav a[href='/support/']")
    assert ada.get("/connections/").html.select_one(".nav a[href='/support/']") is None
    ada.get("/support/", status=403)
    ada.get("/support/", {"q": "ada"}, status=403)
    assert "/?next=/support/" in anybody.get("/support/", status=303).location.replace("%2F", "/")
