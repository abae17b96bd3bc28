"""What is too old is removed on the record, and the proof goes on from there."""

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from dashboard.connections import leaving
from dashboard.data import chain, db, transaction
from dashboard.events import Event, activity, record
from dashboard.events import checkpoint as checkpoints
from dashboard.events.checkpoint import NotDelivered, checkpoint
from dashboard.events.proof import Check, verify
from dashboard.events.retention import NotProved, prune
from dashboard.who import Who
from tests import factories
from tests.events.conftest import ORIGIN, Tamper, do, scalar

DAYS = 30


@pytest.fixture
def old(user: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Three events and the log's beginning of two months ago, and two of now."""
    head = chain.hold_head

    def then() -> chain.Head:
        return head()._replace(now=datetime.now(UTC) - timedelta(days=2 * DAYS))

    with monkeypatch.context() as patched:
        patched.setattr(chain, "hold_head", then)
        do(user, count=3)
    do(user, Event.TOKEN_MADE, count=2, name="new")
    return user


def test_what_is_too_old_goes_and_what_is_not_stays(old: Any) -> None:
    pruned = prune(days=DAYS)

    assert pruned.count == 4
    assert [each.event for each in activity(old.id, limit=9)[0]] == [Event.TOKEN_MADE] * 2
    assert scalar("SELECT min(seq) FROM event_personal") == 5


def test_the_proof_goes_on_from_the_base(old: Any) -> None:
    prune(days=DAYS)

    proof = verify()
    assert (proof.broken, proof.base_seq, proof.count, proof.last_seq) == (None, 4, 3, 7)


def test_pruning_is_an_event_that_says_where_and_with_which_hash(old: Any) -> None:
    expected = chain.hash_at(4)
    assert expected is not None

    pruned = prune(days=DAYS)

    row = db.session.execute(text("SELECT act, object_id, why FROM events WHERE action = 'log.pruned'")).one()
    assert tuple(row) == ("system", f"4:{expected.hex()}", "retention")
    assert pruned.through is not None
    assert (pruned.through.seq, pruned.through.hash, pruned.through.count) == (4, expected.hex(), 4)


def test_the_outside_is_told_where_it_ended_before_anything_is_removed(
    old: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="dashboard"):
        pruned = prune(days=DAYS)

    [line] = [each.getMessage() for each in caplog.records if "audit.checkpoint" in each.getMessage()]
    assert checkpoints.checkpoints([line]) == [pruned.through]


def test_if_the_outside_can_not_be_told_nothing_is_removed(old: Any) -> None:
    with pytest.raises(NotDelivered):
        prune(days=DAYS, webhook="http://127.0.0.1:9/")

    assert (verify().broken, verify().base_seq, verify().count) == (None, 0, 6)


def test_nothing_above_the_last_anchored_checkpoint_is_removed(user: Any, old: Any) -> None:
    anchor = checkpoints.of(chain.head(), seq=2, hash=chain.hash_at(2) or b"")

    prune(days=DAYS, anchors=[anchor])

    assert (verify().broken, verify().base_seq) == (None, 2)


def test_a_broken_log_is_not_pruned(old: Any, tamper: Tamper) -> None:
    tamper("UPDATE events SET why = 'x' WHERE seq = 2")

    with pytest.raises(NotProved, match="event 2"):
        prune(days=DAYS)

    assert scalar("SELECT count(*) FROM events") == 6


def test_a_log_that_a_checkpoint_contradicts_is_not_pruned(old: Any) -> None:
    forged = checkpoints.of(chain.head(), seq=2, hash=bytes(32))

    with pytest.raises(NotProved, match="anchor"):
        prune(days=DAYS, anchors=[forged])


def test_where_nothing_is_old_enough_nothing_happens(user: Any) -> None:
    do(user)

    assert prune(days=DAYS).through is None
    assert verify().count == 2


def test_pruning_twice_is_pruning_once_and_again_later_goes_on(old: Any) -> None:
    prune(days=DAYS)
    assert prune(days=DAYS).through is None

    assert prune(days=0).count == 3
    assert (verify().broken, verify().base_seq, verify().count) == (None, 7, 1)


def test_what_a_crash_left_over_goes_with_the_next_pruning(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(chain, "remove_below_base", lambda _limit: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            prune(days=DAYS)
    assert (verify().broken, verify().base_seq) == (None, 4)

    assert prune(days=DAYS).count == 4


def test_of_two_at_once_one_prunes(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tell = checkpoints.tell

    def overtaken(taken: checkpoints.Checkpoint, *, webhook: str) -> None:
        monkeypatch.setattr(checkpoints, "tell", tell)
        prune(days=DAYS)

    monkeypatch.setattr(checkpoints, "tell", overtaken)
    with pytest.raises(NotProved, match="somebody else"):
        prune(days=DAYS)

    assert (verify().broken, scalar("SELECT count(*) FROM events WHERE action = 'log.pruned'")) == (None, 1)


def test_checkpoints_older_than_the_base_are_passed_over_and_younger_ones_count(old: Any) -> None:
    before = checkpoints.of(chain.head(), seq=2, hash=chain.hash_at(2) or b"")
    prune(days=DAYS)

    assert (verify([before]).broken, verify([before]).anchored_seq) == (None, None)
    assert verify([checkpoint()]).anchored_seq == 7


def test_a_checkpoint_at_the_base_itself_is_compared(old: Any) -> None:
    prune(days=DAYS)
    forged = checkpoints.of(chain.head(), seq=4, hash=bytes(32))

    found = verify([forged]).broken

    assert found is not None
    assert found.check is Check.ANCHOR


def test_only_what_was_pruned_can_be_removed(old: Any) -> None:
    prune(days=DAYS)

    with pytest.raises(DatabaseError, match="append-only"), transaction():
        db.session.execute(text("DELETE FROM event_personal WHERE seq = 5"))


def test_a_base_that_was_moved_further_than_was_pruned_is_found(old: Any, tamper: Tamper) -> None:
    prune(days=DAYS)

    tamper(
        "UPDATE event_heads SET base_seq = 5, base_hash = (SELECT hash FROM events WHERE seq = 5)",
        "DELETE FROM event_personal WHERE seq = 5",
        "DELETE FROM events WHERE seq = 5",
    )

    found = verify().broken
    assert found is not None
    assert found.check is Check.BASE


def test_references_that_no_event_needs_any_more_go_too(app: Flask) -> None:
    ada, dora = factories.User(), factories.User(name="Dora Lind")
    with transaction():
        record(Event.CASE_READ, Who(dora.id, ada.id, ORIGIN))
    leaving.delete_account(Who(dora.id, dora.id), typed=dora.email)
    assert scalar("SELECT name FROM parties WHERE user_id IS NULL") == "Dora Lind"

    prune(days=0)

    assert scalar("SELECT count(*) FROM parties WHERE user_id IS NULL") == 0
    assert scalar("SELECT count(*) FROM parties") == 1


def test_what_is_pruned_says_how_many_in_its_details(old: Any) -> None:
    prune(days=DAYS)

    seq = scalar("SELECT seq FROM events WHERE action = 'log.pruned'")
    details = json.loads(scalar("SELECT text FROM event_personal WHERE seq = :seq", seq=seq))["details"]
    assert details == {"after": 0, "through": 4, "count": 4}


@pytest.mark.parametrize("value", ["(SELECT hash FROM events WHERE seq = 5)", "'text'"])
def test_a_base_with_another_hash_is_not_what_was_pruned(old: Any, tamper: Tamper, value: str) -> None:
    prune(days=DAYS)

    tamper(f"UPDATE event_heads SET base_hash = {value}")

    found = verify().broken
    assert found is not None
    assert (found.seq, found.check in {Check.LINK, Check.BASE}) == (5, True)
