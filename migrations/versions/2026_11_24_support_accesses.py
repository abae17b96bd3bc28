"""support accesses"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("users", sa.Column("support_setting", sa.String(length=10), nullable=True))
    op.add_column("users", sa.Column("support_pass_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("support_acted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("login_sessions", sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("login_sessions", sa.Column("access_id", KEY, nullable=True))
    op.create_table(
        "support_accesses",
        sa.Column("id", KEY, nullable=False),
        sa.Column("actor_id", KEY, nullable=False),
        sa.Column("subject_id", KEY, nullable=False),
        sa.Column("login_session_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ticket", sa.String(length=100), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_why", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_support_accesses_actor_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["users.id"], name=op.f("fk_support_accesses_subject_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_accesses")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_support_accesses_subject_id_id"), "support_accesses", ["subject_id", "id"])
    op.create_index(op.f("ix_support_accesses_actor_id_started_at"), "support_accesses", ["actor_id", "started_at"])
    op.create_index(
        "uq_support_accesses_running",
        "support_accesses",
        ["actor_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("support_accesses")
    op.drop_column("login_sessions", "access_id")
    op.drop_column("login_sessions", "proved_at")
    op.drop_column("users", "support_acted_at")
    op.drop_column("users", "support_pass_until")
    op.drop_column("users", "support_setting")
