"""Pictures of records: what is drawn, at which height, with which numbers at the side, and what is said of it."""

import json
from datetime import date, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale

from dashboard import providers
from dashboard.pages.records.amounts import rule, said
from dashboard.pages.records.charts import chart, scale_for
from dashboard.pages.records.details import KNOWN
from dashboard.records.day import Day, second
from dashboard.records.kinds import KINDS
from dashboard.records.reading import Span

FIRST = date(2025, 3, 1)


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> object:
    """Words need a language."""
    with app.app_context(), app.test_request_context("/records/", base_url="http://localhost"):
        yield


def span(values: dict[int, float | None], *, length: int = 30, beside: float | None = None) -> Span:
    """Days with these numbers, by their place."""
    days = [Day(FIRST + timedelta(days=place), 1, value, beside) for place, value in values.items()]
    return Span(FIRST, FIRST + timedelta(days=length - 1), days)


def test_a_bar_is_as_high_as_its_number_and_a_day_without_one_has_none() -> None:
    drawn = chart(span({0: 10000, 2: 2500, 3: None, 4: 0}), KINDS["steps"])

    assert 'viewBox="0 0 300 100"' in drawn.svg
    assert '<path class="bars" d="M1.5 100V0h7V100zM21.5 100V75h7V100zM41.5 100V99.4h7V100z"/>' in drawn.svg
    assert drawn.ticks == ("10,000", "5,000", "0")
    assert drawn.unit == "steps"


def test_a_line_has_a_dot_for_each_day_and_breaks_where_nobody_knows() -> None:
    drawn = chart(span({0: 70, 7: 72, 15: 71}), KINDS["weight"])

    assert '<path class="line" d="M5 100L75 0M155 50"/>' in drawn.svg
    assert '<path class="dots" d="M5 100h0M75 0h0M155 50h0"/>' in drawn.svg
    assert drawn.ticks == ("72", "71", "70")


def test_two_numbers_are_two_lines_on_one_scale() -> None:
    drawn = chart(span({0: 125, 1: 150}, beside=75), KINDS["blood_pressure"])

    assert '<path class="line" d="M5 33.33L15 0M5 100L15 100"/>' in drawn.svg
    assert drawn.ticks == ("150", "125", "100", "75")


def test_a_long_picture_says_so() -> None:
    assert not chart(span({0: 1}, length=90), KINDS["steps"]).is_long
    assert chart(span({0: 1}, length=365), KINDS["steps"]).is_long


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Nothing on these 30 days."),
        ({3: None}, "Nothing on these 30 days."),
        ({3: 71.5}, "On 1 of 30 days. 71.5 kg, 4\xa0March\xa02025."),
        ({3: 71.5, 4: 71.5}, "On 2 of 30 days. Always 71.5 kg."),
        (
            {3: 71.5, 4: 70},
            "On 2 of 30 days. Lowest: 70.0 kg, 5\xa0March\xa02025. Highest: 71.5 kg, 4\xa0March\xa02025.",
        ),
    ],
)
def test_what_is_seen_is_said_too(values: dict[int, float | None], words: str) -> None:
    drawn = chart(span(values), KINDS["weight"])

    assert drawn.says == words
    assert bool(drawn.svg) == any(value is not None for value in values.values())


def test_of_a_single_day_its_number_is_said() -> None:
    assert chart(span({0: 71.5}, length=1), KINDS["weight"]).says == "71.5 kg, 1\xa0March\xa02025."


def test_a_number_of_weird_size_is_drawn_all_the_same() -> None:
    for value in (0.0, -40.0, 1e-9, 1e15):
        for kind in KINDS.values():
            assert "nan" not in chart(span({0: value, 1: 71}), kind).svg


@pytest.mark.parametrize(
    ("low", "high", "least", "ticks"),
    [
        (0, 14433, 1, (15000, 10000, 5000, 0)),
        (0, 8.2, 0.1, (10, 5, 0)),
        (71.0, 72.9, 0.1, (73, 72, 71)),
        (71.5, 71.5, 0.1, (71.6, 71.5)),
        (71.43, 71.43, 0.1, (71.5, 71.4)),
        (61, 69, 1, (70, 65, 60)),
        (0, 3, 1, (3, 2, 1, 0)),
        (0, 7, 1, (10, 5, 0)),
        (17.7, 19.0, 0.1, (19, 18.5, 18, 17.5)),
    ],
)
def test_the_numbers_at_the_side_are_round_and_hold_all(
    low: float, high: float, least: float, ticks: tuple[float, ...]
) -> None:
    scale = scale_for(low, high, least=least)

    assert scale.ticks == pytest.approx(ticks)
    assert (scale.y(ticks[0]), scale.y(ticks[-1])) == pytest.approx((0, 100))


@pytest.mark.parametrize(
    ("kind", "value", "english", "german"),
    [
        ("steps", 8412, "8,412 steps", None),
        ("steps", 1, "1 step", None),
        ("sleep", 7.4, "7 hr 24 min", "7 Std. 24 Min."),
        ("sleep", 8, "8 hr", "8 Std."),
        ("workout", 0, "0 min", "0 Min."),
        ("workout", 95.4, "1 hr 35 min", "1 Std. 35 Min."),
        ("weight", 71.46, "71.5 kg", "71,5 kg"),
        ("weight", 71, "71.0 kg", "71,0 kg"),
        ("body_fat", 18.2, "18.2%", "18,2 %"),
        ("heart_rate", 61.5, "62 beats a minute", None),
        ("glucose", 99.6, "100 mg/dL", "100 mg/dl"),
        ("recovery", 66, "66%", "66 %"),
        ("readiness", 82, "82 points", None),
        ("weight", None, "no number", None),
    ],
)
def test_a_number_wears_its_unit(kind: str, value: float | None, english: str, german: str | None) -> None:
    assert said(value, KINDS[kind]) == english
    with force_locale("de"):
        assert german is None or said(value, KINDS[kind]).replace("\xa0", " ") == german


def test_the_side_spells_a_unit_as_the_numbers_do() -> None:
    drawn = chart(span({0: 99}), KINDS["glucose"])

    assert drawn.unit == "mg/dL"
    assert "99 mg/dL, " in drawn.says


def test_every_kind_has_words_for_its_unit_and_says_how_a_day_adds_up() -> None:
    for kind in KINDS.values():
        assert "5" in said(5, kind)
        assert rule(kind).startswith("A day is ")


def test_every_detail_that_a_type_brings_has_its_words() -> None:
    brought = {
        name
        for type in providers.all_types()
        for source in type.sources
        for recording in source.records
        for name, _ in (*recording.details, *recording.numbers)
    }

    assert brought
    assert brought - KNOWN == set(), "say in pages/records/details.py what this is"


@pytest.mark.parametrize("details", [{}, {"diastolic": None}, {"diastolic": "82"}, {"diastolic": True}])
def test_a_second_number_is_one_or_is_not_there(details: dict[str, object]) -> None:
    assert second(KINDS["blood_pressure"], json.dumps(details)) is None
    assert second(KINDS["weight"], json.dumps({"diastolic": 82})) is None
    assert second(KINDS["blood_pressure"], json.dumps({"diastolic": 82})) == 82
