"""A provider's items become records in our kinds and units, with the day that the person lived."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from dashboard import providers
from dashboard.providers import Fact
from dashboard.providers.dialects import of
from dashboard.providers.facts import fact_of, facts_of
from dashboard.providers.source import Recording
from dashboard.providers.times import Unreadable


def fact(item: Any, **recording: Any) -> Fact | None:
    return fact_of(Recording(**{"kind": "heart_rate", "at": "at", "id": "id", "value": ("bpm",)} | recording), item)


def some(item: Any, **recording: Any) -> Fact:
    found = fact(item, **recording)
    assert found is not None
    return found


NIGHT = {"id": 7, "at": "2026-11-23T22:30:00Z", "bpm": 61}


@pytest.mark.parametrize(
    ("at", "more", "moment", "day"),
    [
        ("2026-11-23T22:30:00Z", {}, (23, 22, 30), 23),
        ("2026-11-23T23:30:00+02:00", {}, (23, 21, 30), 23),
        ("2026-11-24T00:30:00+02:00", {}, (23, 22, 30), 24),
        ("2026-11-23T22:30:00Z", {"offset": "there"}, (23, 22, 30), 24),
        ("2026-11-24T00:30:00", {"format": "iso_local", "offset": "there"}, (23, 22, 30), 24),
        ("2026-11-24T00:30:00", {"format": "iso_local"}, (24, 0, 30), 24),
        ("2026-11-24 00:30:00", {"format": "iso_local", "zone": "zone"}, (23, 23, 30), 24),
        ("2026-11-23T22:30:00", {"format": "iso_utc"}, (23, 22, 30), 23),
        (1795473000, {"format": "epoch"}, (23, 22, 30), 23),
        ("1795473000", {"format": "epoch", "offset": "there"}, (23, 22, 30), 24),
        (1795473000000, {"format": "epoch_ms"}, (23, 22, 30), 23),
        (1795473000, {"format": "epoch", "zone": "zone"}, (23, 22, 30), 23),
        ("2026-11-24", {"format": "date"}, (24, 0, 0), 24),
        ({"year": 2026, "month": 11, "day": 24}, {"format": "date"}, (24, 0, 0), 24),
    ],
)
def test_times_are_utc_and_days_are_those_of_the_person(
    at: Any, more: dict[str, Any], moment: tuple[int, int, int], day: int
) -> None:
    found = some(NIGHT | {"at": at, "there": 7200, "zone": "Europe/Berlin"}, **more)

    assert found.measured_at == datetime(2026, 11, *moment, tzinfo=UTC)
    assert found.day == date(2026, 11, day)


@pytest.mark.parametrize(
    ("value", "format", "day"),
    [(-10, "minutes", 22), ("-08:00", "iso", 22), ("+0530", "iso", 23), ("Z", "iso", 23), ("7200s", "seconds", 23)],
)
def test_offsets_are_read_as_providers_write_them(value: Any, format: str, day: int) -> None:
    found = some(NIGHT | {"at": "2026-11-23T00:05:00Z", "there": value}, offset="there", offset_format=format)

    assert found.day == date(2026, 11, day)


@pytest.mark.parametrize(
    ("lasts", "format", "minutes"),
    [(5400, "seconds", 90), (5_400_000, "ms", 90), (90, "minutes", 90), ("PT1H30M", "iso", 90), ("PT90.5S", "iso", 1)],
)
def test_what_took_a_while_has_an_end_and_a_length(lasts: Any, format: str, minutes: int) -> None:
    found = some(NIGHT | {"took": lasts}, value=(), lasts="took", lasts_format=format, divide_by=60)

    assert found.value is not None
    assert int(found.value) == minutes
    assert found.ended_at is not None
    assert (found.ended_at - found.measured_at).total_seconds() // 60 == minutes


def test_a_night_counts_for_the_day_of_waking() -> None:
    found = some(NIGHT | {"end": "2026-11-24T05:00:00Z"}, ended="end", day_of="end")

    assert found.day == date(2026, 11, 24)


def test_the_provider_s_own_day_wins() -> None:
    assert some(NIGHT | {"day": "2026-12-31"}, day="day").day == date(2026, 12, 31)


def test_what_there_is_once_a_day_is_named_by_it() -> None:
    assert some(NIGHT, id=None).provider_id == "2026-11-23"


@pytest.mark.parametrize(
    ("value", "divide_by", "ours"), [("61", 1, 61.0), (72345, 1000, 72.345), (0, 1, 0.0), (-1.5, 1, -1.5)]
)
def test_values_come_in_our_units(value: Any, divide_by: float, ours: float) -> None:
    assert some(NIGHT | {"bpm": value}, divide_by=divide_by).value == ours


def test_several_values_add_up_as_far_as_they_are_told() -> None:
    item = NIGHT | {"stages": {"light": 3600, "deep": None, "rem": 1800}}

    assert some(item, value=("stages.light", "stages.deep", "stages.rem"), divide_by=3600).value == 1.5


def test_an_item_that_lacks_the_value_is_no_record_of_this_kind() -> None:
    assert fact({"id": 7, "at": "2026-11-23T22:30:00Z", "bpm": None}) is None


def test_only_items_that_fit_count() -> None:
    assert fact(NIGHT | {"unit": "mg/dL"}, when=(("unit", "mg/dl"),)) is not None
    assert fact(NIGHT | {"unit": "mmol/L"}, when=(("unit", "mg/dl"),)) is None
    assert fact(NIGHT | {"score": {}}, when=(("score", True),)) is not None
    assert fact(NIGHT, when=(("score", True),)) is None
    assert fact(NIGHT, when=(("score", False),)) is not None


def test_details_are_few_small_and_plain() -> None:
    item = NIGHT | {"a": "run\x00ning\n", "b": [1], "c": None, "d": "x" * 500, "e": True, "f": 1e30, "g": "12.5"}
    names = tuple((name, name) for name in "abcdef")

    found = some(item, details=names, numbers=(("g", "g"),))

    assert found.details == {"a": "run ning", "d": "x" * 100, "e": True, "g": 12.5}


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": ""},
        {"id": "x" * 201},
        {"id": ["7"]},
        {"id": 7.5},
        {"id": True},
        {"id": "7\x00"},
        {"at": None},
        {"at": ""},
        {"at": "yesterday"},
        {"at": "2026-11-23T22:30:00"},
        {"at": 1795473000},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "9999-12-31T23:59:59-14:00"},
        {"at": "1969-12-31T00:00:00Z"},
        {"at": {"a": 1}},
        {"at": True},
        {"bpm": "many"},
        {"bpm": True},
        {"bpm": [61]},
        {"bpm": 1e16},
        {"bpm": 2e9},
        {"bpm": "9" * 40},
        {"end": "2026-11-23T22:00:00Z"},
        {"end": 7},
        {"there": 90_000},
        {"there": "east"},
    ],
    ids=str,
)
def test_what_is_not_as_it_should_be_is_no_record(change: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        fact(NIGHT | change, ended="end", offset="there")


@pytest.mark.parametrize(
    ("at", "format"),
    [(1_700_000_000_000, "epoch"), (99_999_999_999_999, "epoch"), (-70_000_000_000, "epoch"), (9e14, "epoch_ms")],
)
def test_a_time_far_out_of_range_costs_no_other_record(at: float, format: str) -> None:
    """As where milliseconds are sent and seconds were meant."""
    recording = Recording(kind="heart_rate", at="at", id="id", value=("bpm",), format=format)
    good = NIGHT | {"at": 1_790_000_000 * (1000 if format == "epoch_ms" else 1)}

    assert len(list(facts_of([recording], [NIGHT | {"at": at}, good], what="withings nights"))) == 1


@pytest.mark.parametrize("item", [None, 7, "text", [], [[]]])
def test_an_item_is_an_object(item: Any) -> None:
    with pytest.raises(Unreadable):
        fact(item)


@pytest.mark.parametrize(
    ("measures", "values"),
    [
        ([{"type": 1, "value": 72345, "unit": -3}], {"type1": pytest.approx(72.345)}),
        ([{"type": 10, "value": 12, "unit": 1}], {"type10": pytest.approx(120)}),
        ([{"type": 1, "value": 72, "unit": 400}], {"type1": None}),
        ([{"type": "1", "value": 72, "unit": 0}, None, 7, {"type": 1}], {}),
        ("none", {}),
    ],
)
def test_withings_writes_measures_in_groups_and_powers_of_ten(measures: Any, values: dict[str, Any]) -> None:
    withings = providers.get("withings")
    [item] = of(withings).items(withings.sources[0], {"timezone": "Europe/Berlin"}, {"grpid": 1, "measures": measures})

    assert {name: value for name, value in item.items() if name.startswith("type")} == values


def test_of_many_that_cannot_be_read_the_log_tells_once(caplog: pytest.LogCaptureFixture) -> None:
    recording = Recording(kind="heart_rate", at="when", id="id", value=("bpm",))
    items = [NIGHT | {"when": NIGHT["at"]}, *[NIGHT] * 40]

    found = list(facts_of([recording], items, what="withings nights"))

    assert len(found) == 1
    [told] = [each.getMessage() for each in caplog.records]
    assert told.startswith("withings nights: left out 40 of 41 records; the first: ")
