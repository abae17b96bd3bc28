"""strips"""

from itertools import groupby
from string import ascii_lowercase

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BATCH = 1000
LENGTH = 30


def upgrade() -> None:
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.add_column(sa.Column("strip", sa.String(length=LENGTH), nullable=True))
        batch_op.add_column(sa.Column("strip_day", sa.Integer(), nullable=True))
    fill(op.get_bind())


def downgrade() -> None:
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_column("strip_day")
        batch_op.drop_column("strip")


def fill(connection: sa.Connection) -> None:
    """Write the strip of every connection that had a run, ``BATCH`` of them at a time."""
    table = sa.table("connections", *(sa.column(name) for name in ("id", "strip", "strip_day")))
    names = ("connection_id", "day", "record_count", "failure_count")
    days = sa.table("sync_days", *(sa.column(name) for name in names))
    ids = sa.select(days.c.connection_id).distinct().order_by(days.c.connection_id).limit(BATCH)
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("key"))
        .values(strip=sa.bindparam("letters"), strip_day=sa.bindparam("last"))
    )
    last_id = 0
    while page := connection.execute(ids.where(days.c.connection_id > last_id)).scalars().all():
        rows = connection.execute(
            sa.select(days)
            .where(days.c.connection_id.between(page[0], page[-1]))
            .order_by(days.c.connection_id, days.c.day)
        )
        strips = [written(key, list(of_it)) for key, of_it in groupby(rows, lambda row: row.connection_id)]
        # SQLite runs in autocommit here: without this, each row would be a transaction of its own.
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(statement, strips)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
        last_id = page[-1]


def written(key: int, days: list[sa.Row]) -> dict[str, object]:
    """``dashboard.connections.strip.written`` as it was when this was written."""
    letters, last = [" "] * LENGTH, days[-1].day
    had = [row for row in days if row.day > last - LENGTH]
    best = max(row.record_count for row in had)
    for row in had:
        if row.record_count:
            letters[row.day - last - 1] = ascii_lowercase[-(-26 * row.record_count // best) - 1]
        else:
            letters[row.day - last - 1] = "!" if row.failure_count else "."
    return {"key": key, "letters": "".join(letters), "last": last}
