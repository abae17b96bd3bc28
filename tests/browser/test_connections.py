"""The main job in a real browser: sign in, see the cards, find one, cut it; by keyboard alone, without script."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import Visitor
from tests.conftest import Browser


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element with this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()")
        if " ".join(focused.split()).startswith(name):
            return
    pytest.fail(f"Tab never reached {name!r}")


def test_a_person_signs_in_sees_their_cards_and_cuts_one(stranger: Visitor, app: Flask) -> None:
    page = stranger.page("/connections/")
    page.get_by_role("button", name="Sign in with Northlake").click()
    page.get_by_label("Mail address").fill("new@demo.test")
    page.get_by_label("Any password").fill("any")
    page.get_by_role("button", name="Sign in with this address").click()
    expect(page.get_by_role("heading", name="Nothing is connected yet")).to_be_visible()
    [newcomer] = factories.users.people_by_email("new@demo.test")
    factories.Connection(user=newcomer)

    page.reload()
    page.get_by_role("link", name="Disconnect Withings").click()
    page.get_by_role("button", name="Disconnect Withings").click()

    expect(page.get_by_role("status")).to_contain_text("Withings is disconnected")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()


def test_a_person_meets_their_own_language(stranger: Visitor, app: Flask) -> None:
    page = stranger.page("/connections/")
    page.get_by_role("button", name="Sign in with Northlake").click()

    page.get_by_role("button", name="Sign in as Ben").click()  # his claim says de-DE

    expect(page.get_by_role("heading", name="Noch ist nichts verbunden")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")


@pytest.mark.parametrize("width", [320, 1280])
def test_a_connection_can_be_cut_by_keyboard_alone(visitor: Visitor, ada: Browser, width: int) -> None:
    made = factories.Connection(user=ada.user)
    factories.Record(connection=made)
    page = visitor.page(width=width)

    tab_to(page, "Skip to the content")
    page.keyboard.press("Enter")
    tab_to(page, "Disconnect Withings")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Disconnect Withings?")).to_be_visible()
    tab_to(page, "Keep")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Delete")).to_be_checked()
    tab_to(page, "Disconnect Withings")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("1 record was deleted.")


@pytest.mark.parametrize("script", [True, False])
def test_cards_are_filtered_with_script_or_without(visitor: Visitor, ada: Browser, script: bool) -> None:
    factories.Connection(user=ada.user)
    factories.Connection(user=ada.user, type="polar", refused=True)
    page = visitor.page(java_script_enabled=script)

    page.get_by_label("State").select_option("Needs you")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_role("heading", level=2)).to_have_text(["Polar"])
    expect(page.get_by_label("State")).to_have_value("reconnect")


def test_every_stop_of_the_keyboard_shows_where_it_is(visitor: Visitor, ada: Browser) -> None:
    factories.Connection(user=ada.user, failing=True)
    page = visitor.page()

    for _ in range(14):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "(() => { const of = (e, p) => getComputedStyle(e, p).outlineStyle; const e = document.activeElement;"
            " return of(e) !== 'none' || of(e, '::after') !== 'none' })()"
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")
