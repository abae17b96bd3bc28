"""Deleting an account: all of it at once, or nothing."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from dashboard.connections import leaving, revocation, storing
from dashboard.data import cards, clock, connections, db, support_accesses, transaction
from dashboard.data.events import EventEntry, EventPersonal
from dashboard.data.records import Record
from dashboard.data.revocations import Revocation
from dashboard.data.users import User
from dashboard.errors import NoSuchThing, NotFresh
from dashboard.events import Event, activity, record
from dashboard.identity import api_tokens
from dashboard.providers import Fact
from dashboard.who import Origin, Who
from tests import factories
from tests.conftest import signed_in
from tests.connections import road

MAIL = "ada@demo.test"


def person(app: Flask) -> Any:
    """Somebody with a row in every table that knows people."""
    user = factories.User(email=MAIL)
    signed_in(app, user)
    connection = factories.Connection(user=user)
    factories.SyncRun(connection=connection)
    factories.Record(connection=connection)
    api_tokens.make(who(user), name="cron", scopes=[api_tokens.READ], days=None)
    with transaction():
        db.session.add(
            Record(
                user_id=user.id,
                type="polar",
                kind="weight",
                provider_id="kept",
                measured_at=factories.now(),
                day=factories.now().toordinal(),
                stored_at=factories.now(),
            )
        )
        db.session.add(Revocation(connection_id=10**9, user_id=user.id, type="polar", queued_at=factories.now()))
    factories.AuthorizationRequest(user=user, waits=True)
    factories.AuthorizationRequest(user=user)
    factories.Mail(user=user, connection_id=connection.id)
    with transaction():
        _look(actor=user, subject=factories.User())
        _look(actor=factories.User(), subject=user)
    return user


def _look(*, actor: Any, subject: Any) -> None:
    support_accesses.start(
        actor_id=actor.id, subject_id=subject.id, login_session_id=1, reason="to find out", ticket=None, minutes=30
    )


def who(user: Any) -> Who:
    return Who(user.id, user.id, Origin("AAAA-BBBB", "192.0.2.7", "Firefox"))


def rows_of(user: Any) -> dict[str, int]:
    """How many rows of each table name a person, by any foreign key to the people."""
    counts = {}
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table is User.__table__ for key in column.foreign_keys):
                count = select(func.count()).select_from(table).where(column == user.id)
                counts[f"{table.name}.{column.name}"] = db.session.execute(count).scalar_one()
    return counts


def test_nothing_of_the_person_is_left_in_any_table(app: Flask) -> None:
    user = person(app)
    assert all(rows_of(user).values()), "the test knows every table that names people"

    leaving.delete_account(who(user), typed=MAIL)

    assert not any(rows_of(user).values())
    assert db.session.execute(select(func.count()).select_from(User).where(User.id == user.id)).scalar_one() == 0


def test_the_providers_are_still_to_be_told_but_not_about_whom_it_was_here(app: Flask) -> None:
    user = person(app)

    left = leaving.delete_account(who(user), typed=MAIL)

    queued = db.session.execute(select(Revocation.type, Revocation.user_id, Revocation.due_at, Revocation.access_token))
    withings = next(row for row in queued if row.type == "withings")
    assert withings.user_id is None
    assert withings.due_at is not None
    assert withings.access_token is not None
    assert (left.connection_count, left.untold_count, left.session_count) == (1, 2, 1)


def test_all_records_go_with_the_connections_those_too_that_were_kept_of_earlier_ones(app: Flask) -> None:
    user = person(app)

    assert revocation.disconnect_all(who(user)) == 1

    assert rows_of(user)["records.user_id"] == 0


def test_a_sync_that_is_storing_is_waited_for_and_leaves_nothing(app: Flask) -> None:
    """On PostgreSQL the two would else wait for each other, or what came last would outlive the connection."""
    user, now = factories.User(), clock.now()
    connection = factories.Connection(user=user)
    factories.Record(connection=connection, kind="weight", provider_id="known")
    facts = [Fact("weight", id, now, now.date(), 70.0) for id in ("known", "new")]

    def disconnect_all() -> int:
        with app.app_context():
            return revocation.disconnect_all(who(user))

    with ThreadPoolExecutor(1) as pool:
        with transaction():
            connections.hold(connection.id, owner_id=user.id)
            ending = pool.submit(disconnect_all)
            with pytest.raises(TimeoutError):
                ending.result(timeout=0.3)
            storing.store(connection.id, owner_id=user.id, type=connection.type, facts=facts, now=now)
        assert ending.result() == 1

    assert rows_of(user)["records.user_id"] == 0


def test_an_end_is_dated_by_the_clock_that_all_machines_share(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    user = factories.User()
    one, two = factories.Connection(user=user), factories.Connection(user=user)
    shared = clock.now() - timedelta(minutes=10)
    monkeypatch.setattr(clock, "now", lambda: shared)

    revocation.disconnect(one.id, by=who(user), keep_records=True)
    revocation.disconnect_all(who(user))

    for each in (one, two):
        assert (road.end(each.id).queued_at, road.end(each.id).due_at) == (shared, shared)


def test_the_log_keeps_that_an_account_was_deleted_not_whose(app: Flask) -> None:
    user = person(app)

    leaving.delete_account(who(user), typed=MAIL)

    row = db.session.execute(select(EventEntry).where(EventEntry.action == Event.ACCOUNT_DELETED)).scalar_one()
    beside = db.session.get_one(EventPersonal, (row.chain, row.seq))
    assert (row.act, row.sub, row.request) == (None, None, "AAAA-BBBB")
    assert json.loads(beside.text or "") == {"address": "", "user_agent": "", "details": {"connections": 1}}


def test_what_the_person_did_to_others_stays_in_their_log_without_a_name(app: Flask) -> None:
    user, other = person(app), factories.User()
    with transaction():
        record(Event.SETTINGS_CHANGED, Who(user.id, other.id))

    leaving.delete_account(who(user), typed=MAIL)

    (told, *_), total = activity(other.id, limit=1)
    assert (total, told.event, told.by_staff) == (1, Event.SETTINGS_CHANGED, True)


def test_everybody_else_keeps_everything(app: Flask) -> None:
    user, other = person(app), factories.User()
    factories.Record(connection=factories.Connection(user=other))
    before = rows_of(other)

    leaving.delete_account(who(user), typed=MAIL)

    assert rows_of(other) == before


def test_who_has_no_connection_can_leave_too(app: Flask) -> None:
    user = factories.User(email=MAIL)

    left = leaving.delete_account(who(user), typed=MAIL)

    assert (left.connection_count, left.untold_count) == (0, 0)


@pytest.mark.parametrize("typed", ["", " ", "ada", "ben@demo.test", "ada@demo.tes"])
def test_another_confirmation_deletes_nothing(app: Flask, typed: str) -> None:
    user = person(app)
    before = rows_of(user)

    with pytest.raises(NotFresh):
        leaving.delete_account(who(user), typed=typed)

    assert rows_of(user) == before


def test_case_and_blanks_of_the_confirmation_do_not_matter(app: Flask) -> None:
    leaving.delete_account(who(person(app)), typed=" Ada@Demo.Test ")


def test_without_an_address_the_confirmation_is_still_something(app: Flask) -> None:
    user = factories.User(email="", subject="subject-x")

    with pytest.raises(NotFresh):
        leaving.delete_account(who(user), typed="")
    leaving.delete_account(who(user), typed="subject-x")


def test_of_five_clicks_at_once_one_deletes_and_the_others_find_it_done(app: Flask) -> None:
    user = person(app)

    def click(_number: int) -> bool:
        with app.app_context():
            try:
                return bool(leaving.delete_account(who(user), typed=MAIL).connection_count)
            except NoSuchThing:
                return False

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(click, range(5))).count(True) == 1


def test_if_anything_fails_nothing_happened(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    user = person(app)
    before = rows_of(user)

    def broken(_user_id: int) -> bool:
        raise RuntimeError("the database went away")

    monkeypatch.setattr(leaving.users, "remove_person", broken)
    with pytest.raises(RuntimeError):
        leaving.delete_account(who(user), typed=MAIL)

    assert rows_of(user) == before
    assert cards.count(user.id) == 1
