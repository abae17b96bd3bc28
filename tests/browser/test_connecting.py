"""Connecting in a real browser, at simulated third parties: there and back, the first sync seen, and the end told."""

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.barriers import no_barrier, nothing_cut_off
from tests.browser.conftest import Visitor
from tests.browser.test_connections import tab_to
from tests.conftest import Browser
from tests.servers.third_parties import ThirdParties

pytestmark = pytest.mark.usefixtures("engine")


def state(page: Page, word: str) -> None:
    """Wait until the head of the page says this state."""
    expect(page.locator("[data-live=state]")).to_have_text(word, timeout=20_000)


def connect(page: Page, name: str, *, account: str = "") -> None:
    """Go to a provider by its page here, and agree there."""
    page.get_by_role("button", name=f"Go on to {name}").click()
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    if account:
        page.locator(f"input[name=account][value={account}]").check()
    page.get_by_role("button", name="Allow").click()


def test_from_connecting_to_the_word_of_the_provider_that_it_is_over(
    visitor: Visitor, ada: Browser, simulated: ThirdParties
) -> None:
    page = visitor.page("/connect/")
    simulated.control("withings", misbehave={"hang": {"seconds": 1, "on": ["data"], "times": 1}})
    page.get_by_role("link", name="Connect Withings").click()
    connect(page, "Withings")
    expect(page.get_by_role("status")).to_contain_text("Withings is connected")
    page.evaluate("window.notReloaded = true")

    state(page, "Working")

    assert page.evaluate("window.notReloaded")
    expect(page.locator("[data-aloud]")).to_contain_text("Working Synced")
    expect(page.locator("[data-live=runs] tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Disconnect Withings").click()
    page.get_by_role("button", name="Disconnect Withings").click()
    expect(page.get_by_role("status")).to_contain_text("Withings is disconnected")
    page.get_by_role("link", name="Activity").click()
    expect(page.get_by_text("Told Withings: confirmed on")).to_be_visible()
    assert all(grant["revoked"] for grant in simulated.grants("withings"))


def test_a_sync_that_takes_a_while_is_watched_and_the_next_one_is_named(
    visitor: Visitor, ada: Browser, simulated: ThirdParties
) -> None:
    page = visitor.page("/connect/strava/")
    simulated.control("strava", misbehave={"hang": {"seconds": 4, "on": ["data"], "times": 1}})
    connect(page, "Strava")

    state(page, "Syncing")
    expect(page.get_by_role("button", name="Sync now")).to_have_count(0)
    state(page, "Working")
    expect(page.get_by_text("The next one comes by itself at")).to_be_visible()
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_role("status")).to_contain_text("Strava is next in line")
    state(page, "Working")


@pytest.mark.parametrize("width", [320, 1280])
def test_by_keyboard_alone(visitor: Visitor, ada: Browser, simulated: ThirdParties, width: int) -> None:
    page = visitor.page("/connect/withings/", width=width)

    tab_to(page, "When you get into bed")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    tab_to(page, "Go on to Withings")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    page.get_by_role("button", name="Allow").press("Enter")

    expect(page.get_by_role("status")).to_contain_text("Withings is connected")
    [grant] = simulated.grants("withings")
    assert "user.sleepevents" not in grant["scopes"]


def test_without_script_the_page_comes_anew_by_itself(visitor: Visitor, ada: Browser, simulated: ThirdParties) -> None:
    page = visitor.page("/connect/withings/", java_script_enabled=False)

    connect(page, "Withings")

    state(page, "Working")
    expect(page.get_by_role("button", name="Sync now")).to_be_visible()


def test_the_back_button_leads_to_the_page_of_the_type_and_not_into_a_loop(
    visitor: Visitor, ada: Browser, simulated: ThirdParties
) -> None:
    page = visitor.page("/connect/withings/")
    page.get_by_role("button", name="Go on to Withings").click()
    expect(page.get_by_role("button", name="Allow")).to_be_visible()

    page.go_back()

    expect(page.get_by_role("button", name="Go on to Withings")).to_be_visible()


def test_another_account_on_a_reconnect_is_asked_about(visitor: Visitor, ada: Browser, simulated: ThirdParties) -> None:
    page = visitor.page("/connect/withings/")
    connect(page, "Withings", account="ada")
    state(page, "Working")
    page.get_by_role("link", name="Change what it may send").click()
    connect(page, "Withings", account="second")
    expect(page.get_by_role("heading", name="This is another account")).to_be_visible()
    no_barrier(page)
    nothing_cut_off(page)

    page.get_by_role("button", name="Leave all as it was").click()

    expect(page.get_by_role("status")).to_contain_text("Nothing was connected")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_on_the_way_has_a_barrier(visitor: Visitor, ada: Browser, simulated: ThirdParties, scheme: str) -> None:
    refused = factories.Connection(user=ada.user, type="strava", refused=True)
    page = visitor.page("/connect/", color_scheme=scheme)
    for path in ("/connect/", "/connect/withings/", "/connect/fitbit/", f"/connections/{refused.id}/reconnect/"):
        page.goto(visitor.site.url + path)
        no_barrier(page, scheme)
        nothing_cut_off(page)

    page.goto(f"{visitor.site.url}/connect/withings/callback/?state=forged&code=x")
    expect(page.get_by_role("heading", name="This did not begin here")).to_be_visible()
    no_barrier(page, scheme)
