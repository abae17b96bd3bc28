"""search keys"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BATCH = 1000
BETWEEN_WORDS = re.compile(r"[\s.,;:_+/|\\()\[\]<>\"„“”«»'‘’ʼ`´*%&#!?=~‐‑‒–—-]+")


def upgrade() -> None:
    key = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
    person_keys = op.create_table(
        "person_keys",
        sa.Column("key", key, nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_person_keys_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "user_id", name=op.f("pk_person_keys")),
        sqlite_with_rowid=False,
    )
    fill(op.get_bind(), person_keys)
    # After the rows: an index is built faster than it grows.
    op.create_index(op.f("ix_person_keys_user_id_key"), "person_keys", ["user_id", "key"], unique=False)
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_connections_account_key"))
        batch_op.create_index(
            batch_op.f("ix_connections_account_key_user_id"), ["account_key", "user_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_connections_account_key_user_id"))
        batch_op.create_index(batch_op.f("ix_connections_account_key"), ["account_key"], unique=False)

    op.drop_index(op.f("ix_person_keys_user_id_key"), table_name="person_keys")
    op.drop_table("person_keys")


def fill(connection: sa.Connection, person_keys: sa.Table) -> None:
    """Make everybody findable who is here already, ``BATCH`` people at a time. Later logins keep the keys up to date."""
    users = sa.table("users", *(sa.column(name) for name in ("id", "name", "email", "username")))
    people = sa.select(users).order_by(users.c.id).limit(BATCH)
    last_id = 0
    while page := connection.execute(people.where(users.c.id > last_id)).all():
        # SQLite runs in autocommit here: without this, each row would be a transaction of its own.
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        rows = [{"key": key, "user_id": row.id} for row in page for key in keys(row.name, row.email, row.username)]
        if rows:
            connection.execute(sa.insert(person_keys), rows)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
        last_id = page[-1].id


def keys(*texts: str) -> set[str]:
    """``dashboard.data.people_search.person_keys`` as it was when this was written."""
    found = set()
    for part in (part for text in texts for part in fold(text).split()):
        if "@" in part:
            found.add(part)
        found.update(word for word in BETWEEN_WORDS.split(part.partition("@")[0]) if word)
    return found


def fold(text: str) -> str:
    shown = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", shown).casefold())[:200].strip()
