"""A database for the benchmarks: people with twenty-four connections each, and many others around them."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from json import dumps

from flask import Flask
from sqlalchemy import insert, text

import config
from dashboard import create_app
from dashboard.connections.strip import LEVELS
from dashboard.data import api_tokens, db, transaction, users
from dashboard.data.connections import Connection
from dashboard.data.login_sessions import LoginSession
from dashboard.identity.api_tokens import READ, hash_token
from dashboard.identity.login_session import hash_id
from demo import load, people

VISITORS = 400
"""So many that a process which serves them in turns has forgotten the strips and the times of one who is back."""
TOKEN = "rc_" + "b" * 43
SIGNED_IN = dumps({"csrf_token": "b" * 43 + "="})
"""What a session holds after a login."""
USERS = """
    INSERT INTO users (issuer, subject, email, name, username, created_at)
    SELECT :issuer, n, n, n, n, now() FROM generate_series(1, :number) n RETURNING id
"""
CONNECTIONS = """
    INSERT INTO connections ({columns}) SELECT {values} FROM connections c, users v
    WHERE c.user_id = :like AND v.issuer = 'visitors'
"""
OWN = {
    "id": "c.id + v.id * 1000000",
    "user_id": "v.id",
    "remote_account_id": "c.id || '-' || v.id",
    "created_at": "c.created_at - v.id * interval '1 second'",
    "last_sync_at": "c.last_sync_at - v.id * interval '1 second'",
    "strip": f"translate(right(c.strip, (v.id % 29)::int) || left(c.strip, 30 - (v.id % 29)::int), '{LEVELS[:-1]}',"
    f" substr('{LEVELS * 2}', (1 + v.id % 25)::int, 25))",
}
"""What of a visitor's connections is not as those of the first person: no two of their strips are equal."""
DAYS = """
    INSERT INTO sync_days (connection_id, day, run_count, record_count, failure_count)
    SELECT c.id + v.id * 1000000, day, run_count,
           record_count + (v.id * day) % 401 * sign(record_count), d.failure_count
    FROM sync_days d JOIN connections c ON c.id = connection_id, users v
    WHERE c.user_id = :like AND v.issuer = 'visitors'
"""
OTHERS = """
    INSERT INTO connections (user_id, type, account, created_at, last_sync_at)
    SELECT u.id, 'withings', 'a', now() - n * interval '1 day', now()
    FROM users u, generate_series(1, 10) n WHERE u.issuer = 'others'
"""


def cookie(number: int = 0) -> str:
    """The cookie of a visitor, from 1; 0 is the first person, whose token is :data:`TOKEN`."""
    return f"{number:043}"


def fill(url: str, number: int) -> dict[str, str]:
    """Migrate and fill; what both apps need in their environment."""
    environ = {"DEMO": "1", "DATABASE_URL": url}
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], env={"PATH": "", **environ},
        cwd=config.ROOT, check=True, capture_output=True,
    )  # fmt: skip
    app = create_app(config.load(environ))
    with app.app_context():
        with transaction():
            user_id = _first(app, datetime.now(UTC))
            _visitors(app, user_id)
            _people("others", number // 10)
            db.session.execute(text(OTHERS))
        db.session.execute(text("ANALYZE"))
    return {"DEMO": "1", "BENCH_USER": str(user_id)}


def _first(app: Flask, now: datetime) -> int:
    """The person who asks again and again; their id."""
    user_id = users.add_person(issuer="x", subject="x", email="b@demo.test", name="B", username="b", created_at=now)
    load.connect(user_id, people.cleo(now, count=24), now)
    _sign_in(app, [user_id], cookies_from=0)
    api_tokens.add_token(
        user_id=user_id, name="bench", token_hash=hash_token(TOKEN), hint="rc_", scopes=READ, created_at=now,
        last_used_at=now + timedelta(days=1),
    )  # fmt: skip
    return user_id


def _visitors(app: Flask, like: int) -> None:
    """People whose connections are like those of the first person, with times and counts of their own."""
    _sign_in(app, _people("visitors", VISITORS), cookies_from=1)
    names = [column.name for column in Connection.__table__.columns]
    values = [OWN.get(name, f"c.{name}") for name in names]
    db.session.execute(text(CONNECTIONS.format(columns=", ".join(names), values=", ".join(values))), {"like": like})
    db.session.execute(text(DAYS), {"like": like})


def _people(issuer: str, number: int) -> list[int]:
    return list(db.session.execute(text(USERS), {"issuer": issuer, "number": number}).scalars())


def _sign_in(app: Flask, user_ids: list[int], *, cookies_from: int) -> None:
    now = datetime.now(UTC)
    until = now + timedelta(days=1)
    sessions = [
        {"id_hash": hash_id(app, cookie(number)), "user_id": user_id, "data": SIGNED_IN, "created_at": now,
         "last_seen_at": until, "expires_at": until}
        for number, user_id in enumerate(user_ids, cookies_from)
    ]  # fmt: skip
    db.session.execute(insert(LoginSession), sessions)
