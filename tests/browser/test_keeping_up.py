"""A page of a connection that stays open keeps up: its times go on, and what changed meanwhile is taken over."""

from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from dashboard.data import connections, db, transaction
from tests import factories
from tests.browser.conftest import Visitor
from tests.conftest import Browser

MARK = "window.notReloaded = true"


def opened(visitor: Visitor, made: Any, **options: Any) -> Page:
    """The page of a connection in a browser whose clock the test moves."""
    page = visitor.page("/robots.txt", **options)
    page.clock.install()
    page.goto(f"{visitor.site.url}/connections/{made.id}/")
    page.evaluate(MARK)
    return page


def change(made: Any, **values: Any) -> None:
    """What a sync would write."""
    with transaction():
        row = db.session.get(connections.Connection, made.id)
        for name, value in values.items():
            setattr(row, name, value)


def test_relative_times_go_on(visitor: Visitor, ada: Browser) -> None:
    now = factories.now()
    times = {"last_sync_at": now - timedelta(minutes=12), "next_sync_at": now + timedelta(days=1)}
    page = opened(visitor, factories.Connection(user=ada.user, **times))
    synced = page.locator("[data-live=meaning]")
    expect(synced).to_have_text("Synced 12 minutes ago")

    page.clock.run_for("05:00")

    expect(synced).to_have_text("Synced 17 minutes ago")
    page.clock.run_for("04:00:00")
    expect(synced).to_have_text("Synced 4 hours ago")


def test_those_of_a_list_go_on_too(visitor: Visitor, ada: Browser) -> None:
    factories.Connection(user=ada.user, last_sync_at=factories.now() - timedelta(minutes=12))
    page = visitor.page("/robots.txt")
    page.clock.install()
    page.goto(f"{visitor.site.url}/connections/")

    page.clock.run_for("05:00")

    expect(page.locator(".card-said .note")).to_have_text("Synced 17 minutes ago")


def test_a_readers_clock_may_be_wrong(visitor: Visitor, ada: Browser) -> None:
    made = factories.Connection(user=ada.user, last_sync_at=factories.now() - timedelta(minutes=12))
    page = visitor.page("/robots.txt")
    page.clock.install(time=factories.now() + timedelta(hours=3))
    page.goto(f"{visitor.site.url}/connections/{made.id}/")

    page.clock.run_for("05:00")

    expect(page.locator("[data-live=meaning]")).to_have_text("Synced 17 minutes ago")


def test_when_the_next_sync_is_due_the_page_looks_by_itself(visitor: Visitor, ada: Browser) -> None:
    due = factories.now() + timedelta(minutes=30)
    made = factories.Connection(user=ada.user, next_sync_at=due)
    page = opened(visitor, made)
    page.clock.run_for("25:00")
    change(made, refused_at=factories.now(), failure_code="refused", next_sync_at=None)
    expect(page.locator("[data-live=state]")).to_have_text("Working")

    page.clock.run_for("06:00")

    expect(page.locator("[data-live=state]")).to_have_text("Needs you")
    expect(page.locator("[data-aloud]")).to_contain_text("Needs you Refuses our access")
    assert page.evaluate("window.notReloaded")


def test_what_is_said_of_a_watched_sync_goes_with_its_end(visitor: Visitor, ada: Browser) -> None:
    made = factories.Connection(user=ada.user, next_sync_at=factories.now() + timedelta(minutes=30))
    page = opened(visitor, made)
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_role("status")).to_contain_text("Withings is next in line")
    page.evaluate(MARK)
    change(made, next_sync_at=factories.now() + timedelta(hours=3), last_sync_at=factories.now())

    page.clock.run_for("00:03")

    expect(page.get_by_role("status")).to_have_count(0)
    expect(page.locator("[data-live=meaning]")).to_have_text("Synced just now")
    assert page.evaluate("window.notReloaded")


def test_on_a_phone_what_can_be_done_is_not_below_all_syncs(visitor: Visitor, ada: Browser) -> None:
    made = factories.Connection(user=ada.user)
    for hours in range(20):
        factories.SyncRun(connection=made, started_at=factories.now() - timedelta(hours=hours))
    page = visitor.page(f"/connections/{made.id}/", width=390)
    rows = page.locator("[data-live=runs] tbody tr:visible")
    expect(rows).to_have_count(3)
    tile, heading = (page.locator(each).bounding_box() for each in (".title img", "h1"))
    assert tile["x"] + tile["width"] < heading["x"]

    page.get_by_role("link", name="Show all 20 syncs").click()

    expect(rows).to_have_count(20)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.go_back()
    expect(rows).to_have_count(20)
    expect(page.get_by_role("link", name="Show all 20 syncs")).to_have_count(0)
