"""Reading records costs an index each: no query of a person's records reads what is another's."""

import re
from typing import Any

from flask import Flask
from sqlalchemy import event, insert, text

from dashboard.data import db, record_reading, records, transaction
from dashboard.data.connections import Connection
from dashboard.data.revocations import Revocation
from dashboard.records import reading
from dashboard.records.kinds import KINDS
from tests import factories
from tests.records.test_reading import TODAY, by_day, measured


def _many_records_of_others() -> None:
    """So many that the database prefers the right index to any other, and knows it."""
    others = [factories.Connection(user=factories.User()) for _ in range(5)]
    with transaction():
        records.add(
            {"user_id": other.user_id, "connection_id": other.id, "type": other.type, "kind": "weight",
             "provider_id": str(number), "measured_at": factories.now(), "day": number, "stored_at": factories.now(),
             "value": 70}
            for other in others for number in range(300)
        )  # fmt: skip
        now, numbers = factories.now(), range(10**9, 10**9 + 1500)
        theirs = [{"user_id": others[number % 5].user_id, "type": "withings"} for number in numbers]
        db.session.execute(insert(Connection), [row | {"created_at": now} for row in theirs])
        ended = [row | {"connection_id": id, "queued_at": now} for row, id in zip(theirs, numbers, strict=True)]
        db.session.execute(insert(Revocation), ended)
        db.session.execute(text("ANALYZE"))


def test_every_query_is_on_an_index(app: Flask) -> None:
    ada = factories.User()
    made = factories.Connection(user=ada)
    for days_ago in range(3):
        measured(made, "weight", 71, days_ago=days_ago)
    _many_records_of_others()
    asked: list[tuple[str, Any]] = []

    def heard(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", heard)
    reading.overview(ada.id, today=TODAY)
    by_day(ada)
    by_day(ada, connection_id=made.id)
    reading.one_day(KINDS["weight"], TODAY, ada.id)
    [first, *_] = record_reading.after(ada.id, None, kind=None, connection_id=None, limit=1)
    for kind in (None, "weight"):
        record_reading.after(ada.id, first, kind=kind, connection_id=None, limit=1)
    event.remove(db.engine, "before_cursor_execute", heard)

    assert len(asked) > 10
    for statement, parameters in asked:
        plan = explained(statement, parameters)
        assert "records" in plan or "revocations" in plan, plan
        assert not reads_all(plan), f"{statement}\n{plan}"


def explained(statement: str, parameters: Any) -> str:
    """The database's plan for a statement; a small table must not tempt it to read all of it."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET enable_seqscan = off"))
            found = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            lines = [row[0] for row in found]
            connection.execute(text("RESET enable_seqscan"))
            return "\n".join(lines)
        return "\n".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))


def reads_all(plan: str) -> bool:
    """Whether a table is read from end to end, or records without their owner, kind or connection."""
    indexed = (
        "ix_records_user_id_kind_day_measured_at_id", "uq_records_connection_id_kind_provider_id",
        "ix_connections_user_id_type", "ix_connections_user_id_created_at_id",
    )  # fmt: skip
    whole = re.search(r"(Seq Scan on|SCAN) (records|revocations|connections)", plan)
    return bool(whole) or not any(name in plan or "sqlite_autoindex_records" in plan for name in indexed)
