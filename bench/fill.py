"""A database for the benchmarks: one person with twenty-four connections, and many others around them."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

import config
from dashboard import create_app
from dashboard.data import api_tokens, db, login_sessions, transaction, users
from dashboard.identity.api_tokens import READ, hash_token
from dashboard.identity.login_session import hash_id
from demo import load, people

COOKIE, TOKEN = "b" * 43, "rc_" + "b" * 43


def fill(url: str, number: int) -> dict[str, str]:
    """Migrate and fill; what both apps need in their environment."""
    environ = {"DEMO": "1", "DATABASE_URL": url}
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], env={"PATH": "", **environ},
        cwd=config.ROOT, check=True, capture_output=True,
    )  # fmt: skip
    app = create_app(config.load(environ))
    now = datetime.now(UTC)
    with app.app_context():
        with transaction():
            user_id = users.add_person(
                issuer="x", subject="x", email="b@demo.test", name="Bench", username="b", created_at=now
            )
            load.connect(user_id, people.cleo(now, count=24), now)
            until = now + timedelta(days=1)
            login_sessions.add_session(
                id_hash=hash_id(app, COOKIE), user_id=user_id, created_at=now, last_seen_at=until, expires_at=until
            )
            api_tokens.add_token(
                user_id=user_id, name="bench", token_hash=hash_token(TOKEN), hint="rc_", scopes=READ, created_at=now,
                last_used_at=until,
            )  # fmt: skip
        _others(number)
    return {"DEMO": "1", "BENCH_USER": str(user_id)}


def _others(number: int) -> None:
    """Ten connections each for as many others as it takes."""
    with transaction():
        db.session.execute(
            text("INSERT INTO users (issuer, subject, email, name, username, created_at) SELECT 'y', n, n, n, n, now()"
                 " FROM generate_series(1, :people) n"), {"people": number // 10},
        )  # fmt: skip
        db.session.execute(
            text("INSERT INTO connections (user_id, type, account, created_at, last_sync_at)"
                 " SELECT u.id, 'withings', 'a', now() - n * interval '1 day', now()"
                 " FROM users u, generate_series(1, 10) n WHERE u.issuer = 'y'")
        )  # fmt: skip
    db.session.execute(text("ANALYZE"))
