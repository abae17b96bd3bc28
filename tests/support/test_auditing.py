"""The auditor's reading on both databases: what it finds, what it counts, and that only administrators may."""

import json
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import leaving
from dashboard.data import support_accesses, transaction
from dashboard.data.auditing import BusyRow
from dashboard.errors import NotStaff
from dashboard.events import Event, record
from dashboard.events.proof import verify
from dashboard.support import auditing
from dashboard.support.auditing import Asked, Reason
from dashboard.who import Origin, Role, Who
from tests import factories
from tests.support.looking import happened


@pytest.fixture
def emil(app: Flask) -> Who:
    """An administrator."""
    made = factories.User(name="Emil Falk", granted_role=int(Role.ADMIN))
    return Who(made.id, made.id, Origin("AAAA-BBBB"))


@pytest.fixture
def dora(app: Flask) -> Any:
    return factories.User(name="Dora Lind", granted_role=int(Role.SUPPORT))


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada Brandt", email="ada@demo.test")


def looked(actor: Any, subject: Any, reason: str = "to find out") -> int:
    """A look that was begun and ended."""
    with transaction():
        started = support_accesses.start(
            actor_id=actor.id, subject_id=subject.id, login_session_id=1, reason=reason, ticket="NF-1", minutes=30
        )
        assert started is not None
        record(Event.ACCESS_STARTED, Who(actor.id, subject.id, access_id=started[0]), reason=reason, ticket="NF-1")
        support_accesses.end(started[0], why="by_actor")
    return started[0]


def test_58_the_rule_is_in_the_domain(ada: Any, dora: Any) -> None:
    for nobody in (Who(ada.id, ada.id), Who(dora.id, dora.id), Who(None, ada.id)):
        with pytest.raises(NotStaff):
            auditing.read(Asked(), by=nobody)
        with pytest.raises(NotStaff):
            auditing.export_lines(Asked(), "csv", by=nobody, webhook="")

    assert happened(Event.LOG_READ) == happened(Event.LOG_EXPORTED) == []


def test_each_access_has_its_reason_also_for_events_of_other_pages(emil: Who, dora: Any, ada: Any) -> None:
    access_id = looked(dora, ada)
    with transaction():
        record(Event.ACCESS_VIEWED, Who(dora.id, ada.id, access_id=access_id), route="connections.index", key="")

    page = auditing.read(Asked(action=Event.ACCESS_VIEWED), by=emil)

    assert page.reasons == {access_id: Reason("to find out", "NF-1")}


def test_of_somebody_erased_the_reason_is_erased_too(emil: Who, dora: Any, ada: Any) -> None:
    access_id = looked(dora, ada)
    leaving.delete_account(Who(ada.id, ada.id), typed="ada@demo.test")

    page = auditing.read(Asked(access=access_id), by=emil)

    assert page.reasons == {access_id: Reason(None, None)}
    assert page.events[0].erased


def test_59_the_busiest_come_first_and_no_more_than_five(emil: Who, ada: Any) -> None:
    staff = [factories.User(name=f"Staff {number}") for number in range(6)]
    for number, each in enumerate(staff):
        for _ in range(number + 1):
            looked(each, ada)

    busiest = auditing.read(Asked(), by=emil).busiest

    assert busiest == [BusyRow(staff[n].id, f"Staff {n}", n + 1, n + 1) for n in (5, 4, 3, 2, 1)]


def test_a_name_that_fits_several_lists_nothing_and_exports_nothing(emil: Who, dora: Any, ada: Any) -> None:
    factories.User(name="Ada Other")
    looked(dora, ada)

    page = auditing.read(Asked(person="ada"), by=emil)

    assert (page.events, page.person.unclear) == ([], True)
    assert sorted(each.name for each in page.person.people) == ["Ada Brandt", "Ada Other"]
    assert list(auditing.export_lines(Asked(person="ada"), "jsonl", by=emil, webhook="")) == []


def test_54_looking_for_somebody_by_name_is_a_search_on_the_record(emil: Who, ada: Any) -> None:
    auditing.read(Asked(person="ada brandt"), by=emil)

    [searched] = happened(Event.USER_SEARCHED)
    assert '"text":"ada brandt"' in searched.text


def test_an_export_names_both_people_and_ends_with_itself(emil: Who, dora: Any, ada: Any) -> None:
    looked(dora, ada)

    lines = [json.loads(each) for each in auditing.export_lines(Asked(), "jsonl", by=emil, webhook="")]

    started = next(each for each in lines if each["action"] == "access.started")
    assert (started["sub"]["sub"], started["act"]["sub"]["sub"]) == (ada.subject, dora.subject)
    assert lines[-1]["action"] == "log.exported"
    assert lines[-1]["hash"] == verify().hash


def test_what_was_asked_for_is_in_the_erasable_part_alone(emil: Who, ada: Any) -> None:
    auditing.read(Asked(person=str(ada.id), action=Event.CASE_READ), by=emil, before=10)

    [reading] = happened(Event.LOG_READ)
    assert json.loads(reading.text)["details"] == {"person": str(ada.id), "action": "case.read", "before": 10}
    assert (reading.why, reading.access) == ("", None)
