import io, time
from datetime import timedelta
from typing import Any
from sqlalchemy import text
from dashboard.data import db, transaction, history, clock
from dashboard.data.connections import Connection
from tests import factories
from dashboard.connections import download
from dashboard.who import Who

def runs(ids, n):
    now = clock.now()
    with transaction():
        for i in range(n):
            db.session.execute(db.insert(history.SyncRun.__table__), [{"connection_id": id, "started_at": now + timedelta(seconds=i), "finished_at": now, "outcome": "nothing", "record_count": 0, "why": "schedule"} for id in ids])

def many(user, n):
    now = clock.now()
    with transaction():
        db.session.execute(db.insert(Connection.__table__), [
            {"user_id": user.id, "type": "withings", "remote_account_id": f"m-{user.id}-{i}", "created_at": now, "scopes": "", "cursors": "{}", "progress_count": 0, "failure_count": 0} for i in range(n)])
    return list(db.session.execute(db.select(Connection.id).where(Connection.user_id == user.id)).scalars())

def test_it(app: Any, database: str) -> None:
    ada, ben = factories.User(), factories.User()
    a, b = many(ada, 10), many(ben, 200)
    runs(a + b, 1000)
    if database == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c: c.execute(text("ANALYZE"))
    for who in (ada, ben):
        began = time.monotonic()
        download.write(io.BytesIO(), by=Who(who.id, who.id), read_me="", names_staff=False)
        print("TOOK", database, who.id, f"{time.monotonic() - began:.2f}")
    q = "SELECT r.* FROM sync_runs r JOIN connections c ON c.id = r.connection_id WHERE c.user_id = :u AND (r.id) > (:l) ORDER BY r.id LIMIT 1000"
    for who in (ada, ben):
        for row in db.session.execute(text(("EXPLAIN " if database == "postgresql" else "EXPLAIN QUERY PLAN ") + q), {"u": who.id, "l": 100000}): print("PLAN", database, row)
    q = "SELECT r.* FROM sync_days r JOIN connections c ON c.id = r.connection_id WHERE c.user_id = :u AND (r.connection_id, r.day) > (:l, 5) ORDER BY r.connection_id, r.day LIMIT 1000"
    for row in db.session.execute(text(("EXPLAIN " if database == "postgresql" else "EXPLAIN QUERY PLAN ") + q), {"u": who.id, "l": 3}): print("PLAN", database, row)

def test_records(app: Any, database: str) -> None:
    ada, ben = factories.User(), factories.User()
    a, b = many(ada, 1), many(ben, 1)
    for user, id in ((ada, a[0]), (ben, b[0])):
        sql = """INSERT INTO records (user_id, connection_id, type, kind, provider_id, measured_at, day, stored_at, value, details)
    WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < %d)
    SELECT %d, %d, 'withings', 'heart_rate', 'p' || x, '2026-01-01 00:00:00', 739000 + x / 3000, '2026-01-01 00:00:00', 60, '{}' FROM c""" % (200000, user.id, id)
        with transaction():
            db.session.execute(text(sql))
    began = time.monotonic()
    download.write(io.BytesIO(), by=Who(ada.id, ada.id), read_me="", names_staff=False)
    print("TOOK records", database, f"{time.monotonic() - began:.2f}")
    q = "SELECT * FROM records r WHERE r.user_id = :u AND r.id > :l ORDER BY r.id LIMIT 1000"
    for row in db.session.execute(text(("EXPLAIN " if database == "postgresql" else "EXPLAIN QUERY PLAN ") + q), {"u": ada.id, "l": 3}): print("PLAN", database, row)
