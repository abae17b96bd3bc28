"""Reading records: what a day comes to, which days a picture has, and that only the owner's are read."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.data import db, record_reading, transaction
from dashboard.data.connections import Connection
from dashboard.records import reading
from dashboard.records.kinds import KINDS
from tests import factories
from tests.conftest import Queries

TODAY = date(2026, 11, 24)


def measured(
    connection: Any, kind: str, value: float | None, *, days_ago: int = 0, minute: int = 0, **more: Any
) -> Any:
    """A record of so many days ago."""
    at = factories.now().replace(year=2026, month=11, day=24, hour=7, minute=minute) - timedelta(days=days_ago)
    return factories.Record(connection=connection, kind=kind, value=value, measured_at=at, **more)


def values(owner: Any, kind: str, **asked: Any) -> dict[date, float | None]:
    """The numbers of the days of a kind in its picture."""
    found = reading.by_day(KINDS[kind], owner.id, today=TODAY, length=30, **asked)
    assert found.of
    return {day.date: day.value for day in found.of.span.days}


def by_day(owner: Any, kind: str = "weight", **asked: Any) -> reading.ByDay:
    return reading.by_day(KINDS[kind], owner.id, **({"today": TODAY, "length": 30} | asked))


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User()


def test_steps_of_a_day_add_up(ada: Any) -> None:
    watch = factories.Connection(user=ada, type="garmin")
    for minute, value in enumerate([4000, 2500]):
        measured(watch, "steps", value, minute=minute)

    assert values(ada, "steps") == {TODAY: 6500}


def test_two_services_that_count_the_same_steps_are_not_added_up(ada: Any) -> None:
    for type, value in [("garmin", 8412), ("fitbit", 8377)]:
        measured(factories.Connection(user=ada, type=type), "steps", value)

    assert values(ada, "steps") == {TODAY: 8412}


def test_what_was_kept_is_a_source_of_its_own(ada: Any) -> None:
    connection = factories.Connection(user=ada, type="fitbit")
    measured(connection, "steps", 5000)
    measured(connection, "steps", 4000, connection_id=None)

    assert values(ada, "steps") == {TODAY: 5000}
    found = by_day(ada, "steps")
    assert found.of
    assert [each.connection_id for each in found.of.sources] in ([connection.id, None], [None, connection.id])


def test_the_last_weight_of_a_day_is_the_days(ada: Any) -> None:
    scale, other = factories.Connection(user=ada), factories.Connection(user=ada, type="fitbit")
    measured(scale, "weight", 71.9, minute=1)
    measured(other, "weight", 71.2, minute=3)
    measured(scale, "weight", None, minute=4)

    assert values(ada, "weight") == {TODAY: 71.2}


def test_a_heart_rate_is_the_mean_of_all_that_was_measured(ada: Any) -> None:
    for type, rates in [("garmin", [60, 70]), ("oura", [50])]:
        connection = factories.Connection(user=ada, type=type)
        for minute, value in enumerate(rates):
            measured(connection, "heart_rate", value, minute=minute)

    assert values(ada, "heart_rate") == {TODAY: 60}


def test_a_blood_pressure_has_its_second_number(ada: Any) -> None:
    measured(factories.Connection(user=ada), "blood_pressure", 128, details=json.dumps({"diastolic": 82}))

    found = by_day(ada, "blood_pressure")

    assert found.of
    assert (found.of.latest.value, found.of.latest.beside) == (128, 82)


def test_a_day_without_a_number_is_a_day_with_records(ada: Any) -> None:
    measured(factories.Connection(user=ada), "workout", None)

    found = by_day(ada, "workout")

    assert found.of
    assert (found.of.latest.value, found.of.latest.record_count) == (None, 1)


def test_the_picture_has_thirty_days_and_the_newest_may_be_older(ada: Any) -> None:
    scale = factories.Connection(user=ada)
    for days_ago in (29, 30, 400):
        measured(scale, "weight", 70 + days_ago, days_ago=days_ago)
    measured(scale, "steps", 9, days_ago=90)

    kinds = {each.kind.key: each for each in reading.overview(ada.id, today=TODAY).kinds}

    assert [day.value for day in kinds["weight"].span.days] == [99]
    assert (kinds["weight"].span.first, kinds["weight"].span.last) == (TODAY - timedelta(days=29), TODAY)
    assert kinds["weight"].record_count == 3
    assert kinds["steps"].span.days == []
    assert kinds["steps"].latest.date == TODAY - timedelta(days=90)


def test_kinds_stand_in_the_order_of_pages_and_unknown_ones_are_left_out(ada: Any) -> None:
    scale = factories.Connection(user=ada)
    for kind in ("heart_rate", "weight", "moon_phase", "steps"):
        measured(scale, kind, 60)

    assert [each.kind.key for each in reading.overview(ada.id, today=TODAY).kinds] == ["steps", "weight", "heart_rate"]


@pytest.mark.parametrize(
    ("ahead", "last"), [(0, TODAY), (1, TODAY + timedelta(days=1)), (9000, TODAY + timedelta(days=1))]
)
def test_who_was_a_day_ahead_sees_that_day_and_a_wrong_clock_moves_nothing_else(
    ada: Any, ahead: int, last: date
) -> None:
    measured(factories.Connection(user=ada), "weight", 71, days_ago=-ahead)

    found = by_day(ada)

    assert found.of
    assert found.of.span.last == last
    assert found.of.span.length == 30
    assert found.of.latest.value == 71
    assert [each.day.date for each in found.days] == [TODAY + timedelta(days=ahead)]


def test_days_come_newest_first_in_pages_with_their_newest_records(ada: Any) -> None:
    scale = factories.Connection(user=ada)
    for days_ago in range(33):
        measured(scale, "weight", 70, days_ago=days_ago)
    for minute in range(1, 6):
        measured(scale, "weight", 70 + minute, minute=minute)

    first, second, past = (by_day(ada, page=page) for page in (1, 2, 3))

    assert [each.day.date for each in first.days] == [TODAY - timedelta(days=ago) for ago in range(30)]
    assert [record.value for record in first.days[0].records] == [75, 74, 73]
    assert first.days[0].day.record_count == 6
    assert [each.day.date for each in second.days] == [TODAY - timedelta(days=ago) for ago in (30, 31, 32)]
    assert (first.day_count, second.day_count, past.days) == (33, 33, [])


def test_one_day_has_all_its_records_in_pages(ada: Any) -> None:
    scale = factories.Connection(user=ada)
    with transaction():
        db.session.execute(
            factories.records.Record.__table__.insert(),
            [
                {"user_id": ada.id, "connection_id": scale.id, "type": "withings", "kind": "heart_rate",
                 "provider_id": str(minute), "value": minute, "day": TODAY.toordinal(), "details": "{}",
                 "measured_at": factories.now() + timedelta(minutes=minute), "stored_at": factories.now()}
                for minute in range(101)
            ],
        )  # fmt: skip

    first, second = (reading.one_day(KINDS["heart_rate"], TODAY, ada.id, page=page) for page in (1, 2))

    assert first
    assert second
    assert [record.value for record in first.records] == list(range(100, 0, -1))
    assert [record.value for record in second.records] == [0]
    assert (second.day.record_count, second.day.value) == (101, 50)
    assert reading.one_day(KINDS["heart_rate"], TODAY - timedelta(days=1), ada.id) is None


def test_one_connection_alone_can_be_asked_for(ada: Any) -> None:
    watch, ring = (factories.Connection(user=ada, type=type, account=type) for type in ("garmin", "oura"))
    measured(watch, "steps", 8000)
    measured(ring, "steps", 9000)
    measured(ring, "sleep", 7.5, connection_id=None)

    assert values(ada, "steps", connection_id=watch.id) == {TODAY: 8000}
    found = reading.overview(ada.id, today=TODAY, connection_id=watch.id)
    assert [each.kind.key for each in found.kinds] == ["steps"]
    assert [(each.connection_id, each.account) for each in found.choices] == [(watch.id, "garmin"), (ring.id, "oura")]
    assert reading.overview(ada.id, today=TODAY, connection_id=ring.id + 1).kinds == []


def test_nobody_elses_records_are_read(ada: Any) -> None:
    theirs = factories.Connection(user=factories.User())
    measured(theirs, "weight", 99)

    assert reading.overview(ada.id, today=TODAY).kinds == []
    assert reading.overview(ada.id, today=TODAY, connection_id=theirs.id).kinds == []
    assert by_day(ada, connection_id=theirs.id) == reading.ByDay(None, [], [], 0)
    assert reading.one_day(KINDS["weight"], TODAY, ada.id, connection_id=theirs.id) is None
    assert record_reading.after(ada.id, None, kind=None, connection_id=theirs.id, limit=9) == []


def test_a_hundred_records_cost_the_queries_of_one(ada: Any, queries: Queries) -> None:
    counts = []
    for days in (1, 50):
        for number in range(days):
            connection = factories.Connection(user=ada, type="garmin")
            measured(connection, "steps", 1, days_ago=number)
            measured(connection, "weight", 1, days_ago=number)
        db.session.rollback()
        queries.clear()
        with queries:
            reading.overview(ada.id, today=TODAY)
        counts.append(len(queries))
        with queries:
            by_day(ada, length=365)
        counts.append(len(queries) - counts[-1])

    assert counts == [2, 6, 2, 6]


def test_a_connection_is_named_from_its_row(ada: Any) -> None:
    made = factories.Connection(user=ada, account="ada@posteo.example")
    measured(made, "weight", 71)
    with transaction():
        db.session.execute(Connection.__table__.delete().where(Connection.id == made.id))

    [kind] = reading.overview(ada.id, today=TODAY).kinds

    assert [(each.connection_id, each.account, each.type) for each in kind.sources] == [(None, None, "withings")]
