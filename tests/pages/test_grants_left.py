"""What a page says of an access that nobody here has, and that its provider was not told to end."""

from typing import Any

import pytest

from tests import factories
from tests.conftest import Browser
from tests.pages.conftest import Go
from tests.pages.test_activity import ended, lines
from tests.pages.test_connections import text
from tests.servers.third_parties import ThirdParties

LEFT = "The access that you gave there was not given back: {} may list this site as allowed."


def waiting(browser: Browser, type: str) -> Any:
    """The page that asks about an account that a reconnect came back with."""
    made = factories.Connection(user=browser.user, type=type)
    waits = factories.AuthorizationRequest(user=browser.user, type=type, waits=True, connection_id=made.id)
    return browser.get(f"/connect/waiting/{waits.id}/")


def test_an_access_that_is_left_after_a_failure_is_named(ada: Browser, go: Go) -> None:
    page = ada.get(go(ada, "oura", scopes=["daily"]), status=502)

    assert page.html.h1.text == "Oura was not connected"
    assert LEFT.format("Oura") in text(page.html.main)
    assert [each.text for each in page.html.select("main .row a")] == ["Try again", "Go to your connections"]


def test_where_its_provider_has_a_page_to_end_it_that_is_linked(ada: Browser, go: Go, simulated: ThirdParties) -> None:
    back = go(ada, "google_health")
    simulated.control("google_health", misbehave={"error": {"on": ["account"]}})

    page = ada.get(back, status=502)

    assert LEFT.format("Google Health") in text(page.html.main)
    link = page.html.find("a", string="Remove it there yourself")
    assert (link["href"], link["rel"]) == ("https://myaccount.google.com/connections", ["noreferrer"])


def test_where_no_access_was_given_none_is_named(ada: Browser, go: Go, simulated: ThirdParties) -> None:
    back = go(ada, "oura")
    simulated.control("oura", misbehave={"client": {"on": ["token"]}})

    assert "not given back" not in text(ada.get(back, status=502).html.main)


@pytest.mark.parametrize(("type", "told"), [("withings", True), ("concept2", False), ("dexcom", False)])
def test_another_account_is_given_back_only_where_its_provider_can_be_told(ada: Browser, type: str, told: bool) -> None:
    page = waiting(ada, type)
    assert ("give the other access back, and" in text(page.html.main)) is told
    assert ("offers us no way to give the other access back: end it" in text(page.html.main)) is not told

    dropped = next(form for form in page.forms.values() if "act" in form.fields).submit("act", value="drop", status=303)

    notice = dropped.follow().html.select_one("[role=status]")
    assert "Nothing was connected" in text(notice)
    assert ("is given back." in text(notice)) is told
    assert ("End our access in your account at" in text(notice)) is not told
    assert notice["data-state"] == ("healthy" if told else "delayed")


def test_who_was_told_and_did_not_answer_before_that_is_not_called_untold(ada: Browser) -> None:
    at = factories.now()
    ended(ada.user, due_at=None, tried_at=at, given_up_at=at, failure_code="connected_again")

    said = lines(ada.get("/activity/"))[0]

    assert "Withings had not confirmed when the account was connected again" in said
    assert "was not told" not in said
