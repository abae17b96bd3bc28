"""The pages of records: what was imported, by kind and day, in a picture and in words."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.conftest import Browser, Queries, signed_in
from tests.pages.test_connections import text
from tests.support.looking import form_with, look


def noon(days_ago: int = 0) -> Any:
    """Twelve o'clock UTC, so many days ago."""
    return factories.now().replace(hour=12, minute=0, second=0) - timedelta(days=days_ago)


def measured(connection: Any, kind: str, value: float | None, *, days_ago: int = 0, **more: Any) -> Any:
    return factories.Record(connection=connection, kind=kind, value=value, measured_at=noon(days_ago), **more)


def rows(page: Any) -> list[str]:
    return [text(row) for row in page.html.select("tbody tr")]


def test_without_records_it_says_what_would_be_here_and_how_to_begin(ada: Browser) -> None:
    page = ada.get("/records/").html

    assert page.h1.text == "No records yet"
    assert page.select_one("main a.button--do")["href"] == "/connect/"
    assert not page.select("main a[href$=csv]")


def test_each_kind_has_its_newest_number_its_picture_and_where_it_came_from(ada: Browser) -> None:
    watch = factories.Connection(user=ada.user, type="garmin")
    measured(watch, "steps", 8412)
    measured(watch, "steps", 3000, days_ago=1, connection_id=None, type="fitbit")
    measured(factories.Connection(user=ada.user), "weight", 71.44, days_ago=40)

    page = ada.get("/records/").html

    steps, weight = page.select(".panel")
    assert text(steps.select_one("dl")) == "Today 8,412 steps"
    assert steps.select_one("svg .bars")["d"].count("z") == 2
    assert "On 2 of 30 days. Lowest: 3,000 steps" in text(steps.figcaption)
    assert "Highest: 8,412 steps, today." in text(steps.figcaption)
    assert "2 records from Fitbit (ended) and Garmin" in text(steps)
    assert "71.4 kg" in text(weight.select_one("dl"))
    assert not weight.svg
    assert text(weight.figcaption) == "Nothing on these 30 days."
    assert "3 records were imported." in text(page.main)


def test_days_are_listed_newest_first_with_their_records(ada: Browser) -> None:
    watch = factories.Connection(user=ada.user, type="garmin")
    measured(watch, "workout", 45, days_ago=1, ended_at=noon(1) + timedelta(minutes=45))
    measured(watch, "workout", 95, ended_at=noon() + timedelta(minutes=95))
    measured(watch, "workout", 30, connection_id=None, type="strava")

    page = ada.get("/records/workout/")

    assert rows(page) == [
        "Today 1 hr 35 min 12:00 to 13:35 · 1 hr 35 min, Garmin 12:00 · 30 min, Strava (ended)",
        "Yesterday 45 min 12:00 to 12:45 · Garmin",
    ] or rows(page) == [
        "Today 1 hr 35 min 12:00 · 30 min, Strava (ended) 12:00 to 13:35 · 1 hr 35 min, Garmin",
        "Yesterday 45 min 12:00 to 12:45 · Garmin",
    ]
    assert "the higher sum stands" in text(page.html.main)


def test_what_is_no_number_breaks_no_page(ada: Browser) -> None:
    for kind in ("steps", "weight", "heart_rate"):
        measured(factories.Connection(user=ada.user), kind, float("inf"))

        assert rows(ada.get(f"/records/{kind}/"))[0].startswith("Today no number")
        assert "no number" in rows(ada.get(f"/records/{kind}/{noon().date()}/"))[0]
    assert "no number" in text(ada.get("/records/").html.main)


def test_a_day_count_has_no_time_of_day(ada: Browser) -> None:
    measured(factories.Connection(user=ada.user, type="garmin"), "steps", 1)

    assert rows(ada.get("/records/steps/")) == ["Today 1 step Garmin"]
    assert "The whole day" in rows(ada.get(f"/records/steps/{noon().date()}/"))[0]


def test_it_says_how_long_a_service_lets_its_records_stay(ada: Browser) -> None:
    measured(factories.Connection(user=ada.user, type="strava"), "workout", 31)
    measured(factories.Connection(user=ada.user, type="garmin"), "steps", 31)

    assert "Records from Strava stay here for 7 days: Strava asks for that." in ada.get("/records/workout/").text
    assert "stay here" not in ada.get("/records/steps/").text


def test_a_full_day_leads_to_a_page_of_its_own(ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    for minute in range(5):
        factories.Record(connection=scale, measured_at=noon() + timedelta(minutes=minute), value=70 + minute)

    page = ada.get("/records/weight/").click("All 5 records")

    assert page.html.h1.text == "Weight"
    assert text(page.html.select_one(".lead")) == "Today : 74.0 kg"
    assert [row[:5] for row in rows(page)] == ["12:04", "12:03", "12:02", "12:01", "12:00"]
    assert "71.0 kg Withings" in rows(page)[3]


def test_the_picture_shows_thirty_ninety_or_365_days(ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    for days_ago in (0, 60, 300):
        measured(scale, "weight", 70, days_ago=days_ago)

    dots = {}
    for days in ("", "30", "90", "365", "7", "x"):
        page = ada.get("/records/weight/", {"days": days}).html
        dots[days] = (page.select_one("svg .dots")["d"].count("M"), page.select_one("main nav [aria-current]").text)

    thirty = (1, "30 days")
    assert dots == {"": thirty, "30": thirty, "90": (2, "90 days"), "365": (3, "365 days"), "7": thirty, "x": thirty}


def test_the_side_of_a_picture_names_its_unit(app: Flask) -> None:
    browser = signed_in(app, factories.User(language="de"))
    measured(factories.Connection(user=browser.user, type="garmin"), "workout", 94)

    assert browser.get("/records/workout/").html.select_one(".chart-unit").text == "Minuten"
    assert not browser.get("/records/").html.select(".chart-unit"), "a small picture has no numbers at its side"


def test_a_blood_pressure_has_both_numbers_and_both_lines(ada: Browser) -> None:
    for days_ago in (0, 1):
        measured(factories.Connection(user=ada.user), "blood_pressure", 128, days_ago=days_ago,
                 details=json.dumps({"diastolic": 82}))  # fmt: skip

    page = ada.get("/records/blood_pressure/")

    assert rows(page)[0].startswith("Today 128/82 mmHg")
    assert page.html.select_one("svg .line")["d"].count("M") == 2
    assert "The upper line is systolic, the lower one diastolic." in text(page.html.figcaption)


def test_what_else_the_provider_said_is_told_in_words(ada: Browser) -> None:
    told = {
        "name": "Morning <b>run</b>", "sport": "Run", "distance_m": 5240, "average_heart_rate": 142.4,
        "energy_kcal": True, "climb_m": "12", "score": 81.5, "nap": False, "unheard_of": 3,
    }  # fmt: skip
    measured(factories.Connection(user=ada.user, type="strava"), "workout", 31, details=json.dumps(told))

    [in_list] = rows(ada.get("/records/workout/"))
    [on_day] = rows(ada.get(f"/records/workout/{noon().date()}/"))

    assert in_list == "Today 31 min 12:00 · Morning <b>run</b>, Strava"
    assert "Morning <b>run</b> Distance: 5.2 km Mean heart rate: 142 beats a minute Score: 81.5 Strava" in on_day


def test_pages_of_days_keep_the_rest_of_the_address(ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    for days_ago in range(31):
        measured(scale, "weight", 70, days_ago=days_ago)

    second = ada.get(f"/records/weight/?days=90&connection={scale.id}").click("Next")

    assert len(rows(second)) == 1
    assert "days=90" in second.request.url
    assert f"connection={scale.id}" in second.request.url
    past = ada.get("/records/weight/?page=9", status=303)
    assert len(rows(past.follow())) == 30


def test_one_connection_alone_can_be_chosen(ada: Browser) -> None:
    watch = factories.Connection(user=ada.user, type="garmin", account="ada@garmin.example")
    ring = factories.Connection(user=ada.user, type="oura")
    measured(watch, "steps", 8000)
    measured(ring, "steps", 9000)
    measured(ring, "sleep", 7.5)

    form = form_with(ada.get("/records/"), "connection")
    assert [label for _, _, label in form["connection"].options][1:] == [
        "Garmin, ada@garmin.example", "Oura, ada@posteo.example",
    ]  # fmt: skip
    form["connection"] = str(watch.id)
    page = form.submit()

    assert [text(each) for each in page.html.select(".panel h2")] == ["Steps"]
    assert text(page.html.select_one(".panel dd")) == "8,000 steps"
    assert rows(page.click("Steps")) == ["Today 8,000 steps Garmin"]
    assert page.html.select_one(f"a[href='/records/records.csv?connection={watch.id}']")


@pytest.mark.parametrize("path", ["/records/", "/records/steps/"])
def test_a_connection_without_records_says_so_and_offers_all(ada: Browser, ben: Browser, path: str) -> None:
    measured(factories.Connection(user=ada.user, type="garmin"), "steps", 8000)
    theirs = factories.Connection(user=ben.user)
    measured(theirs, "steps", 1234)

    for number in (theirs.id, 999_999, 2**80):
        page = ada.get(path, {"connection": str(number)})
        if number < 2**64:
            assert "Nothing from this connection" in text(page.html.main)
            assert page.html.select_one("main a.button--do")["href"] == path
        assert "1,234" not in page.text
    assert "8,000 steps" in ada.get(path, {"connection": "garmin"}).text


def test_someone_elses_records_are_nowhere(ada: Browser, ben: Browser) -> None:
    measured(factories.Connection(user=ben.user), "weight", 99)

    assert ada.get("/records/").html.h1.text == "No records yet"
    assert "No records of this kind" in text(ada.get("/records/weight/").html.main)
    assert ada.get(f"/records/weight/{noon().date()}/", status=404)


@pytest.mark.parametrize(
    "path", ["moon/", "weight/2026-13-01/", "weight/20261124/", "weight/today/", "moon/2026-11-24/", "moon.csv"]
)
def test_what_nobody_measures_is_missing(ada: Browser, path: str) -> None:
    measured(factories.Connection(user=ada.user), "weight", 71)

    assert ada.get(f"/records/{path}", status=404)


def test_a_connections_page_leads_to_its_records(ada: Browser) -> None:
    scale = factories.Connection(user=ada.user)
    measured(factories.Connection(user=ada.user, type="garmin"), "steps", 8000)
    measured(scale, "weight", 71)

    page = ada.get(f"/connections/{scale.id}/").click(href=f"/records/\\?connection={scale.id}")

    assert [text(each) for each in page.html.select(".panel h2")] == ["Weight"]


def test_numbers_units_and_days_speak_german(app: Flask) -> None:
    browser = signed_in(app, factories.User(language="de", time_zone="Europe/Berlin"))
    factories.Record(connection=factories.Connection(user=browser.user), value=1071.44, measured_at=noon(60))

    page = browser.get("/records/weight/")

    assert "1.071,4 kg" in rows(page)[0]
    day = noon(60)
    assert f"{day.day}. " in rows(page)[0]


def test_today_is_where_the_person_is(app: Flask) -> None:
    ahead = signed_in(app, factories.User(time_zone="Pacific/Kiritimati", language="en"))  # fourteen hours ahead
    tomorrow = (factories.now() + timedelta(hours=14)).date()
    scale = factories.Connection(user=ahead.user)
    factories.Record(connection=scale, day=tomorrow.toordinal())

    assert text(ahead.get("/records/").html.select_one(".panel dt")) == "Today"


def test_support_sees_the_pages_and_takes_nothing_along(ada: Browser, dora: Browser) -> None:
    measured(factories.Connection(user=ada.user), "weight", 71)
    look(dora, ada.user)

    for path in ("/records/", "/records/weight/"):
        page = dora.get(path)
        assert "71.0 kg" in page.text
        assert "Downloading is closed to support" in text(page.html.main)
        assert not page.html.select("a[href*=csv], a[href*=json]")
    for path in ("/records/records.csv", "/records/weight.json"):
        assert dora.get(path, status=403).html.h1.text.strip() == "This is closed to support"


def test_a_thousand_records_cost_the_queries_of_one(ada: Browser, queries: Queries) -> None:
    counts: list[list[int]] = []
    ada.get("/records/")  # the first request also notes that the session was seen
    for number in (1, 40):
        for days_ago in range(number):
            for kind in ("steps", "weight"):
                measured(factories.Connection(user=ada.user, type="garmin"), kind, 70, days_ago=days_ago)
        counts.append([])
        for path in ("/records/", "/records/steps/", f"/records/steps/{noon().date()}/"):
            queries.clear()
            with queries:
                ada.get(path)
            counts[-1].append(len(queries))

    assert counts[0] == counts[1] == [3, 7, 4]
