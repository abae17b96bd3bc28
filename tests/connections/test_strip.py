"""The last thirty days of a connection: which mark each day gets."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard.connections import reading, strip
from dashboard.connections.strip import Mark
from dashboard.data import history, transaction
from tests import factories

NOW = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
FIRST = date(2026, 10, 26)


def read(days: str | None, *, connected: datetime = NOW - timedelta(days=400)) -> strip.Strip:
    """A strip that ends on 24 November 2026."""
    assert strip.first_day(NOW) == FIRST
    return strip.read(days, first=FIRST, created_at=connected)


def test_a_day_is_marked_by_what_its_syncs_brought() -> None:
    days = read("29,5,1,28,0,2,27,0,0")

    assert days.marks[26:] == (Mark.NONE, Mark.NONE, Mark.FAIL, Mark.GOT)
    assert set(days.marks[:26]) == {Mark.NONE}
    assert days.records == 5


@pytest.mark.parametrize(("days_ago", "off"), [(0, 29), (1, 28), (29, 0), (30, 0), (400, 0)])
def test_days_before_the_connection_are_off(days_ago: int, off: int) -> None:
    assert read(None, connected=NOW - timedelta(days=days_ago)).marks.count(Mark.OFF) == off


def test_a_strip_without_a_sync_has_no_records() -> None:
    assert read(None).records == 0
    assert read(None).day(29) == NOW.date()


@pytest.mark.usefixtures("app")
def test_the_database_tells_the_days_of_the_strip_and_no_others() -> None:
    made, today = factories.Connection(user=factories.User()), datetime.now(UTC).toordinal()
    told = {today - 30: 9, today - 29: 1, today - 10: 4, today: 2, today + 1: 9}
    with transaction():
        history.add_days(
            {"connection_id": made.id, "day": day, "run_count": 1, "record_count": count, "failure_count": 0}
            for day, count in told.items()
        )

    card = reading.card(made.id, owner_id=made.user_id)

    assert sorted(card.strip.synced()) == [(0, 1, 0), (19, 4, 0), (29, 2, 0)]
