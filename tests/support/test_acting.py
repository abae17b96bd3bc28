"""Acting for a person, on both databases: only while the look goes on, all or nothing, and told until it was read."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from dashboard.connections import revocation
from dashboard.connections.reading import ended
from dashboard.data import connections, records, support_accesses, transaction, users
from dashboard.events import Event
from dashboard.support import acting, told
from dashboard.support.gate import ClosedToSupport
from dashboard.support.starting import ReasonTooShort
from dashboard.who import Origin, Role, Who
from tests import factories
from tests.support.looking import happened, run_out

WHY = "asked for it on the phone"


@pytest.fixture
def ada(app: Flask) -> Any:
    return factories.User(name="Ada Brandt")


@pytest.fixture
def by(ada: Any) -> Who:
    """Dora, while she looks through Ada's eyes."""
    dora = factories.User(name="Dora Lind", granted_role=int(Role.SUPPORT))
    with transaction():
        started = support_accesses.start(
            actor_id=dora.id, subject_id=ada.id, login_session_id=1, reason="to find out", ticket=None, minutes=30
        )
    assert started is not None
    return Who(dora.id, ada.id, Origin("AAAA-BBBB"), started[0])


def acted_at(user: Any) -> Any:
    with transaction():
        return users.everything_on(user.id)["support_acted_at"]


def test_it_ends_the_connection_keeps_the_records_and_leaves_a_note(ada: Any, by: Who) -> None:
    scale = factories.Connection(user=ada)
    factories.Record(connection=scale)

    done = acting.disconnect(scale.id, by=by, reason=f"  {WHY}\n")

    assert (done.already, done.deleted_records) == (False, 0)
    assert records.count(scale.id, owner_id=ada.id) == 0
    assert len(list(records.everything_on(ada.id))) == 1
    assert acted_at(ada) is not None
    [event] = happened(Event.CONNECTION_ENDED)
    assert f'"reason":"{WHY}"' in event.text


def test_after_the_look_has_run_out_nothing_is_done(ada: Any, by: Who) -> None:
    scale = factories.Connection(user=ada, fresh=True, next_sync_at=None)
    run_out()

    for act in (lambda: acting.disconnect(scale.id, by=by, reason=WHY), lambda: acting.sync(scale.id, by=by)):
        with pytest.raises(ClosedToSupport):
            act()

    assert connections.type_of(scale.id, owner_id=ada.id) == "withings"
    assert (ended(scale.id, owner_id=ada.id), acted_at(ada)) == (None, None)
    assert happened(Event.CONNECTION_ENDED) == happened(Event.SYNC_REQUESTED) == []


def test_after_the_look_was_ended_nothing_is_done(ada: Any, by: Who) -> None:
    scale = factories.Connection(user=ada)
    with transaction():
        support_accesses.end(by.access_id or 0, why="by_person")

    with pytest.raises(ClosedToSupport):
        acting.disconnect(scale.id, by=by, reason=WHY)

    assert connections.type_of(scale.id, owner_id=ada.id) == "withings"


def test_a_note_that_fails_takes_the_disconnect_back(ada: Any, by: Who, monkeypatch: pytest.MonkeyPatch) -> None:
    scale = factories.Connection(user=ada)

    def broken(*_: object, **__: object) -> bool:
        raise OSError("disk full")

    monkeypatch.setattr(users, "change_person", broken)
    with pytest.raises(OSError, match="disk full"):
        acting.disconnect(scale.id, by=by, reason=WHY)

    assert connections.type_of(scale.id, owner_id=ada.id) == "withings"
    assert happened(Event.CONNECTION_ENDED) == []


@pytest.mark.parametrize("reason", ["", "too short", "x" * 501, " x \x00 "])
def test_a_reason_that_says_nothing_is_refused(ada: Any, by: Who, reason: str) -> None:
    scale = factories.Connection(user=ada)

    with pytest.raises(ReasonTooShort):
        acting.disconnect(scale.id, by=by, reason=reason)

    assert connections.type_of(scale.id, owner_id=ada.id) == "withings"


def test_what_terms_would_delete_support_does_not_cut(ada: Any, by: Who) -> None:
    route = factories.Connection(user=ada, type="strava")
    factories.Record(connection=route)

    with pytest.raises(acting.WouldDelete):
        acting.disconnect(route.id, by=by, reason=WHY)

    assert records.count(route.id, owner_id=ada.id) == 1


def test_what_was_ended_before_leaves_no_note(ada: Any, by: Who) -> None:
    scale = factories.Connection(user=ada)
    revocation.disconnect(scale.id, by=Who(ada.id, ada.id), keep_records=True)

    assert acting.disconnect(scale.id, by=by, reason=WHY).already
    assert acted_at(ada) is None


def test_the_note_goes_when_the_person_reads_it_and_not_when_support_does(ada: Any, by: Who) -> None:
    acting.disconnect(factories.Connection(user=ada).id, by=by, reason=WHY)
    first = acted_at(ada)

    acting.has_been_read(by, first)
    acting.has_been_read(replace(by, access_id=None), first)
    assert acted_at(ada) == first

    acting.has_been_read(Who(ada.id, ada.id), first)
    assert acted_at(ada) is None


def test_something_newer_than_was_shown_stays_to_be_told(ada: Any, by: Who) -> None:
    acting.disconnect(factories.Connection(user=ada).id, by=by, reason=WHY)
    first = acted_at(ada)
    with transaction():
        users.change_person(ada.id, support_acted_at=factories.now())

    acting.has_been_read(Who(ada.id, ada.id), first)

    assert acted_at(ada) is not None


def test_what_was_looked_at_and_done_is_read_by_the_access_in_two_queries(ada: Any, by: Who, queries: Any) -> None:
    scale = factories.Connection(user=ada)
    acting.disconnect(scale.id, by=by, reason=WHY)

    with queries:
        looks = told.looks({by.access_id or 0}, subject_id=ada.id, names=True)

    [look] = looks.values()
    assert (look.name, look.reason, look.end_why) == ("Dora Lind", "to find out", None)
    assert [each.event for each in look.happened] == [Event.CONNECTION_ENDED]
    assert len(queries) == 2
    assert told.looks({by.access_id or 0}, subject_id=ada.id, names=False)[by.access_id or 0].name == ""
