"""Chores: by the clock, once for all processes, and never silently not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from dashboard.connections import chores
from dashboard.connections.chores import ChoreRow, Rhythm
from dashboard.data.leases import leases

HOURLY = Rhythm(timedelta(hours=1))
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Broken(Exception):
    """What a chore raises."""


@pytest.fixture
def done(app: Flask) -> list[str]:
    """What was done of an hourly chore that was planned at half past eleven."""
    chores.plan({"bell": HOURLY}, now=NOON - 30 * MINUTE)
    return []


def ring(done: list[str], now: datetime) -> bool:
    return chores.turn("bell", HOURLY, lambda: done.append("dong"), now=now)


def bell() -> ChoreRow:
    return next(row for row in chores.standing() if row.name == "bell")


def broken() -> None:
    raise Broken


def test_it_is_done_at_the_exact_hour_and_not_before(done: list[str]) -> None:
    assert not ring(done, NOON - MINUTE)
    assert chores.due(now=NOON - MINUTE) == []

    assert chores.due(now=NOON) == ["bell"]
    assert ring(done, NOON)
    assert bell() == ChoreRow("bell", NOON + 60 * MINUTE, NOON, None)


def test_a_second_one_in_the_same_hour_is_not_done(done: list[str]) -> None:
    ring(done, NOON)

    assert not ring(done, NOON + 59 * MINUTE)
    assert done == ["dong"]


def test_hours_that_were_missed_are_made_up_once_and_the_next_is_on_time(done: list[str]) -> None:
    assert ring(done, NOON + 190 * MINUTE)

    assert not ring(done, NOON + 191 * MINUTE)
    assert bell().due_at == NOON + 240 * MINUTE


def test_one_that_fails_is_written_down_raised_and_tried_again_within_minutes(done: list[str]) -> None:
    with pytest.raises(Broken):
        chores.turn("bell", HOURLY, broken, now=NOON)

    assert bell() == ChoreRow("bell", NOON + 5 * MINUTE, None, NOON)
    assert ring(done, NOON + 5 * MINUTE)
    assert bell() == ChoreRow("bell", NOON + 60 * MINUTE, NOON + 5 * MINUTE, NOON)


def test_to_try_again_never_passes_the_next_hour(done: list[str]) -> None:
    with pytest.raises(Broken):
        chores.turn("bell", HOURLY, broken, now=NOON + 58 * MINUTE)

    assert bell().due_at == NOON + 60 * MINUTE


def test_while_one_is_at_it_nobody_else_is(done: list[str]) -> None:
    tried = []
    chores.turn("bell", HOURLY, lambda: tried.append(ring(done, NOON)), now=NOON)

    assert (tried, done) == ([False], [])


def test_one_that_died_halfway_loses_it_when_its_lease_has_run_out(done: list[str]) -> None:
    def die() -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        chores.turn("bell", HOURLY, die, now=NOON)
    over = leases.until(NOON)

    assert not ring(done, over - timedelta(seconds=1))
    assert ring(done, over)


def test_who_comes_back_late_changes_nothing_of_what_another_wrote(done: list[str]) -> None:
    later = leases.until(NOON)
    chores.turn("bell", HOURLY, lambda: ring(done, later), now=NOON)

    assert bell().done_at == later


def test_to_plan_it_again_leaves_its_hour(done: list[str]) -> None:
    chores.plan({"bell": Rhythm(timedelta(days=1))}, now=NOON)

    assert bell().due_at == NOON


def test_of_many_at_once_one_does_it(app: Flask, done: list[str]) -> None:
    def at(now: datetime) -> Callable[[int], bool]:
        def ring_in_a_process(_number: int) -> bool:
            with app.app_context():
                return ring(done, now)

        return ring_in_a_process

    hours = [NOON + number * 60 * MINUTE for number in range(10)]
    with ThreadPoolExecutor(8) as pool:
        rung = [sum(pool.map(at(hour), range(8))) for hour in hours]

    assert rung == [1] * 10
    assert len(done) == 10


def test_a_rhythm_counts_from_midnight() -> None:
    assert Rhythm(timedelta(hours=1), 20 * MINUTE).after(NOON) == NOON + 20 * MINUTE
    assert Rhythm(timedelta(hours=1), 20 * MINUTE).after(NOON + 20 * MINUTE) == NOON + 80 * MINUTE
    assert Rhythm(timedelta(days=1), 3 * 60 * MINUTE).after(NOON) == NOON + 15 * 60 * MINUTE
