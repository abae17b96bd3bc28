"""The account that a consent page offers first: whoever just allows gets in nobody's way."""

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup
from flask import Flask

from dashboard import providers
from dashboard.connections.connecting import How
from dashboard.data import db
from dashboard.data.connections import Connection
from dashboard.data.users import User
from demo import load, people
from demo.providers.accounts import ADAS, ADAS_ENDED
from demo.providers.parties import ALL
from tests.connections import road
from tests.demo.wire import App
from tests.servers.third_parties import ThirdParties


def page(address: str, browser: requests.Session | None = None) -> BeautifulSoup:
    """The consent page, in a browser that was never there unless told."""
    return BeautifulSoup((browser or requests.Session()).get(address, timeout=30).text, "html.parser")


def offered(address: str, browser: requests.Session | None = None) -> str:
    """The account that is chosen already."""
    [chosen] = page(address, browser).select("[name=account][checked]")
    return str(chosen["value"])


def note(shown: BeautifulSoup, account: str) -> str:
    """What the page says of an account."""
    return " ".join(shown.select_one(f"label:has([value={account}])").text.split())


def allow(address: str, browser: requests.Session, account: str) -> None:
    """Choose an account and allow."""
    form = {"account": account, "decision": "allow"}
    assert browser.post(address, data=form, allow_redirects=False, timeout=30).is_redirect


def test_it_is_one_that_nobody_has_connected(third_parties: ThirdParties) -> None:
    wahoo, withings = App(third_parties, "wahoo").ask(), App(third_parties, "withings").ask()

    assert offered(wahoo) == "ada"
    assert offered(withings) == "second"
    assert "Somebody has connected it to the app." in note(page(withings), "ada")

    third_parties.give("wahoo", "ada")
    assert offered(wahoo) == "second"


def test_one_that_waits_to_be_reconnected_is_not_for_others_and_says_what_it_is_for(
    third_parties: ThirdParties,
) -> None:
    whoop, wahoo = App(third_parties, "whoop").ask(), App(third_parties, "wahoo").ask()
    third_parties.give("wahoo", "ada")
    third_parties.control("wahoo", revoke={"account": "ada"})

    for address in (whoop, wahoo):
        assert offered(address) == "second"
        assert "Its permission has ended. To reconnect it, choose it." in note(page(address), "ada")
        assert "ended" not in note(page(address), "second")


def test_one_that_was_disconnected_in_the_app_is_free_again(third_parties: ThirdParties) -> None:
    app = App(third_parties, "wahoo")
    app.revoke(app.connect(account="ada"))

    assert offered(app.ask()) == "ada"


@pytest.mark.parametrize("account", ["second", "cleo-7"])
def test_in_the_browser_where_it_was_connected_it_is_offered_for_the_reconnect(
    third_parties: ThirdParties, account: str
) -> None:
    address, browser = App(third_parties, "oura").ask(), requests.Session()
    allow(address, browser, account)
    third_parties.give("oura", account)
    assert offered(address, browser) != account, "it lives, so this is a connection of somebody else's"

    third_parties.control("oura", revoke={"account": account})

    assert offered(address, browser) == account
    assert offered(address) != account


def test_when_all_are_taken_there_is_always_another(third_parties: ThirdParties) -> None:
    address = App(third_parties, "whoop").ask()
    for account in ("second", "lin", "guest-1"):
        third_parties.give("whoop", account)

    assert offered(address) == "guest-2"


def test_a_memory_that_makes_no_sense_counts_for_nothing(third_parties: ThirdParties) -> None:
    browser = requests.Session()
    browser.cookies.set("simulated_wahoo", "../<b>")

    assert offered(App(third_parties, "wahoo").ask(), browser) == "ada"


def test_the_demos_ada_stands_where_the_consent_pages_think() -> None:
    rows = [row for row in people.ada(datetime.now(UTC)) if row["type"] in {party.type for party in ALL}]
    hers = {row["type"]: row["mood"] for row in rows if not providers.get(row["type"]).retired_on}

    assert {type for type, mood in hers.items() if mood == "refused"} == ADAS_ENDED
    assert {type: mood for type, mood in hers.items() if mood != "refused"} == ADAS


@pytest.fixture
def cast(app: Flask) -> None:
    """The demo's people with what they connected."""
    assert load.load("https://id.example")


def somebody(email: str) -> Any:
    """One of the demo's people."""
    return db.session.execute(db.select(User).where(User.email == email)).scalar_one()


@pytest.mark.usefixtures("cast")
def test_whoever_just_allows_connects_and_ada_is_told_how_to_reconnect(simulated: ThirdParties) -> None:
    ada, empty = somebody("user@demo.test"), somebody("empty@demo.test")
    whoop = db.session.execute(db.select(Connection).filter_by(user_id=ada.id, type="whoop")).scalar_one()

    for type in ("whoop", "withings", "wahoo"):
        address = road.begin(type, empty)
        back = road.finish(type, empty, simulated.answer(address, account=offered(address)))
        assert back.how is How.MADE

    address = road.begin("whoop", ada, connection_id=whoop.id)
    assert whoop.account in note(page(address), "ada")
    assert "To reconnect it, choose it." in note(page(address), "ada")
    assert road.finish("whoop", ada, simulated.answer(address, account="ada")).how is How.RENEWED
