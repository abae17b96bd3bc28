"""The ground: tables, and every query on them. Imports nothing of ours."""

from pathlib import Path
from typing import Any

from flask_migrate import Migrate

from dashboard.data import (
    api_tokens,
    authorization_requests,
    by_type,
    cards,
    chain,
    chores,
    connections,
    events,
    grants,
    happened,
    history,
    login_sessions,
    mails,
    parties,
    people_search,
    proofs,
    provider_windows,
    record_reading,
    records,
    revocations,
    support_accesses,
    syncs,
    untold,
    users,
)
from dashboard.data.connections import State
from dashboard.data.db import db, in_transaction, transaction
from dashboard.data.folding import search_key
from dashboard.data.leases import leases
from dashboard.data.vault import Unreadable, vault

__all__ = [
    "State",
    "Unreadable",
    "api_tokens",
    "authorization_requests",
    "by_type",
    "cards",
    "chain",
    "chores",
    "connections",
    "db",
    "events",
    "grants",
    "happened",
    "history",
    "in_transaction",
    "init_app",
    "leases",
    "login_sessions",
    "mails",
    "parties",
    "people_search",
    "proofs",
    "provider_windows",
    "record_reading",
    "records",
    "revocations",
    "search_key",
    "support_accesses",
    "syncs",
    "transaction",
    "untold",
    "users",
    "vault",
]

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
migrate = Migrate(directory=str(MIGRATIONS), render_as_batch=True, compare_type=True)


def init_app(app: Any) -> None:
    """Open the database of ``SQLALCHEMY_DATABASE_URI`` and the vault, and take the length of a lease into use."""
    options = app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {})
    options.setdefault("isolation_level", "AUTOCOMMIT")
    options.setdefault("hide_parameters", True)  # an error of a statement goes into the log, and some hold secrets
    if app.config["SQLALCHEMY_DATABASE_URI"] != "sqlite://":  # that one is in memory, and has one connection only
        options.setdefault("max_overflow", 10 + app.config["ENGINE_THREADS"])  # one for each, beside the requests
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        options.setdefault("skip_autocommit_rollback", True)
    db.init_app(app)
    migrate.init_app(app, db)
    vault.use(app.config["TOKEN_ENCRYPTION_KEYS"])
    leases.use(app.config["LEASE_SECONDS"])
