"""When a record was measured: by the reader's clock, with its date where that is another, and never made up."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from tests import factories
from tests.conftest import Browser, signed_in
from tests.pages.test_records import noon, rows


def test_where_only_the_day_is_known_no_time_is_made_up(ada: Browser) -> None:
    watch = factories.Connection(user=ada.user, type="polar")
    factories.Record(connection=watch, kind="heart_rate", value=52, measured_at=noon().replace(hour=0))

    assert rows(ada.get("/records/heart_rate/")) == ["Today 52 beats a minute Polar"]
    assert rows(ada.get(f"/records/heart_rate/{noon().date()}/"))[0].startswith("No time told")


def test_a_reading_at_midnight_has_its_time_where_the_provider_tells_times(ada: Browser) -> None:
    sensor = factories.Connection(user=ada.user, type="dexcom")
    factories.Record(connection=sensor, kind="glucose", value=104, measured_at=noon().replace(hour=0))

    assert rows(ada.get("/records/glucose/")) == ["Today 104 mg/dL 00:00 · Dexcom"]
    assert rows(ada.get(f"/records/glucose/{noon().date()}/"))[0].startswith("00:00 104 mg/dL")


@pytest.mark.parametrize(("hours", "said"), [(24, "The whole day"), (23, "The whole day"), (22, "23:00 to 21:00")])
def test_a_day_that_is_told_by_its_two_ends_is_the_whole_day(ada: Browser, hours: int, said: str) -> None:
    watch = factories.Connection(user=ada.user, type="google_health")
    begins = noon().replace(hour=23) - timedelta(days=1)
    ends = begins + timedelta(hours=hours)
    factories.Record(
        connection=watch, kind="steps", value=900, measured_at=begins, ended_at=ends, day=noon().toordinal()
    )

    [row] = rows(ada.get(f"/records/steps/{noon().date()}/"))

    assert row.startswith(f"{said} 900 steps")


def test_where_a_provider_is_not_described_a_midnight_is_a_day(ada: Browser) -> None:
    gone = factories.Connection(user=ada.user, type="gone")
    factories.Record(connection=gone, kind="glucose", value=104, measured_at=noon().replace(hour=0))

    assert rows(ada.get(f"/records/glucose/{noon().date()}/"))[0].startswith("No time told")


def test_a_time_that_lies_on_another_day_by_the_readers_clock_has_its_date(app: Flask) -> None:
    browser = signed_in(app, factories.User(time_zone="Europe/Berlin", language="en"))
    sensor = factories.Connection(user=browser.user, type="dexcom")
    day = date(2026, 7, 14)  # of the sensor, six hours west of its reader
    for hour in (21, 23):
        at = datetime(2026, 7, 14, hour, 15, tzinfo=UTC)
        factories.Record(connection=sensor, kind="glucose", value=hour, measured_at=at, day=day.toordinal())

    [late, early] = rows(browser.get(f"/records/glucose/{day}/"))
    [listed] = rows(browser.get("/records/glucose/"))

    assert late.startswith("15 July, 01:15 23 mg/dL")
    assert early.startswith("23:15 21 mg/dL")
    assert "15 July, 01:15 · 23 mg/dL, Dexcom 23:15 · 21 mg/dL, Dexcom" in listed


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (datetime(2026, 7, 13, 21, tzinfo=UTC), datetime(2026, 7, 14, 5, tzinfo=UTC), "21:00 to 05:00 "),
        (datetime(2026, 7, 13, 2, tzinfo=UTC), datetime(2026, 7, 13, 9, tzinfo=UTC), "13 July, 02:00 to 09:00 "),
        (
            datetime(2026, 7, 12, 21, tzinfo=UTC),
            datetime(2026, 7, 13, 5, tzinfo=UTC),
            "12 July, 21:00 to 13 July, 05:00 ",
        ),
    ],
)
def test_a_night_has_its_dates_only_where_it_neither_begins_nor_ends_on_the_day(
    ada: Browser, start: datetime, end: datetime, said: str
) -> None:
    ring = factories.Connection(user=ada.user, type="oura")
    day = date(2026, 7, 14)
    factories.Record(connection=ring, kind="sleep", value=8, measured_at=start, ended_at=end, day=day.toordinal())

    assert rows(ada.get(f"/records/sleep/{day}/"))[0].startswith(said)
