"""The last thirty days of a connection: which mark each day gets, and that the mark stays as days go by."""

from datetime import UTC, date, datetime

import pytest

from dashboard.connections import reading, strip
from dashboard.connections.strip import Mark
from dashboard.data.history import DayRow
from tests import factories

NOW = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
TODAY = NOW.toordinal()
FIRST = date(2026, 10, 26)


def read(letters: str | None, *, days_old: int = 0) -> strip.Strip:
    """A strip that ends on 24 November 2026, from what was kept so many days before."""
    assert strip.first_day(NOW) == FIRST
    return strip.read(letters, letters and TODAY - days_old, first=FIRST)


def test_a_day_is_marked_by_what_its_syncs_brought() -> None:
    days = [DayRow(TODAY, 5, 1), DayRow(TODAY - 1, 0, 2), DayRow(TODAY - 2, 0, 0)]

    marks = read(strip.written(days, last=TODAY)).marks

    assert marks[26:] == (Mark.OFF, Mark.NONE, Mark.FAIL, Mark.GOT)
    assert set(marks[:26]) == {Mark.OFF}


@pytest.mark.parametrize(("records", "letter"), [(100, "z"), (99, "z"), (96, "y"), (50, "m"), (4, "b"), (1, "a")])
def test_a_day_stands_as_high_as_its_share_of_the_best_day(records: int, letter: str) -> None:
    days = [DayRow(TODAY - 1, 100, 0), DayRow(TODAY, records, 0)]

    assert strip.written(days, last=TODAY)[-2:] == "z" + letter


def test_days_before_the_thirty_count_for_nothing() -> None:
    days = [DayRow(TODAY - 30, 9, 0), DayRow(TODAY - 29, 1, 0), DayRow(TODAY + 1, 9, 0)]

    assert strip.written(days, last=TODAY) == "z" + " " * 29


def test_a_connection_that_never_synced_has_no_day() -> None:
    assert set(read(None).marks) == {Mark.OFF}


@pytest.mark.parametrize(("days_old", "left"), [(0, 30), (1, 29), (29, 1), (30, 0), (400, 0)])
def test_on_days_since_the_last_sync_nobody_asked(days_old: int, left: int) -> None:
    assert read("z" * 30, days_old=days_old).letters == "z" * left + " " * (30 - left)


def test_a_day_of_a_clock_that_was_ahead_is_shown_as_today() -> None:
    assert read("." * 29 + "z", days_old=-1).marks[29] is Mark.GOT


def test_the_days_can_be_named() -> None:
    assert (read(None).day(0), read(None).day(29)) == (FIRST, NOW.date())


@pytest.mark.usefixtures("app")
def test_a_card_shows_the_days_up_to_now() -> None:
    made = factories.Connection(user=factories.User())
    factories.days(made, {30: (9, 0), 29: (1, 0), 10: (4, 0), 3: (2, 0), 2: (0, 1)})

    card = reading.card(made.id, owner_id=made.user_id)

    got = [place for place, mark in enumerate(card.strip.marks) if mark is Mark.GOT]
    assert (got, card.strip.marks.index(Mark.FAIL)) == ([0, 19, 26], 27)


@pytest.mark.usefixtures("app")
def test_a_late_run_of_the_day_before_leaves_the_strip_of_today() -> None:
    made = factories.Connection(user=factories.User())
    factories.days(made, {0: (1, 0)})
    factories.days(made, {1: (5, 0)})

    assert reading.card(made.id, owner_id=made.user_id).strip.marks[28:] == (Mark.OFF, Mark.GOT)
