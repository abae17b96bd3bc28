"""the engine: leases, authorization requests, mails, limits, chores"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PAUSED = sa.text("paused_at IS NOT NULL")
KNOWN = sa.text("remote_account_id IS NOT NULL")
BY_ACCOUNT = "ix_connections_remote_account_id_user_id"
BY_DAY = "ix_records_user_id_kind_day_measured_at_id"
LEASE = (("lease_until", MOMENT), ("lease_key", sa.String(length=32)))
NEW_COLUMNS: dict[str, list[tuple[str, sa.types.TypeEngine]]] = {
    "connections": [
        ("lease_key", sa.String(length=32)),
        ("due_why", sa.String(length=20)),
        ("failure_said", sa.String(length=200)),
        ("refusal_seen_at", MOMENT),
        ("mailed_at", MOMENT),
        ("mail_stopped_at", MOMENT),
        ("subscribed_at", MOMENT),
    ],
    "sync_runs": [("failure_said", sa.String(length=200))],
    "records": [("remote_account_id", sa.String(length=200)), ("ended_at", MOMENT)],
    "revocations": [
        ("given_up_at", MOMENT),
        ("tried_at", MOMENT),
        ("renewal_began_at", MOMENT),
        ("failure_code", sa.String(length=60)),
        ("failure_said", sa.String(length=200)),
        ("access_expires_at", MOMENT),
        *LEASE,
    ],
}


def upgrade() -> None:
    for table, columns in NEW_COLUMNS.items():
        for name, type in columns:
            op.add_column(table, sa.Column(name, type, nullable=True))
    op.add_column("users", sa.Column("mails_wanted", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("connections", sa.Column("cursors", sa.Text(), server_default="{}", nullable=False))
    op.add_column("connections", sa.Column("progress_count", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sync_runs", sa.Column("why", sa.String(length=20), server_default="schedule", nullable=False))
    op.add_column("revocations", sa.Column("failure_count", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("revocations") as batch:
        batch.alter_column("connection_id", existing_type=KEY, nullable=True)
    op.create_index(op.f("ix_revocations_type_remote_account_id"), "revocations", ["type", "remote_account_id"])
    _date_records()
    _one_connection_an_account()
    op.create_index(
        "ix_connections_paused", "connections", ["type", "failure_code"], sqlite_where=PAUSED, postgresql_where=PAUSED
    )
    _create_tables()


def _date_records() -> None:
    """Each record counts for a UTC day so far, and was stored when it was measured, for all that is known."""
    op.add_column("records", sa.Column("day", sa.Integer(), nullable=True))
    op.add_column("records", sa.Column("stored_at", MOMENT, nullable=True))
    ordinal = "CAST(strftime('%J', date(measured_at)) + 0.5 AS INTEGER) - 1721425"
    if op.get_context().dialect.name == "postgresql":
        ordinal = "CAST(measured_at AT TIME ZONE 'UTC' AS date) - DATE '0001-01-01' + 1"
    op.execute(f"UPDATE records SET stored_at = measured_at, day = {ordinal}")  # noqa: S608 - one of two constants
    with op.batch_alter_table("records") as batch:
        batch.alter_column("day", existing_type=sa.Integer(), nullable=False)
        batch.alter_column("stored_at", existing_type=MOMENT, nullable=False)
    op.create_index(op.f("ix_records_type_stored_at"), "records", ["type", "stored_at"])
    op.drop_index(op.f("ix_records_user_id_kind_measured_at"), "records")
    op.create_index(BY_DAY, "records", ["user_id", "kind", "day", "measured_at", "id"])


def _one_connection_an_account() -> None:
    """An account at a provider is connected once; of those that are more often, the oldest keeps its name."""
    op.execute(
        "UPDATE connections SET remote_account_id = NULL WHERE id NOT IN"
        " (SELECT min(id) FROM connections WHERE remote_account_id IS NOT NULL GROUP BY type, remote_account_id)"
    )
    op.create_index("uq_connections_type_remote_account_id", "connections", ["type", "remote_account_id"], unique=True)
    op.create_index(
        BY_ACCOUNT, "connections", ["remote_account_id", "user_id"], sqlite_where=KNOWN, postgresql_where=KNOWN
    )


def _create_tables() -> None:
    op.create_table(
        "authorization_requests",
        sa.Column("id", KEY, nullable=False),
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("login_session_id", KEY, nullable=True),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("connection_id", KEY, nullable=True),
        sa.Column("reconnects", sa.Boolean(), nullable=False),
        sa.Column("scopes", sa.Text(), server_default="", nullable=False),
        sa.Column("redirect_uri", sa.Text(), server_default="", nullable=False),
        sa.Column("code_verifier", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("spent_at", MOMENT, nullable=True),
        sa.Column("made_connection_id", KEY, nullable=True),
        sa.Column("remote_account_id", sa.String(length=200), nullable=True),
        sa.Column("account", sa.String(length=320), nullable=True),
        sa.Column("granted_scopes", sa.Text(), server_default="", nullable=False),
        sa.Column("access_token", sa.LargeBinary(), nullable=True),
        sa.Column("refresh_token", sa.LargeBinary(), nullable=True),
        sa.Column("access_expires_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_authorization_requests_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_authorization_requests_connection_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorization_requests")),
    )
    op.create_index(op.f("ix_authorization_requests_state_hash"), "authorization_requests", ["state_hash"], unique=True)
    op.create_index(op.f("ix_authorization_requests_expires_at"), "authorization_requests", ["expires_at"])
    op.create_index(op.f("ix_authorization_requests_user_id"), "authorization_requests", ["user_id"])
    op.create_index(op.f("ix_authorization_requests_connection_id"), "authorization_requests", ["connection_id"])
    op.create_table(
        "mails",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("connection_id", KEY, nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("details", sa.Text(), server_default="{}", nullable=False),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("failure_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure_code", sa.String(length=60), nullable=True),
        *(sa.Column(name, type, nullable=True) for name, type in LEASE),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mails_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_mails_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index(op.f("ix_mails_due_at"), "mails", ["due_at"])
    op.create_index(op.f("ix_mails_user_id_queued_at"), "mails", ["user_id", "queued_at"])
    op.create_index(op.f("ix_mails_connection_id"), "mails", ["connection_id"])
    op.create_table(
        "provider_windows",
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("seconds", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("blocked_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("type", "seconds", name=op.f("pk_provider_windows")),
    )
    op.create_table(
        "chores",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        *(sa.Column(name, type, nullable=True) for name, type in LEASE),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chores")),
    )
    op.create_index(op.f("ix_chores_due_at"), "chores", ["due_at"])


def downgrade() -> None:
    for table in ("chores", "provider_windows", "mails", "authorization_requests"):
        op.drop_table(table)
    op.drop_index("ix_connections_paused", "connections")
    op.drop_index(BY_ACCOUNT, "connections")
    op.drop_index("uq_connections_type_remote_account_id", "connections")
    op.drop_index(op.f("ix_records_type_stored_at"), "records")
    op.drop_index(BY_DAY, "records")
    op.create_index(op.f("ix_records_user_id_kind_measured_at"), "records", ["user_id", "kind", "measured_at"])
    with op.batch_alter_table("records") as batch:
        batch.drop_column("stored_at")
        batch.drop_column("day")
    op.drop_column("revocations", "failure_count")
    op.drop_index(op.f("ix_revocations_type_remote_account_id"), "revocations")
    op.execute("DELETE FROM revocations WHERE connection_id IS NULL")
    with op.batch_alter_table("revocations") as batch:
        batch.alter_column("connection_id", existing_type=KEY, nullable=False)
    op.drop_column("sync_runs", "why")
    op.drop_column("connections", "progress_count")
    op.drop_column("connections", "cursors")
    op.drop_column("users", "mails_wanted")
    for table, columns in NEW_COLUMNS.items():
        for name, _ in columns:
            op.drop_column(table, name)
