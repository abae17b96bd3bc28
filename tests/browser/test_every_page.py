"""Every page that a person can open: no barrier, nothing cut off, from the smallest phone to a large screen."""

import pytest
from flask import Flask

from tests import factories
from tests.browser.barriers import LOOKS, no_barrier, nothing_cut_off
from tests.browser.conftest import Visitor
from tests.conftest import Browser

NOT_PAGES = {"/login/", "/login/callback/", "/health/live/", "/health/ready/", "/v7.1/"}


def every_path(app: Flask, connection_id: int) -> list[str]:
    """The address of every page, from the map of routes: a new page is looked at without being listed."""
    values = {"connection_id": str(connection_id), "type": "withings"}
    values |= {"kind": "weight", "day": factories.now().date().isoformat()}
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments <= values.keys():
            _, path = rule.build(values, append_unknown=False)  # type: ignore[misc]
            if not any(path == each or (each == "/v7.1/" and path.startswith(each)) for each in NOT_PAGES):
                found.append(path)
    return sorted(found)


@pytest.fixture
def connection_id(ada: Browser) -> int:
    """Ada has a connection in each state, a long name among them."""
    for trait in ("refused", "failing", "quiet", "fresh", "syncing", "paused"):
        factories.Connection(user=ada.user, **{trait: True})
    factories.Connection(user=ada.user, type="jawboneup", account="an.extraordinarily.long.name." * 6 + "@example.org")
    made = factories.Connection(user=ada.user, account="ألعربية@مثال.إختبار")
    factories.SyncRun(connection=made, outcome="failed", failure_code="timeout")
    factories.Record(connection=made)
    return int(made.id)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_axe_finds_no_barrier(visitor: Visitor, app: Flask, connection_id: int, width: int, scheme: str) -> None:
    page = visitor.page(width=width, color_scheme=scheme)

    for path in [*every_path(app, connection_id), "/missing"]:
        page.goto(visitor.site.url + path)
        no_barrier(page, scheme)


def test_nothing_scrolls_sideways_at_any_width(visitor: Visitor, app: Flask, connection_id: int) -> None:
    page = visitor.page()

    for path in every_path(app, connection_id):
        page.goto(visitor.site.url + path)
        nothing_cut_off(page)


def test_doubled_text_cuts_nothing_off(visitor: Visitor, app: Flask, connection_id: int) -> None:
    page = visitor.page(width=640)

    for path in every_path(app, connection_id):
        page.goto(visitor.site.url + path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, path


def test_targets_are_large_enough_for_a_thumb(visitor: Visitor, app: Flask, connection_id: int) -> None:
    page = visitor.page(width=390)

    for path in every_path(app, connection_id):
        page.goto(visitor.site.url + path)
        small = page.eval_on_selector_all(
            ".button, .input, .link-quiet, .nav a, .choice",
            "all => all.filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 24)"
            ".map(e => e.outerHTML)",
        )
        assert small == [], path


def test_the_strangers_pages_have_no_barrier_either(stranger: Visitor) -> None:
    page = stranger.page("/", width=320)

    for path in ("/", "/signed-out/", "/docs/", "/login/callback/"):
        page.goto(stranger.site.url + path)
        no_barrier(page)


@pytest.mark.parametrize("width", [390, 600, 768, 1024, 1280, 1920])
def test_no_tile_of_the_account_stands_alone_in_its_row(visitor: Visitor, width: int) -> None:
    tops = visitor.page("/account/", width=width).eval_on_selector_all(
        ".shelf > .panel", "all => all.map(each => Math.round(each.getBoundingClientRect().top))"
    )

    assert len({tops.count(top) for top in tops}) == 1
    assert len(tops) == 4
