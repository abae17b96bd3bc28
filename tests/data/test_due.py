"""Finding what is due among a million rows: each kind by an index, and who holds a lease is left out."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from dashboard.data import (
    clock,
    connections,
    db,
    history,
    leases,
    mails,
    provider_windows,
    records,
    syncs,
    transaction,
    untold,
)
from dashboard.data.db import inserting
from dashboard.data.revocations import Revocation
from dashboard.data.untold import Untold
from tests import factories
from tests.conftest import Queries


def plan_of(query: str, database: str) -> str:
    """How the database would run a query."""
    if database == "sqlite":
        return " ".join(str(row) for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {query}")))
    db.session.execute(text("SET enable_seqscan = off"))
    db.session.execute(text("SET enable_bitmapscan = off"))
    try:
        return " ".join(str(row) for row in db.session.execute(text(f"EXPLAIN {query}")))
    finally:
        db.session.execute(text("RESET enable_seqscan"))
        db.session.execute(text("RESET enable_bitmapscan"))


@pytest.mark.parametrize(
    ("table", "moment", "index"),
    [
        ("connections", "next_sync_at", "ix_connections_next_sync_at"),
        ("revocations", "due_at", "ix_revocations_due_at"),
        ("mails", "due_at", "ix_mails_due_at"),
        ("chores", "due_at", "ix_chores_due_at"),
        ("authorization_requests", "expires_at", "ix_authorization_requests_expires_at"),
    ],
)
def test_what_is_due_is_found_by_an_index(app: Flask, database: str, table: str, moment: str, index: str) -> None:
    free = "" if table == "authorization_requests" else "AND (lease_until IS NULL OR lease_until <= '2026-11-24')"
    query = f"SELECT {moment} FROM {table} WHERE {moment} <= '2026-11-24' {free} ORDER BY {moment} LIMIT 100"

    assert index in plan_of(query, database)


def test_each_kind_of_due_work_is_one_query(app: Flask, queries: Queries) -> None:
    now = clock.now()
    with queries:
        syncs.due(now=now, limit=9)
        untold.due(now=now, limit=9)
        mails.due(now=now, limit=9)

    assert len(queries) == 3


def test_due_syncs_come_in_the_order_of_their_waiting_and_as_many_as_asked_for(app: Flask) -> None:
    now, ada = clock.now(), factories.User()
    made = [factories.Connection(user=ada, next_sync_at=now - timedelta(minutes=ago)).id for ago in (1, 3, 2, -1)]

    assert syncs.due(now=now, limit=9) == [made[1], made[2], made[0]]
    assert syncs.due(now=now, limit=1) == [made[1]]


def test_who_is_held_is_not_due_before_the_lease_is_over(app: Flask) -> None:
    now = clock.now()
    made = factories.Connection(user=factories.User(), next_sync_at=now)
    with transaction():
        held = syncs.take(made.id, lease=leases.new(now), now=now)
    assert held is not None

    assert syncs.due(now=now + timedelta(seconds=299), limit=9) == []
    assert syncs.due(now=now + timedelta(seconds=300), limit=9) == [made.id]
    with transaction():
        assert syncs.take(made.id, lease=leases.new(now), now=now) is None


@pytest.mark.parametrize("trait", [{"refused": True, "next_sync_at": datetime(2026, 1, 1).astimezone()}, {}])
def test_what_is_refused_or_not_due_is_not_taken(app: Flask, trait: dict[str, Any]) -> None:
    now = clock.now()
    made = factories.Connection(user=factories.User(), **trait)

    with transaction():
        assert syncs.take(made.id, lease=leases.new(now), now=now) is None


def test_only_the_key_of_the_lease_finishes(app: Flask) -> None:
    now = clock.now()
    made = factories.Connection(user=factories.User(), next_sync_at=now)
    with transaction():
        held = syncs.take(made.id, lease=leases.new(now), now=now)
        assert held is not None
        assert syncs.finish(held._replace(lease_key="another"), next_sync_at=now) is False
        assert syncs.finish(held, next_sync_at=now + timedelta(hours=1)) is True
        assert syncs.finish(held, next_sync_at=now) is False


def test_a_revocation_is_taken_once(app: Flask) -> None:
    now = clock.now()
    with transaction():
        row = {"type": "withings", "queued_at": now, "due_at": now, "access_token": b"x"}
        id = db.session.execute(insert(Revocation).values(row).returning(Revocation.id)).scalar_one()
        taken = untold.take(id, lease=leases.new(now), now=now)
        assert isinstance(taken, Untold)
        assert untold.take(id, lease=leases.new(now), now=now) is None

    assert untold.due(now=now, limit=9) == []


def test_no_token_stands_in_the_repr_of_what_the_engine_holds(app: Flask) -> None:
    now = clock.now()
    made = factories.Connection(user=factories.User(), next_sync_at=now)

    with transaction():
        held = syncs.take(made.id, lease=leases.new(now), now=now)

    assert "access-secret" not in repr(held)


def test_records_are_stored_once_and_counted_as_new_once(app: Flask) -> None:
    now = clock.now()
    made = factories.Connection(user=factories.User())
    told = {"measured_at": now, "ended_at": None, "day": 1, "stored_at": now, "value": 1.0, "details": "{}"}
    rows = [{"kind": kind, "provider_id": id} | told for kind, id in (("weight", "1"), ("weight", "2"), ("steps", "1"))]

    with transaction():
        stored = [records.store(made.id, owner_id=made.user_id, type="withings", rows=rows[:n]) for n in (0, 2, 3, 3)]

    assert stored == [0, 2, 1, 0]


def test_a_day_counts_its_runs(app: Flask) -> None:
    made = factories.Connection(user=factories.User())

    with transaction():
        first = [
            history.count_day(made.id, day=7, record_count=count, failed=failed)
            for count, failed in ((2, False), (0, True), (3, False))
        ]

    row = db.session.get_one(history.SyncDay, (made.id, 7))
    assert first == [True, False, False]
    assert (row.run_count, row.record_count, row.failure_count) == (3, 5, 1)


def test_windows_begin_with_the_clock(app: Flask) -> None:
    at = datetime.fromisoformat("2026-11-24T21:44:13.5+00:00")

    assert provider_windows.window_start(at, 900).isoformat() == "2026-11-24T21:30:00+00:00"
    assert provider_windows.window_start(at, 86400).isoformat() == "2026-11-24T00:00:00+00:00"


def test_an_account_is_connected_once_whoever_owns_it(app: Flask) -> None:
    factories.Connection(user=factories.User(), type="withings", remote_account_id="7")
    row = {"user_id": factories.User().id, "type": "withings", "remote_account_id": "7", "created_at": clock.now()}

    with transaction():
        statement = inserting(connections.Connection).values(row).on_conflict_do_nothing()
        assert db.session.execute(statement.returning(connections.Connection.id)).all() == []
