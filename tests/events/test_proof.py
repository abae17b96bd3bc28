"""Whoever tampers with the log is found out, and told apart by how."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from dashboard.data import chain, db, transaction
from dashboard.data.events import CHAIN
from dashboard.events import Event, record
from dashboard.events.checkpoint import checkpoint
from dashboard.events.payload import link, payload
from dashboard.events.proof import Broken, Check, Proof, verify
from dashboard.who import Who
from tests.events.conftest import Tamper, do, scalar

DELETE = ("DELETE FROM event_personal WHERE seq {}", "DELETE FROM events WHERE seq {}")


def broken(proof: Proof) -> Broken:
    assert proof.broken is not None, "the tampering was not found"
    return proof.broken


def removed(which: str) -> list[str]:
    return [statement.format(which) for statement in DELETE]


def test_an_untouched_log_is_proved_from_its_first_event_to_its_last(five: Any) -> None:
    proof = verify()

    assert proof.broken is None
    assert (proof.base_seq, proof.last_seq, proof.count, proof.erased, proof.unhashed) == (0, 6, 6, 0, 0)
    assert proof.hash == chain.head().hash.hex()


def test_an_empty_log_is_no_broken_one(app: Flask) -> None:
    proof = verify()

    assert (proof.broken, proof.count, proof.last_seq) == (None, 0, 0)


def test_the_chain_starts_with_an_event_that_says_so(five: Any) -> None:
    assert scalar("SELECT action FROM events WHERE seq = 1") == Event.LOG_STARTED


def test_a_changed_row_is_named(five: Any, tamper: Tamper) -> None:
    forged = scalar("SELECT payload FROM events WHERE seq = 3").replace(b"login.started", b"login.started!")

    tamper("UPDATE events SET payload = :forged WHERE seq = 3", forged=forged)

    assert (broken(verify()).seq, broken(verify()).check) == (3, Check.BYTES)


def test_bytes_turned_into_text_are_no_bytes(five: Any, tamper: Tamper) -> None:
    if db.engine.dialect.name == "sqlite":
        tamper("UPDATE events SET payload = replace(payload, 'x', 'y') WHERE seq = 3")
    else:
        tamper("UPDATE events SET payload = overlay(payload placing 'y'::bytea from 2) WHERE seq = 3")

    assert (broken(verify()).seq, broken(verify()).check) == (3, Check.BYTES)


def test_a_row_changed_with_its_hash_breaks_the_link_of_the_next(five: Any, tamper: Tamper) -> None:
    row = db.session.execute(text("SELECT * FROM events WHERE seq = 3")).mappings().one()
    forged = {**row, "outcome": "refused"}
    sealed = payload(forged, chain=CHAIN)

    tamper(
        "UPDATE events SET outcome = 'refused', payload = :payload, hash = :hash WHERE seq = 3",
        payload=sealed,
        hash=link(row["prev"], sealed),
    )

    assert broken(verify()) == Broken(4, Check.LINK, "it is not linked to the event before it")


def test_the_last_row_changed_with_its_hash_is_not_the_one_of_the_head(five: Any, tamper: Tamper) -> None:
    row = db.session.execute(text("SELECT * FROM events WHERE seq = 6")).mappings().one()
    sealed = payload({**row, "why": "x"}, chain=CHAIN)

    tamper(
        "UPDATE events SET why = 'x', payload = :payload, hash = :hash WHERE seq = 6",
        payload=sealed,
        hash=link(row["prev"], sealed),
    )

    assert (broken(verify()).seq, broken(verify()).check) == (6, Check.HEAD)


def test_bytes_that_no_writer_makes_are_refused_even_if_their_hash_fits(five: Any, tamper: Tamper) -> None:
    prev = scalar("SELECT prev FROM events WHERE seq = 6")

    tamper("UPDATE events SET payload = :junk, hash = :hash WHERE seq = 6", junk=b"{", hash=link(prev, b"{"))

    assert (broken(verify()).seq, broken(verify()).check) == (6, Check.PROJECTION)


@pytest.mark.parametrize(
    ("which", "words"), [("= 3", "event 3 is missing"), ("IN (3, 4)", "event 3 to 4 is missing"), ("= 1", "event 1 is")]
)
def test_a_removed_row_leaves_a_gap(five: Any, tamper: Tamper, which: str, words: str) -> None:
    tamper(*removed(which))

    assert broken(verify()).check is Check.GAP
    assert broken(verify()).words.startswith(words)


def test_an_inserted_row_is_not_linked(five: Any, tamper: Tamper) -> None:
    """The later rows make room for it. Of two rows that follow the same one, the database takes only the first."""
    copied = "chain, 4, 'forged', at, action, outcome, why, sub, act, access, object_kind, object_id, request, session"

    tamper(
        *(f"UPDATE {table} SET seq = seq + 100 WHERE seq >= 4" for table in ("event_personal", "events")),
        *(f"UPDATE {table} SET seq = seq - 99 WHERE seq >= 100" for table in ("event_personal", "events")),
        f"INSERT INTO events SELECT {copied}, personal, :prev, :hash, payload FROM events WHERE seq = 2",
        "INSERT INTO event_personal SELECT chain, 4, salt, text FROM event_personal WHERE seq = 2",
        "UPDATE event_heads SET seq = seq + 1",
        prev=b"p" * 32,
        hash=b"h" * 32,
    )

    assert (broken(verify()).seq, broken(verify()).check) == (4, Check.LINK)


def test_rows_that_changed_places_are_not_linked(five: Any, tamper: Tamper) -> None:
    tamper(
        "UPDATE events SET seq = 99 WHERE seq = 3",
        "UPDATE events SET seq = 3 WHERE seq = 4",
        "UPDATE events SET seq = 4 WHERE seq = 99",
    )

    assert (broken(verify()).seq, broken(verify()).check) == (3, Check.LINK)


def test_bytes_that_changed_places_are_not_those_that_were_hashed(five: Any, tamper: Tamper) -> None:
    third, fourth = (scalar("SELECT payload FROM events WHERE seq = :seq", seq=seq) for seq in (3, 4))

    tamper(
        "UPDATE events SET payload = CASE seq WHEN 3 THEN :fourth ELSE :third END WHERE seq IN (3, 4)",
        third=third,
        fourth=fourth,
    )

    assert (broken(verify()).seq, broken(verify()).check) == (3, Check.BYTES)


def test_a_tail_that_was_cut_is_missed_by_the_head(five: Any, tamper: Tamper) -> None:
    tamper(*removed("> 4"))

    found = broken(verify())

    assert (found.seq, found.check) == (5, Check.HEAD)
    assert "the head says 6" in found.words


def test_a_row_after_the_head_was_not_put_there_by_us(five: Any, tamper: Tamper) -> None:
    tamper("UPDATE event_heads SET seq = 4, hash = (SELECT hash FROM events WHERE seq = 4)")

    assert (broken(verify()).seq, broken(verify()).check) == (5, Check.HEAD)


def test_a_tail_cut_with_the_head_moved_is_missed_only_by_a_checkpoint_kept_outside(five: Any, tamper: Tamper) -> None:
    anchor = checkpoint()
    tamper(*removed("> 4"), "UPDATE event_heads SET seq = 4, hash = (SELECT hash FROM events WHERE seq = 4)")

    assert verify().broken is None
    assert (broken(verify([anchor])).seq, broken(verify([anchor])).check) == (5, Check.ANCHOR)
    assert "the tail was cut" in broken(verify([anchor])).words


def test_a_chain_that_was_computed_anew_is_found_by_a_checkpoint_kept_outside(five: Any, tamper: Tamper) -> None:
    anchor = checkpoint()
    rows = db.session.execute(text("SELECT * FROM events WHERE seq >= 3 ORDER BY seq")).mappings().all()
    prev, statements, values = rows[0]["prev"], [], {}
    for row in rows:
        sealed = payload({**row, "request": ""}, chain=CHAIN)
        new = {"p": prev, "h": link(prev, sealed), "s": sealed}
        values |= {f"{name}{row['seq']}": value for name, value in new.items()}
        statements.append(
            f"UPDATE events SET request = '', prev = :p{row['seq']}, hash = :h{row['seq']}, payload = :s{row['seq']} "
            f"WHERE seq = {row['seq']}"
        )
        prev = new["h"]
    tamper(*statements, "UPDATE event_heads SET hash = :last", last=prev, **values)

    assert verify().broken is None
    assert (broken(verify([anchor])).seq, broken(verify([anchor])).check) == (6, Check.ANCHOR)
    assert "redone" in broken(verify([anchor])).words


def test_a_front_that_was_cut_is_missed(five: Any, tamper: Tamper) -> None:
    tamper(*removed("<= 3"))

    assert broken(verify()) == Broken(1, Check.GAP, "event 1 to 3 is missing")


def test_a_front_cut_with_the_base_moved_is_no_pruning(five: Any, tamper: Tamper) -> None:
    tamper("UPDATE event_heads SET base_seq = 3, base_hash = (SELECT hash FROM events WHERE seq = 3)", *removed("<= 3"))

    assert (broken(verify()).seq, broken(verify()).check) == (4, Check.BASE)


@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "at + 1"), ("action", "'token.made'"), ("outcome", "'refused'"), ("why", "'x'"), ("act", "'system'"),
     ("sub", "NULL"), ("access", "7"), ("object_kind", "'page'"), ("request", "''"), ("session", "1"), ("id", "'1'")],
)  # fmt: skip
def test_a_column_that_says_something_else_than_the_bytes_is_named(
    five: Any, tamper: Tamper, column: str, value: str
) -> None:
    tamper(f"UPDATE events SET {column} = {value} WHERE seq = 3")

    found = broken(verify())

    assert (found.seq, found.check) == (3, Check.PROJECTION)
    assert found.words.endswith(f": {column}")


def test_what_is_personal_can_not_be_changed(five: Any, tamper: Tamper) -> None:
    tamper("UPDATE event_personal SET text = replace(text, '192.0.2.7', '192.0.2.8') WHERE seq = 3")

    assert broken(verify()) == Broken(3, Check.PERSONAL, "its personal part was changed")


def test_what_is_personal_can_not_be_removed(five: Any, tamper: Tamper) -> None:
    tamper("DELETE FROM event_personal WHERE seq = 3")

    assert broken(verify()) == Broken(3, Check.PERSONAL, "its personal part was removed, not erased")


def test_what_is_personal_can_not_be_erased_in_silence(five: Any, tamper: Tamper) -> None:
    tamper("UPDATE event_personal SET salt = NULL, text = NULL WHERE seq = 3")

    found = broken(verify())

    assert (found.seq, found.check) == (3, Check.PERSONAL)
    assert "no person.erased says so" in found.words


def test_a_checkpoint_of_this_chain_confirms_it(five: Any) -> None:
    anchor = checkpoint()
    do(five, count=2)

    proof = verify([anchor])

    assert (proof.broken, proof.anchored_seq, proof.last_seq) == (None, 6, 8)


def test_a_log_of_thousands_is_read_in_parts(user: Any) -> None:
    with transaction():
        for number in range(2500):
            record(Event.LOGINS_ENDED, Who(user.id, user.id), count=number)

    assert (verify().broken, verify().count) == (None, 2501)


def test_a_head_with_another_hash_is_not_that_of_the_last_event(five: Any, tamper: Tamper) -> None:
    tamper("UPDATE event_heads SET hash = 'text'")

    assert (broken(verify()).seq, broken(verify()).check) == (6, Check.HEAD)


def test_a_head_that_is_gone_is_named(five: Any, tamper: Tamper) -> None:
    kept = db.session.execute(text("SELECT * FROM event_heads")).mappings().one()
    tamper("DELETE FROM event_heads")

    assert broken(verify()) == Broken(1, Check.HEAD, "the head is gone")

    names = ", ".join(kept)
    tamper(f"INSERT INTO event_heads ({names}) VALUES ({', '.join(f':{name}' for name in kept)})", **kept)
