"""No test sees what another one left behind: no row, no event of the log, no grant at a third party."""

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from dashboard.data import db, transaction
from dashboard.events import Event, record
from dashboard.who import Who
from tests import factories
from tests.conftest import signed_in
from tests.servers.third_parties import ThirdParties

DATABASES = ["sqlite", "postgresql"]
KEPT = {"alembic_version", "event_heads"}
"""The version of the tables, and where the log stands: a row that never goes."""


@pytest.mark.parametrize("turn", ["first", "second"])
def test_whoever_comes_next_finds_nothing(app: Flask, third_parties: ThirdParties, turn: str) -> None:
    assert rows() == set()
    assert db.session.execute(text("SELECT seq, base_seq FROM event_heads")).all() == [(0, 0)]
    assert third_parties.grants("withings") == []

    leave_something(app)
    third_parties.give("withings")

    assert rows() >= {"users", "person_keys", "login_sessions", "connections", "sync_runs", "records", "mails"}
    assert rows() >= {"authorization_requests", "parties", "events", "event_personal"}
    assert third_parties.grants("withings")


def rows() -> set[str]:
    """The tables of the database that have rows."""
    names = set(inspect(db.engine).get_table_names()) - KEPT
    return {name for name in names if db.session.execute(text(f"SELECT count(*) FROM {name}")).scalar()}


def leave_something(app: Flask) -> None:
    """A person with all that a test may give one."""
    person = factories.User()
    made = factories.Connection(user=person)
    factories.SyncRun(connection=made)
    factories.Record(connection=made)
    factories.AuthorizationRequest(user=person)
    factories.Mail(user=person)
    signed_in(app, person)
    with transaction():
        record(Event.SETTINGS_CHANGED, Who(person.id, person.id), changed="language")
