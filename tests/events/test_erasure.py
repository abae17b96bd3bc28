"""A person is erased from the log: nothing leads to them any more, and the proof holds."""

from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from dashboard.connections import leaving
from dashboard.data import db, transaction
from dashboard.events import Event, activity, erase, record
from dashboard.events.proof import Broken, Check, verify
from dashboard.events.reading import search
from dashboard.support import auditing
from dashboard.support import search as people
from dashboard.support.auditing import Asked
from dashboard.who import Role, Who
from tests import factories
from tests.events.conftest import ORIGIN, Tamper, do, scalar

MAIL = "ada@demo.test"


def leave(user: Any) -> None:
    leaving.delete_account(Who(user.id, user.id, ORIGIN), typed=user.email)


@pytest.fixture
def ada(app: Flask) -> Any:
    """Somebody of whom the log holds their name, their address and what support typed about them."""
    ada = factories.User(email=MAIL, name="Ada Brandt")
    do(ada, Event.TOKEN_MADE, name="Ada’s token")
    with transaction():
        record(Event.ACCESS_STARTED, Who(factories.User().id, ada.id, ORIGIN), reason="Ada wrote to us")
    return ada


def everything_stored() -> str:
    """All that the log's tables hold, as text."""
    tables = ("events", "event_personal", "parties")
    rows = [list(db.session.execute(text(f"SELECT * FROM {table}"))) for table in tables]
    return repr(rows)


def test_the_proof_says_erased_and_not_broken(ada: Any) -> None:
    factories.Connection(user=ada)

    leave(ada)

    proof = verify()
    assert (proof.broken, proof.count, proof.erased) == (None, 6, 4)


def test_no_word_about_the_person_is_left(ada: Any) -> None:
    assert "Ada" in everything_stored()

    leave(ada)

    left = everything_stored()
    for word in ("Ada", MAIL, "192.0.2.7", "Firefox", "wrote to us"):
        assert word not in left, word
    assert scalar("SELECT count(*) FROM parties WHERE user_id IS NULL AND name IS NULL") == 1


def test_that_it_was_done_is_an_event_about_the_same_reference(ada: Any) -> None:
    ref = scalar("SELECT sub FROM events WHERE seq = 2")

    leave(ada)

    row = db.session.execute(text("SELECT sub, act, why FROM events WHERE action = 'person.erased'")).one()
    assert tuple(row) == (ref, ref, "account_deleted")
    assert {each.action for each in search(subject=ref)} == {"token.made", "access.started", "person.erased"}


def test_what_others_hold_stays(ada: Any) -> None:
    ben = factories.User()
    do(ben, Event.TOKEN_MADE, name="Ben’s token")

    leave(ada)

    assert activity(ben.id, limit=1)[0][0].details == {"name": "Ben’s token"}
    assert activity(ben.id, limit=1)[0][0].address == "192.0.2.7"


def test_of_staff_the_name_stays_with_what_they_did_to_others(app: Flask) -> None:
    ada, dora = factories.User(), factories.User(name="Dora Lind")
    do(dora)
    with transaction():
        record(Event.CASE_READ, Who(dora.id, ada.id, ORIGIN))

    leave(dora)

    [read] = search(subject=ada.id)
    assert read.act is not None
    assert (read.act.name, read.act.user_id, read.address) == ("Dora Lind", None, "192.0.2.7")
    assert [each.action for each in search(staff=read.act.ref)][-2:] == ["case.read", "login.started"]
    assert [each.erased for each in search(subject=read.act.ref)] == [True, True]
    assert verify().broken is None


def test_what_is_recorded_in_the_same_act_is_never_written_with_words(ada: Any) -> None:
    with transaction():
        record(Event.SETTINGS_CHANGED, Who(ada.id, ada.id, ORIGIN), changed="before")
        erase(ada.id, by=Who(ada.id, ada.id))
        record(Event.SETTINGS_CHANGED, Who(ada.id, ada.id, ORIGIN), changed="after")

    assert "before" not in everything_stored()
    assert "after" not in everything_stored()
    assert verify().broken is None


def test_of_somebody_unknown_nothing_is_erased_and_nothing_written(app: Flask) -> None:
    erase(10**9, by=Who(None, 10**9))

    assert verify().count == 0


def test_an_erased_part_can_not_be_put_back(ada: Any, tamper: Tamper) -> None:
    leave(ada)

    with pytest.raises(DatabaseError, match="append-only"), transaction():
        db.session.execute(text("UPDATE event_personal SET text = '{}' WHERE seq = 2"))

    tamper("UPDATE event_personal SET text = '{}', salt = :salt WHERE seq = 2", salt=bytes(32))
    assert "changed" in verify().broken.words  # type: ignore[union-attr]


def test_an_account_that_could_not_be_deleted_keeps_its_words(ada: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving.users, "remove_person", lambda _user_id: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        leave(ada)

    assert activity(ada.id, limit=1)[0][0].details == {"reason": "Ada wrote to us"}


def test_an_erasure_waits_for_an_act_under_way_so_that_nothing_is_written_after_it(app: Flask, ada: Any) -> None:
    def elsewhere() -> None:
        with app.app_context():
            erase(ada.id, by=Who(ada.id, ada.id))

    erasing = Thread(target=elsewhere)
    with transaction():
        record(Event.SETTINGS_CHANGED, Who(ada.id, ada.id, ORIGIN), changed="under way")
        erasing.start()
        erasing.join(0.3)
        assert erasing.is_alive()
    erasing.join()

    assert "under way" not in everything_stored()
    assert (verify().broken, verify().last_seq) == (None, 5)


@pytest.fixture
def emil(app: Flask) -> Who:
    """An administrator, who searches and reads the log."""
    emil = factories.User(name="Emil Falk", email="emil@demo.test", granted_role=int(Role.ADMIN))
    return Who(emil.id, emil.id, ORIGIN)


def test_a_search_that_led_to_the_person_keeps_nothing_of_what_was_typed(ada: Any, emil: Who) -> None:
    factories.User(name="Ben Adler", email="ben@demo.test")
    for typed in (MAIL, "brand", "ben@demo.test"):
        people.find(typed, by=emil)
    auditing.read(Asked(staff="ben@demo.test", person="ada brandt"), by=emil)
    list(auditing.export_lines(Asked(person=MAIL), "csv", by=emil, webhook=""))

    leave(ada)

    left = everything_stored()
    for word in ("ada@", "brand", "Brandt"):
        assert word not in left, word
    kept = [each.details.get("text") for each in search(subject=emil.subject_id, action=Event.USER_SEARCHED)]
    assert kept == [None, None, "ben@demo.test", "ben@demo.test", None, None]


def test_a_search_from_before_the_person_was_here_is_erased_by_what_was_typed(ada: Any, emil: Who) -> None:
    for typed in ("Ada  BRANDT", "where is Ada@Demo.test", "ada", "bada@demo.test"):
        do_search(emil, typed)

    leave(ada)

    kept = [each.details.get("text") for each in search(subject=emil.subject_id)]
    assert kept == ["bada@demo.test", "ada", None, None]


def test_each_erased_search_is_told_by_an_event_and_proved_as_erased(ada: Any, emil: Who, tamper: Tamper) -> None:
    do_search(emil, MAIL)
    do_search(emil, "nobody")
    seq = scalar("SELECT min(seq) FROM events WHERE action = 'user.searched'")

    leave(ada)

    told = db.session.execute(text("SELECT object_kind, object_id FROM events WHERE action = 'person.erased'")).all()
    assert [tuple(each) for each in told] == [(None, None), ("event", str(seq))]
    assert verify().broken is None
    tamper("UPDATE event_personal SET salt = NULL, text = NULL WHERE seq = :seq", seq=seq + 1)
    assert verify().broken == Broken(
        seq + 1, Check.PERSONAL, "its personal part was erased, and no person.erased says so"
    )


def do_search(by: Who, typed: str) -> None:
    """A search that led to nobody at the time."""
    with transaction():
        record(Event.USER_SEARCHED, by, text=typed, found="")
