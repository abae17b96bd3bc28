"""What is written down, for whom, and that it can't be unwritten."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from dashboard.data import db, transaction
from dashboard.events import Event, activity, during, everything_on, record
from dashboard.events.proof import verify
from dashboard.who import Origin, Who
from tests import factories
from tests.events.conftest import ORIGIN, do, scalar


def written(seq: int = 2) -> dict[str, Any]:
    """What was hashed of an event."""
    return json.loads(scalar("SELECT payload FROM events WHERE seq = :seq", seq=seq))


def test_what_is_hashed_names_nobody_and_says_what_when_by_whom(user: Any) -> None:
    dora = factories.User()
    by = Who(dora.id, user.id, Origin("AAAA-BBBB", "192.0.2.7", "Firefox", session_id=5), access_id=7)

    with transaction():
        record(Event.ACCESS_VIEWED, by, on=("page", "connections.index"), route="connections.index")

    hashed = written()
    assert hashed | {"id": "", "at": 0, "sub": "", "act": "", "personal": ""} == {
        "v": 1, "chain": 1, "seq": 2, "id": "", "at": 0, "action": "access.viewed", "outcome": "success", "why": "",
        "sub": "", "act": "", "access": 7, "object_kind": "page", "object_id": "connections.index",
        "request": "AAAA-BBBB", "session": 5, "personal": "",
    }  # fmt: skip
    assert [len(hashed[name]) for name in ("id", "sub", "act", "personal")] == [32, 32, 32, 64]
    assert hashed["sub"] != hashed["act"]


def test_names_addresses_and_details_stand_beside_what_is_hashed(user: Any) -> None:
    do(user, Event.TOKEN_MADE, name="Ada’s \x1b[31m token\n", scopes="")

    sealed = scalar("SELECT payload FROM events WHERE seq = 2")
    beside = scalar("SELECT text FROM event_personal WHERE seq = 2")
    assert b"Ada" not in sealed
    assert b"192.0.2.7" not in sealed
    assert json.loads(beside) == {
        "address": "192.0.2.7", "user_agent": "Firefox",
        "details": {"name": "Ada’s \x1b[31m token\n", "scopes": ""},
    }  # fmt: skip
    assert beside.isascii()
    assert beside.isprintable(), "no text can break out of its line"


@pytest.mark.parametrize("odd", ["\u0000", "😀", "\\", '"', "\r\n", "\u2028"])
def test_any_text_can_be_written_read_and_proved(user: Any, odd: str) -> None:
    do(user, Event.TOKEN_MADE, name=odd)

    assert verify().broken is None
    assert activity(user.id, limit=1)[0][0].details == {"name": odd}


def test_half_a_character_can_be_shown_nowhere_and_is_written_as_a_question_mark(user: Any) -> None:
    do(user, Event.TOKEN_MADE, name="half \ud800")

    assert activity(user.id, limit=1)[0][0].details == {"name": "half ?"}


def test_the_time_is_the_databases_to_the_microsecond(user: Any) -> None:
    do(user)

    at = scalar("SELECT at FROM events WHERE seq = 2")
    assert isinstance(at, int)
    happened = activity(user.id, limit=1)[0][0].at
    assert timedelta() <= datetime.now(UTC) - happened < timedelta(minutes=1)
    assert (happened - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) == at


def test_a_person_keeps_one_reference_and_another_gets_another(user: Any) -> None:
    do(user, count=2)
    do(factories.User())

    subs = [written(seq)["sub"] for seq in (2, 3, 4)]
    assert subs[0] == subs[1] != subs[2]


def test_of_the_system_the_record_says_so(user: Any) -> None:
    with transaction():
        record(Event.ROLE_GRANTED, Who(None, user.id), role="support")

    told = activity(user.id, limit=1)[0][0]
    assert written()["act"] == "system"
    assert (told.by_subject, told.by_staff) == (False, False)


def test_staff_is_told_apart_from_the_person_and_the_system(user: Any) -> None:
    with transaction():
        record(Event.CASE_READ, Who(factories.User().id, user.id))

    told = activity(user.id, limit=1)[0][0]
    assert (told.by_subject, told.by_staff) == (False, True)


def test_what_is_about_nobody_names_nobody(user: Any) -> None:
    with transaction():
        record(Event.ACCOUNT_DELETED, Who(user.id, user.id, ORIGIN), about_account=False)

    assert (written()["sub"], written()["act"]) == (None, None)


def test_of_somebody_who_is_gone_nothing_is_named(app: Flask) -> None:
    with transaction():
        record(Event.ACCESS_ENDED, Who(None, 10**9), why="subject_gone")

    assert (written()["sub"], written()["why"]) == (None, "subject_gone")


def test_outside_of_a_transaction_nothing_is_recorded(user: Any) -> None:
    with pytest.raises(RuntimeError, match="none is open"):
        record(Event.LOGIN_STARTED, Who(user.id, user.id))


@pytest.mark.parametrize("wrong", [1.5, None, b"bytes", ["list"]])
def test_details_are_text_whole_numbers_or_yes_and_no(user: Any, wrong: Any) -> None:
    with pytest.raises(TypeError), transaction():
        record(Event.TOKEN_MADE, Who(user.id, user.id), name=wrong)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET why = 'x' WHERE seq = 2",
        "UPDATE event_personal SET text = '{}' WHERE seq = 2",
        "UPDATE event_personal SET salt = NULL WHERE seq = 2",
        "UPDATE event_personal SET seq = 99, salt = NULL, text = NULL WHERE seq = 2",
        "DELETE FROM events WHERE seq = 2",
        "DELETE FROM event_personal WHERE seq = 2",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_event(user: Any, statement: str) -> None:
    do(user)

    with pytest.raises(DatabaseError, match="the log is append-only"), transaction():
        db.session.execute(text(statement))

    assert verify().broken is None


def test_postgresql_refuses_to_truncate_and_sqlite_has_no_such_thing(user: Any) -> None:
    do(user)

    words = "append-only" if db.engine.dialect.name == "postgresql" else "syntax error"
    for table in ("events", "event_personal"):
        with pytest.raises(DatabaseError, match=words), transaction():
            db.session.execute(text(f"TRUNCATE {table} CASCADE"))

    assert verify().count == 2


def test_what_happened_during_an_access_is_read_by_its_id(user: Any) -> None:
    dora = factories.User()
    for access, route in ((7, "connections.index"), (7, "activity.index"), (8, "connect.index")):
        with transaction():
            record(Event.ACCESS_VIEWED, Who(dora.id, user.id, access_id=access), route=route)
    do(user)

    told = during([7, 8, 9], subject_id=user.id)

    assert {access: [each.details["route"] for each in happened] for access, happened in told.items()} == {
        7: ["connections.index", "activity.index"], 8: ["connect.index"], 9: [],
    }  # fmt: skip
    assert during([7], subject_id=dora.id) == {7: []}, "nobody reads of another"


def test_a_download_holds_all_of_it_in_words(user: Any) -> None:
    do(user, Event.TOKEN_MADE, name="cron")
    with transaction():
        record(Event.CASE_READ, Who(factories.User().id, user.id))

    made, read = everything_on(user.id)

    assert (made["action"], made["by"], made["details"], made["address"]) == (
        "token.made", "you", {"name": "cron"}, "192.0.2.7",
    )  # fmt: skip
    assert (read["action"], read["by"]) == ("case.read", "support")
