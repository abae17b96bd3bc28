"""Strips as pages draw them: a shape for each mark, and the same in words."""

from datetime import date

import pytest
from flask import Flask
from flask_babel import force_locale

from dashboard.connections.strip import Strip
from dashboard.pages.drawing import drawn

STRIP = Strip(first=date(2026, 10, 26), connected=27, days="29,10,1,27,0,2,3,5,0")
"""Connected three days ago: a failed day, one with nothing new, and ten records today. Five came by an import."""


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> object:
    """Words need a language."""
    with app.app_context(), app.test_request_context("/connections/", base_url="http://localhost"):
        yield


def test_the_best_day_is_the_highest_bar_and_the_others_are_measured_by_it() -> None:
    assert '<path class="got" d="M236 37v-34M28 37v-21"/>' in drawn(STRIP, "en").paths
    assert '<path class="got" d="M236 26v-22M28 26v-14"/>' in drawn(STRIP, "en", wide=True).paths


def test_a_failed_day_is_a_cross() -> None:
    assert '<path class="fail" d="M217.8 33.6l4.4 4.4m0-4.4l-4.4 4.4"/>' in drawn(STRIP, "en").paths
    assert '<path class="fail" d="M218.5 24l3 3m0-3l-3 3"/>' in drawn(STRIP, "en", wide=True).paths


def test_other_days_are_dots_and_a_mark_without_a_day_has_no_path() -> None:
    paths = drawn(STRIP, "en").paths

    assert '<path class="none" d="M228 37h0"/>' in paths
    assert paths.count("h0") == 27  # the 26 days before it was connected too
    assert "got" not in drawn(STRIP._replace(days=""), "en").paths
    assert "off" not in drawn(STRIP._replace(connected=0), "en").paths


def test_the_strip_is_said_in_words() -> None:
    said = "Last 30 days: records on 2, nothing new on 1, failed on 1, not yet connected on 26"

    assert drawn(STRIP, "en").says == said
    with force_locale("de"):
        assert drawn(STRIP, "de").says.startswith("Letzte 30 Tage:")
    assert drawn(STRIP, "en").says == said
