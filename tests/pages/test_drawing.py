"""Strips as pages draw them: a shape for each mark, and the same in words."""

import re
from datetime import date

import pytest
from flask import Flask
from flask_babel import force_locale

from dashboard.connections.strip import Strip
from dashboard.pages.drawing import drawn

STRIP = Strip(first=date(2026, 10, 26), letters="   m" + " " * 23 + "!.z")
"""Connected three days ago: a failed day, one with nothing new, and the best one today. A bar came by an import."""


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> object:
    """Words need a language."""
    with app.app_context(), app.test_request_context("/connections/", base_url="http://localhost"):
        yield


def bars(strip: Strip, *, wide: bool = False) -> list[tuple[str, str]]:
    """Where the bars of a strip stand, by the number of steps to the right, and how high they are."""
    [lines] = re.findall('class="got" d="([^"]+)"', drawn(strip, "en", wide=wide).paths)
    steps = lines.split("m8 ")
    return [(place, step.partition("v-")[2]) for place, step in enumerate(steps) if "v-" in step]


def test_the_best_day_is_the_highest_bar_and_the_others_are_measured_by_it() -> None:
    assert bars(STRIP) == [(3, "21"), (29, "34")]
    assert bars(STRIP, wide=True) == [(3, "13.2"), (29, "22")]
    assert 'd="M4 37m8 0m8 0m8 0v-21m8 21m8 0' in drawn(STRIP, "en").paths


def test_a_failed_day_is_a_cross() -> None:
    assert '<path class="fail" d="M217.8 33.6l4.4 4.4m0-4.4l-4.4 4.4"/>' in drawn(STRIP, "en").paths
    assert '<path class="fail" d="M218.5 24l3 3m0-3l-3 3"/>' in drawn(STRIP, "en", wide=True).paths


def test_other_days_are_dots_but_not_where_a_cross_is() -> None:
    paths = drawn(STRIP, "en").paths

    assert '<path class="none" d="M28 37H28.5M228 37H236.5"/>' in paths
    assert '<path class="off" d="M4 37H20.5M36 37H212.5"/>' in paths


def test_a_mark_without_a_day_has_no_path() -> None:
    whole = drawn(STRIP._replace(letters="." * 30), "en").paths

    assert whole == '<path class="none" d="M4 37H236.5"/>'


def test_the_strip_is_said_in_words() -> None:
    said = "Last 30 days: records on 2, nothing new on 1, failed on 1, no sync on 26"

    assert drawn(STRIP, "en").says == said
    with force_locale("de"):
        assert drawn(STRIP, "de").says.startswith("Letzte 30 Tage:")
    assert drawn(STRIP, "en").says == said
