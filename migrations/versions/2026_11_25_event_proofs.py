"""event proofs"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event_proofs",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", KEY, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("broken_seq", KEY, nullable=True),
        sa.Column("broken_check", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_event_proofs")),
    )


def downgrade() -> None:
    op.drop_table("event_proofs")
