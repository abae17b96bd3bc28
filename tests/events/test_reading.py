"""The auditor finds what they look for, page by page, by an index, and takes it along."""

import csv
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sqlalchemy_event

from dashboard.connections import leaving
from dashboard.data import db, transaction
from dashboard.data.db import collected
from dashboard.events import Event, Outcome, record
from dashboard.events.export import BEGINS_A_FORMULA, COLUMNS, csv_lines, guarded, json_line, json_lines
from dashboard.events.reading import search, stream
from dashboard.events.sealing import Entry, Sealing
from dashboard.who import Origin, Who
from tests import factories
from tests.events.conftest import ORIGIN, do


@pytest.fixture
def dora(app: Flask) -> Any:
    return factories.User(name="Dora Lind")


@pytest.fixture
def ben(app: Flask) -> Any:
    return factories.User(name="Ben Okoye")


@pytest.fixture
def looked(user: Any, dora: Any, ben: Any) -> None:
    """Dora looks at Ada; Ben and Ada do things of their own."""
    do(user)
    do(ben)
    with transaction():
        record(Event.CASE_READ, Who(dora.id, user.id, ORIGIN, access_id=7), on=("page", "support.case"))
        record(Event.ACCESS_REFUSED, Who(dora.id, ben.id, ORIGIN), outcome=Outcome.REFUSED, why="never")


def actions(**filters: Any) -> list[str]:
    return [each.action for each in search(**filters)]


def test_everything_is_there_newest_first(looked: None) -> None:
    assert actions() == ["access.refused", "case.read", "login.started", "login.started", "log.started"]


def test_it_is_found_by_staff_person_action_and_access(looked: None, user: Any, dora: Any, ben: Any) -> None:
    assert actions(staff=dora.id) == ["access.refused", "case.read"]
    assert actions(subject=ben.id) == ["access.refused", "login.started"]
    assert actions(staff=dora.id, subject=user.id) == ["case.read"]
    assert actions(action=Event.LOGIN_STARTED) == ["login.started"] * 2
    assert actions(access=7) == ["case.read"]
    assert actions(staff="system") == ["log.started"]
    assert actions(subject=10**9) == []


def test_it_is_found_by_time(user: Any) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with transaction():
        ref = collected(Sealing).ref(user.id)
        for hours in range(3):
            collected(Sealing).add(Entry(Event.LOGIN_STARTED, sub=ref, act=ref, at=noon + timedelta(hours=hours)))

    found = search(since=noon + timedelta(hours=1), until=noon + timedelta(hours=2))

    assert [each.at for each in found] == [noon + timedelta(hours=1)]


def test_an_event_says_who_did_what_to_whom_from_where(looked: None, user: Any, dora: Any) -> None:
    [found] = search(action=Event.CASE_READ)

    assert found.sub is not None
    assert found.act is not None
    assert (found.sub.name, found.sub.user_id, found.sub.subject) == ("Ada Brandt", user.id, user.subject)
    assert (found.act.name, found.act.user_id, found.act.is_system) == ("Dora Lind", dora.id, False)
    assert (found.event, found.on, found.access, found.address) == (
        Event.CASE_READ, ("page", "support.case"), 7, "192.0.2.7",
    )  # fmt: skip
    assert (found.outcome, found.erased) == (Outcome.SUCCESS, False)


def test_pages_follow_each_other_whatever_comes_meanwhile(user: Any) -> None:
    do(user, count=5)

    first = search(limit=2)
    do(user, count=3)
    second = search(limit=2, before_seq=first[-1].seq)

    assert [each.seq for each in [*first, *second]] == [6, 5, 4, 3]


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"staff": 1},
        {"subject": 1},
        {"staff": "0" * 32},
        {"action": "case.read"},
        {"staff": 1, "subject": 2, "action": "case.read"},
        {"access": 7},
        {"since": datetime(2026, 1, 1, tzinfo=UTC), "until": datetime(2026, 1, 2, tzinfo=UTC)},
    ],
    ids=str,
)
def test_each_search_is_answered_by_an_index(user: Any, filters: dict[str, Any]) -> None:
    do(user, count=3)
    plan = explained(lambda: search(**filters, before_seq=10**6))

    for line in plan:
        assert "Seq Scan on events" not in line, plan
        assert "SCAN events" not in line, plan


def explained(read: Any) -> list[str]:
    """How the database runs the query of a function, line by line. On PostgreSQL as it would with many rows."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", hear)
    try:
        read()
    finally:
        sqlalchemy_event.remove(db.engine, "before_cursor_execute", hear)
    [(statement, parameters)] = heard
    sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        if not sqlite:
            connection.exec_driver_sql("SET enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        lines = [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters)]
        if not sqlite:
            connection.exec_driver_sql("RESET enable_seqscan")
    return lines


def test_all_of_it_streams_oldest_first_in_batches(user: Any) -> None:
    with transaction():
        for number in range(1200):
            record(Event.LOGINS_ENDED, Who(user.id, user.id), count=number)

    streaming = stream(subject=user.id)
    first = next(streaming)
    do(user)
    rest = list(streaming)

    assert [each.details["count"] for each in (first, *rest)] == list(range(1200)), "what came later is not in it"


def test_a_line_of_json_names_people_as_their_issuer_does(looked: None, user: Any, dora: Any) -> None:
    line = json.loads(json_line(search(action=Event.CASE_READ)[0]))

    assert line["sub"] == {"format": "iss_sub", "iss": user.issuer, "sub": user.subject}
    assert line["act"] == {"sub": {"format": "iss_sub", "iss": dora.issuer, "sub": dora.subject}}
    assert line["object"] == {"kind": "page", "id": "support.case"}


def test_who_acts_alone_has_no_act(user: Any) -> None:
    do(user)

    assert "act" not in json.loads(json_line(search(subject=user.id)[0]))


def test_of_somebody_erased_only_the_reference_is_left(user: Any) -> None:
    do(user)
    leaving.delete_account(Who(user.id, user.id), typed=user.email)

    line = json.loads(json_line(search(action=Event.LOGIN_STARTED)[0]))

    assert line["sub"]["format"] == "opaque"
    assert len(line["sub"]["id"]) == 32
    assert (line["erased"], line["address"], line["details"]) == (True, "", {})


def test_what_was_hashed_goes_along_so_that_the_file_can_be_proved(user: Any) -> None:
    do(user, count=3)

    prev = "0" * 64
    for line in map(json.loads, json_lines(stream())):
        assert line["prev"] == prev
        prev = hashlib.sha256(bytes.fromhex(prev) + line["payload"].encode()).hexdigest()
        assert line["hash"] == prev


def test_one_event_is_one_line_whatever_was_typed(user: Any) -> None:
    with transaction():
        record(Event.ACCESS_STARTED, Who(user.id, user.id, Origin("", "", "a\r\nb\x1b[2J\x7f")), reason="x\u2028\ny")

    [line] = json_lines(search(action=Event.ACCESS_STARTED))

    assert line.count("\n") == 1
    assert line.removesuffix("\n").isascii()
    assert line.removesuffix("\n").isprintable()


@pytest.mark.parametrize("lead", BEGINS_A_FORMULA)
def test_no_cell_of_the_table_is_a_formula(user: Any, lead: str) -> None:
    with transaction():
        record(Event.LOGIN_STARTED, Who(user.id, user.id, Origin("", "", f'{lead}cmd|" /C calc"!A0')))

    [heads, cells] = csv.reader(io.StringIO("".join(csv_lines(search(action=Event.LOGIN_STARTED))), newline=""))

    assert tuple(heads) == COLUMNS
    assert dict(zip(heads, cells, strict=True))["user_agent"] == f'\'{lead}cmd|" /C calc"!A0'


def test_an_ordinary_cell_stays_as_it_is() -> None:
    assert [guarded(cell) for cell in ("", "a=b", "1-2", "ä@b")] == ["", "a=b", "1-2", "ä@b"]


def test_the_table_has_a_line_an_event_with_names_and_references(looked: None, user: Any) -> None:
    heads, *rows = csv.reader(io.StringIO("".join(csv_lines(stream())), newline=""))

    read = next(row for row in (dict(zip(heads, cells, strict=True)) for cells in rows) if row["action"] == "case.read")
    assert (len(rows), read["sub_name"], read["act_name"], read["object"]) == (
        5, "Ada Brandt", "Dora Lind", "page:support.case",
    )  # fmt: skip
