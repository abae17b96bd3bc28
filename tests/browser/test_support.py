"""Support in a real browser: no barrier on any page, the copy button, the back button, and a login made anew."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser as Chrome
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.barriers import LOOKS, no_barrier, nothing_cut_off
from tests.browser.conftest import Site, Visitor
from tests.conftest import Browser
from tests.support.looking import REASON, run_out


@pytest.fixture
def desk(chrome: Chrome, site: Site, dora: Browser) -> Iterator[Visitor]:
    """Dora of support, signed in."""
    made = Visitor(chrome, site, dora.cookies["session"])
    yield made
    made.close()


@pytest.fixture
def maya(ada: Browser) -> Any:
    """A person with a long name, a connection in each state, and a past."""
    person = factories.User(name="Maya Lindqvist-Oberhausen-Wennerström", email="m" * 60 + "@posteo.example")
    for trait in ("refused", "failing", "quiet", "fresh", "syncing", "paused"):
        made = factories.Connection(user=person, **{trait: True})
        factories.SyncRun(connection=made, outcome="failed", failure_code="timeout")
    return person


def start(page: Page, site: Site, person: Any) -> None:
    """Begin a look by its form."""
    page.goto(f"{site.url}/support/users/{person.id}/look/")
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Start looking").press("Enter")
    expect(page.get_by_role("complementary", name="Support access")).to_contain_text(person.name)


def check(page: Page, scheme: str) -> None:
    """No barrier; and where it is light, nothing cut off."""
    no_barrier(page, scheme)
    if scheme == "light":
        nothing_cut_off(page)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_no_page_of_support_has_a_barrier(desk: Visitor, maya: Any, width: int, scheme: str) -> None:
    page, case = desk.page(width=width, color_scheme=scheme), f"/support/users/{maya.id}/"
    for path in ("/support/", "/support/?q=maya", "/support/?q=nobody", case, f"{case}look/"):
        page.goto(desk.site.url + path)
        check(page, scheme)

    start(page, desk.site, maya)
    for path in ("/connections/", "/activity/", "/account/", "/nowhere/", "/support/", case, f"{case}look/", "/docs/"):
        page.goto(desk.site.url + path)
        check(page, scheme)
    run_out()
    page.goto(desk.site.url + "/connections/")
    expect(page.get_by_role("heading", level=1)).to_have_text("The time for this look is over")
    check(page, scheme)


def test_the_diagnosis_is_copied(desk: Visitor, maya: Any) -> None:
    page = desk.page(f"/support/users/{maya.id}/", permissions=["clipboard-read", "clipboard-write"])

    page.get_by_role("button", name="Copy diagnosis").press("Enter")

    expect(page.locator("#copied")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"User {maya.id}, 6 connections, ")


def test_without_script_there_is_no_copy_button_and_the_text_is_there(desk: Visitor, maya: Any) -> None:
    page = desk.page(f"/support/users/{maya.id}/", java_script_enabled=False)

    expect(page.get_by_role("button", name="Copy diagnosis")).to_have_count(0)
    expect(page.locator("pre.diagnosis")).to_contain_text(f"User {maya.id}")


def test_42_after_the_end_the_back_button_shows_nothing_of_the_person(desk: Visitor, maya: Any) -> None:
    page = desk.page("/support/")
    start(page, desk.site, maya)
    page.goto(desk.site.url + "/activity/")
    page.get_by_role("button", name="Stop looking").click()
    expect(page.get_by_role("status").first).to_contain_text("You no longer look")

    page.go_back()

    expect(page.locator(".who span")).to_have_text("Dora Lind")
    expect(page.get_by_role("complementary", name="Support access")).to_have_count(0)


def test_a_login_that_must_be_new_is_made_at_the_provider(
    desk: Visitor, maya: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(desk.site.app.config, "SUPPORT_FRESH_LOGIN_MINUTES", 10)
    page = desk.page(f"/support/users/{maya.id}/look/")

    page.get_by_role("link", name="Sign in anew").click()
    page.get_by_role("button", name="Dora").first.click()

    expect(page.get_by_label("Reason")).to_be_visible()
    start(page, desk.site, maya)


def test_how_long_a_short_run_took_is_one_line_with_room_before_it(desk: Visitor, ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    at = factories.now()
    factories.SyncRun(connection=made, started_at=at, finished_at=at + timedelta(milliseconds=40), record_count=0)
    factories.SyncRun(
        connection=made, outcome="failed", failure_code="server_error", record_count=0,
        failure_said="The server encountered a temporary error and could not complete the request, try again later",
    )  # fmt: skip

    page = desk.page(f"/support/users/{ada.user.id}/", width=1280)
    places = page.evaluate(
        """() => [...document.querySelectorAll("[aria-labelledby=runs] tbody tr:first-child .num")].map(cell => {
            const text = document.createRange(); text.selectNodeContents(cell);
            return [...text.getClientRects()].map(each => [each.left, each.right]);
        })"""
    )

    [[(_, records_end)], [(took_start, _)]] = places
    assert took_start - records_end >= 16
