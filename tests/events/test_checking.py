"""The log is checked by the clock: each time what came since, and a break is known, told and not forgotten."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from dashboard.connections import leaving
from dashboard.data import chain, clock, db
from dashboard.data.chain import SealedRow
from dashboard.events.checking import check, keep, standing
from dashboard.events.checkpoint import of
from dashboard.events.proof import verify
from dashboard.events.retention import prune
from dashboard.events.walk import Walk
from dashboard.jobs import chores
from dashboard.who import Who
from tests import factories
from tests.conftest import Queries
from tests.events.conftest import ORIGIN, Tamper, do, scalar

DELETE = ("DELETE FROM event_personal WHERE seq {}", "DELETE FROM events WHERE seq {}")
CHANGE_3 = "UPDATE events SET why = 'x' WHERE seq = 3"
RESTORE_3 = "UPDATE events SET why = '' WHERE seq = 3"


def broken() -> tuple[int | None, str | None]:
    """What the last check found wrong."""
    return standing().broken_seq, standing().broken_check


def removed(which: str) -> list[str]:
    return [statement.format(which) for statement in DELETE]


def test_before_the_first_check_nothing_is_claimed(five: Any) -> None:
    found = standing()

    assert (found.seq, found.proved_seq, found.checked_at, found.is_broken) == (6, 0, None, False)


def test_a_check_says_how_far_the_log_was_proved_and_when(five: Any) -> None:
    found = check()

    assert (found.seq, found.proved_seq, found.is_broken) == (6, 6, False)
    assert found.checked_at is not None
    assert timedelta() <= clock.now() - found.checked_at < timedelta(minutes=1)


def test_an_empty_log_is_whole(app: Flask) -> None:
    assert (check().proved_seq, check().is_broken) == (0, False)


def watched(monkeypatch: pytest.MonkeyPatch, told: Callable[[int], None]) -> None:
    """Hear the number of each event that a check has read."""
    step = Walk.step

    def watched_step(walk: Walk, row: SealedRow) -> None:
        step(walk, row)
        told(row.seq)

    monkeypatch.setattr(Walk, "step", watched_step)


def test_the_next_one_reads_what_came_since_and_the_last_event_before(
    five: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    check()
    do(five, count=2)
    read: list[int] = []
    watched(monkeypatch, read.append)

    assert check().proved_seq == 8
    assert read == [6, 7, 8]


def test_as_many_queries_for_a_long_log_as_for_a_short_one(user: Any, queries: Queries) -> None:
    do(user)
    check()
    with queries:
        check()
    few = len(queries)
    do(user, count=40)
    queries.clear()
    with queries:
        check()

    assert len(queries) == few


def test_more_than_a_check_may_read_is_left_to_the_next(five: Any) -> None:
    assert [check(most=2).proved_seq for _ in range(4)] == [2, 4, 6, 6]
    assert not standing().is_broken


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ([CHANGE_3.replace("3", "8")], (8, "projection")),
        ([each.format("= 8") for each in DELETE], (8, "gap")),
        (["UPDATE event_personal SET text = '{}' WHERE seq = 8"], (8, "personal")),
        (["UPDATE event_personal SET salt = NULL, text = NULL WHERE seq = 8"], (8, "personal")),
        (["UPDATE event_heads SET hash = 'text'"], (9, "head")),
        (["UPDATE events SET why = 'x' WHERE seq = 6"], (6, "projection")),
    ],
)
def test_what_was_tampered_with_since_is_found(
    five: Any, tamper: Tamper, tampering: list[str], found: tuple[int, str]
) -> None:
    check()
    do(five, count=3)
    tamper(*tampering)

    check()

    assert broken() == found
    assert standing().proved_seq == 6


def test_a_tail_that_was_cut_since_is_missed_though_the_head_was_moved(five: Any, tamper: Tamper) -> None:
    check()
    tamper(*removed("> 4"), "UPDATE event_heads SET seq = 4, hash = (SELECT hash FROM events WHERE seq = 4)")
    assert verify().broken is None, "by itself the chain doesn't show it"

    check()
    assert broken() == (5, "anchor")

    do(five, count=4)
    keep(verify())
    assert broken() == (None, None), "the operator has proved all that there is"


def test_a_tail_that_was_cut_and_grew_again_is_another_one(five: Any, tamper: Tamper) -> None:
    check()
    tamper(*removed("> 4"), "UPDATE event_heads SET seq = 4, hash = (SELECT hash FROM events WHERE seq = 4)")
    do(five, count=9)

    check()

    assert broken() == (6, "anchor")


def test_a_front_that_was_cut_with_the_base_moved_is_missed(five: Any, tamper: Tamper) -> None:
    check()
    tamper("UPDATE event_heads SET base_seq = 3, base_hash = (SELECT hash FROM events WHERE seq = 3)", *removed("<= 3"))

    check()

    assert broken() == (4, "base")


def test_a_head_that_is_gone_is_a_break_and_not_an_error(five: Any, tamper: Tamper) -> None:
    check()
    kept = dict(db.session.execute(text("SELECT * FROM event_heads")).mappings().one())
    tamper("DELETE FROM event_heads")

    check()
    found, seq = broken(), standing().seq

    tamper(f"INSERT INTO event_heads ({', '.join(kept)}) VALUES ({', '.join(f':{name}' for name in kept)})", **kept)
    assert (found, seq) == ((1, "head"), 0)


def test_a_break_is_an_error_in_the_log_of_the_app_each_time(
    five: Any, tamper: Tamper, caplog: pytest.LogCaptureFixture
) -> None:
    tamper(CHANGE_3)

    for _ in range(2):
        check()

    said = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    words = "the columns do not say what was hashed: why"
    assert said == [f"THE LOG IS BROKEN at event 3, check projection: {words}."] * 2


def test_who_takes_it_back_is_not_forgotten_until_the_whole_log_is_proved(
    five: Any, tamper: Tamper, caplog: pytest.LogCaptureFixture
) -> None:
    tamper(CHANGE_3)
    check()
    tamper(RESTORE_3)
    caplog.clear()

    check()

    assert (broken(), standing().proved_seq) == ((3, "projection"), 0)
    assert "found earlier" in caplog.text
    keep(verify())
    assert (broken(), standing().proved_seq) == ((None, None), 6)
    assert not check().is_broken


def test_what_only_the_whole_proof_finds_is_kept_too(five: Any, tamper: Tamper) -> None:
    check()
    tamper(CHANGE_3)
    assert not check().is_broken, "it was proved before, and is not read again"

    keep(verify())

    assert broken() == (3, "projection")
    assert check().is_broken


def test_it_goes_on_after_a_pruning_that_took_what_was_proved(five: Any) -> None:
    check()
    do(five, count=3)

    prune(days=-1)  # all of it is older than tomorrow

    found = check()
    assert scalar("SELECT base_seq FROM event_heads") == 9
    assert (found.is_broken, found.proved_seq) == (False, 10)


def test_it_goes_on_after_a_pruning_of_a_part_of_what_was_proved(five: Any) -> None:
    check()
    prune(days=-1, anchors=[of(chain.head(), seq=4, hash=chain.hash_at(4) or b"")])

    assert (scalar("SELECT base_seq FROM event_heads"), check().is_broken, standing().proved_seq) == (4, False, 7)


def test_people_who_leave_break_nothing(five: Any) -> None:
    check()
    do(five, count=3)
    leaver = factories.User()
    do(leaver, count=3)
    leaving.delete_account(Who(leaver.id, leaver.id, ORIGIN), typed=leaver.email)

    assert not check().is_broken


def test_an_erasure_that_is_on_the_record_after_the_end_of_a_part_counts(five: Any) -> None:
    leaver = factories.User()
    do(leaver, count=3)
    leaving.delete_account(Who(leaver.id, leaver.id, ORIGIN), typed=leaver.email)

    while standing().proved_seq < standing().seq:
        assert not check(most=3).is_broken


def test_events_older_than_the_chain_stay_in_nobodys_way(five: Any, tamper: Tamper) -> None:
    tamper(
        "UPDATE event_heads SET base_seq = -1",
        "INSERT INTO events (chain, seq, id, at, action, outcome, why, request) "
        "VALUES (1, 0, 'old', 0, 'login.started', 'success', '', '')",
        "INSERT INTO event_personal (chain, seq, text) VALUES (1, 0, '{}')",
    )

    assert [check(most=1).proved_seq for _ in range(7)] == [1, 2, 3, 4, 5, 6, 6]
    assert not standing().is_broken


def test_the_clock_does_it_every_hour(five: Any) -> None:
    assert chores.CHORES["proof"].rhythm.every == timedelta(hours=1)

    chores.CHORES["proof"].do()

    assert standing().proved_seq == 6


def test_writers_go_on_while_it_reads(five: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    watched(monkeypatch, lambda seq: do(five) if seq == 1 else None)

    found = check()

    assert (found.proved_seq, found.seq, found.is_broken) == (6, 7, False)
