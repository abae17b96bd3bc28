"""What ``/metrics/`` costs: few queries, each by an index, however many rows there are."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from dashboard.data import clock, db, transaction
from dashboard.events import Event, Outcome, record
from dashboard.jobs import chores
from dashboard.who import Who
from tests import factories
from tests.conftest import Browser, Queries
from tests.support.looking import look
from tests.web.conftest import Numbers
from tests.web.crowd import crowd

DATABASES = ["sqlite", "postgresql"]
Scrape = Callable[[], Numbers]


@pytest.fixture
def ran(app: Flask) -> Iterator[list[tuple[str, Any]]]:
    """The statements that ran, with their parameters."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(db.engine, "before_cursor_execute", hear)


SMALL = {"chores", "event_heads", "event_proofs", "provider_windows"}
"""Tables of a few rows: one a chore or a window of a provider, or one in all."""
BY_INDEX = {"connections": "ix_connections_paused", "support_accesses": "uq_support_accesses_running"}
"""Indexes that hold only the rows that are counted, and may be read as a whole."""


def test_no_number_scans_a_table_and_their_queries_are_few(
    scrape: Scrape, database: str, ran: list[tuple[str, Any]]
) -> None:
    crowd(range(1, 3001))
    ran.clear()
    scrape()
    statements = list(ran)
    explain = "EXPLAIN QUERY PLAN" if database == "sqlite" else "EXPLAIN"

    assert len(statements) <= 12
    for statement, parameters in statements:
        plan = [str(row[-1]) for row in db.session.connection().exec_driver_sql(f"{explain} {statement}", parameters)]
        for line in plan:
            found = re.search(r"Seq Scan on (\w+)|SCAN (\w+)(.*)", line)
            table = found and (found[1] or found[2])
            if table is None or table in SMALL or table not in db.metadata.tables:
                continue
            assert BY_INDEX.get(table, "no index") in line, f"{statement}\n{plan}"


def test_as_many_queries_for_a_lot_as_for_nothing(
    scrape: Scrape, queries: Queries, dora: Browser, ada: Browser
) -> None:
    with queries:
        scrape()
    few = len(queries)
    look(dora, ada.user)
    for _ in range(30):
        factories.Connection(user=factories.User(), paused=True, next_sync_at=clock.now())
    with transaction():
        refused = {"outcome": Outcome.REFUSED, "why": "too_many"}
        record(Event.ACCESS_REFUSED, Who(dora.user.id, ada.user.id), **refused)
    chores.plan()
    queries.clear()
    with queries:
        scrape()

    assert len(queries) == few
