"""Names of sports: ours where we know them, in the reader's language, and names that people gave left alone."""

import json
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from dashboard.pages.records.sports import SPORTS, sport
from tests import factories
from tests.conftest import Browser, signed_in
from tests.pages.test_connections import text


@pytest.fixture
def in_a_request(app: Flask) -> object:
    """Words need a language."""
    with app.app_context(), app.test_request_context("/records/", base_url="http://localhost"):
        yield


@pytest.mark.usefixtures("in_a_request")
@pytest.mark.parametrize(
    ("theirs", "english", "german"),
    [
        ("WeightTraining", "Strength training", "Krafttraining"),
        ("strengthTraining", "Strength training", "Krafttraining"),
        ("LAP_SWIMMING", "Swimming", "Schwimmen"),
        ("WALKING", "Walking", "Gehen"),
        ("rower", "Rowing machine", "Rudergerät"),
        ("BIKING", "Cycling", "Radfahren"),
        ("EBikeRide", "E-biking", "E-Bike-Fahren"),
        ("Outdoor Bike", "Cycling", "Radfahren"),
        ("cross-country-skiing", "Cross-country skiing", "Skilanglauf"),
        ("UNDERWATER_HOCKEY", "Underwater hockey", "Underwater hockey"),
        ("pickleball", "Pickleball", "Pickleball"),
        ("", "", ""),
        ("_", "", ""),
    ],
)
def test_a_sport_has_our_name_or_a_readable_one(theirs: str, english: str, german: str) -> None:
    assert sport(theirs) == english
    with force_locale("de"):
        assert sport(theirs) == german


def test_no_name_of_a_provider_stands_for_two_sports() -> None:
    theirs = [name for names in SPORTS.values() for name in names]

    assert len(theirs) == len(set(theirs))


@pytest.mark.parametrize(
    ("details", "called"),
    [
        ({"sport": "WeightTraining", "name": "WeightTraining by Ada"}, "WeightTraining by Ada"),
        ({"sport": "Run", "name": "warm_up"}, "warm_up"),
        ({"sport": "Run", "name": ""}, "Laufen"),
        ({"sport": "Run", "name": 7}, "Laufen"),
    ],
)
def test_a_name_that_a_person_gave_stays_as_it_is(app: Flask, details: dict[str, Any], called: str) -> None:
    browser: Browser = signed_in(app, factories.User(language="de"))
    factories.Record(
        connection=factories.Connection(user=browser.user, type="strava"), kind="workout", details=json.dumps(details)
    )

    [row] = [text(row) for row in browser.get("/records/workout/").html.select("tbody tr")]

    assert f"· {called}, Strava" in row
