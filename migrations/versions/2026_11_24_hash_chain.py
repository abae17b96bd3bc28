"""hash chain"""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WITH_ACCESS = sa.text("access IS NOT NULL")
ZEROS = bytes(32)

events = sa.table(
    "events",
    *(sa.column(name) for name in ("chain", "seq", "id", "at", "action", "outcome", "why", "sub", "act", "request")),
)
personal = sa.table("event_personal", *(sa.column(name) for name in ("chain", "seq", "text")))
parties = sa.table("parties", sa.column("ref"), sa.column("user_id"))
heads = sa.table("event_heads", *(sa.column(name) for name in ("chain", "seq", "hash", "base_seq", "base_hash")))
old = sa.table(
    "events_before",
    sa.column("id", INTEGER),
    sa.column("at", sa.DateTime(timezone=True)),
    *(
        sa.column(name)
        for name in ("action", "actor_id", "subject_id", "details", "request_id", "address", "user_agent")
    ),
)
# What is below the base was pruned, which is the only way to get rid of a row. An event that was pruned takes what is
# personal of it along; before that, what is personal can only be erased.
REFUSE_ON_POSTGRESQL = (
    """
    CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.seq <= (SELECT base_seq FROM event_heads WHERE chain = OLD.chain) THEN
                RETURN OLD;
            END IF;
        END IF;
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'event_personal' THEN
            IF (NEW.chain, NEW.seq) = (OLD.chain, OLD.seq) AND NEW.salt IS NULL AND NEW.text IS NULL THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '% on % is refused: the log is append-only', TG_OP, TG_TABLE_NAME;
    END
    $$
    """,
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION events_append_only()"
        for table in ("events", "event_personal")
    ),
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_append_only()"
        for table in ("events", "event_personal")
    ),
)
SQLITE_NO_DELETE = """
    CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
    WHEN OLD.seq > coalesce((SELECT base_seq FROM event_heads WHERE chain = OLD.chain), -9223372036854775808)
    BEGIN SELECT RAISE(ABORT, 'DELETE on {table} is refused: the log is append-only'); END
    """
REFUSE_ON_SQLITE = (
    """
    CREATE TRIGGER events_no_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'UPDATE on events is refused: the log is append-only'); END
    """,
    """
    CREATE TRIGGER event_personal_no_update BEFORE UPDATE ON event_personal
    WHEN NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq OR NEW.salt IS NOT NULL OR NEW.text IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'UPDATE on event_personal is refused: the log is append-only'); END
    """,
    *(SQLITE_NO_DELETE.format(table=table) for table in ("events", "event_personal")),
)


def upgrade() -> None:
    set_aside()
    create()
    carry_over()
    op.drop_table("events_before")
    for statement in REFUSE_ON_SQLITE if on_sqlite() else REFUSE_ON_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.create_table(
        "events_before",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("actor_id", INTEGER, nullable=True),
        sa.Column("subject_id", INTEGER, nullable=True),
        sa.Column("details", sa.Text(), server_default="{}", nullable=False),
        sa.Column("request_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("address", sa.String(length=45), server_default="", nullable=False),
        sa.Column("user_agent", sa.String(length=400), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_events_actor_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["subject_id"], ["users.id"], name=op.f("fk_events_subject_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_before")),
    )
    carry_back()
    for table in ("event_personal", "events", "event_heads", "parties"):
        op.drop_table(table)
    if not on_sqlite():
        op.execute("DROP FUNCTION events_append_only()")
    op.rename_table("events_before", "events")
    if not on_sqlite():
        op.execute("ALTER INDEX pk_events_before RENAME TO pk_events")
        op.execute("ALTER SEQUENCE events_before_id_seq RENAME TO events_id_seq")
    op.create_index(op.f("ix_events_actor_id"), "events", ["actor_id"], unique=False)
    op.create_index(op.f("ix_events_at"), "events", ["at"], unique=False)
    op.create_index(op.f("ix_events_subject_id_id"), "events", ["subject_id", "id"], unique=False)


def set_aside() -> None:
    """Make room for the new table; names of constraints and indexes count for all tables on PostgreSQL."""
    for name in ("ix_events_actor_id", "ix_events_at", "ix_events_subject_id_id"):
        op.drop_index(op.f(name), table_name="events")
    op.rename_table("events", "events_before")
    if not on_sqlite():
        op.execute("ALTER INDEX pk_events RENAME TO pk_events_before")


def create() -> None:
    op.create_table(
        "parties",
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("user_id", INTEGER, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_parties_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_parties")),
        sa.UniqueConstraint("user_id", name=op.f("uq_parties_user_id")),
    )
    op.create_table(
        "event_heads",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("base_seq", INTEGER, nullable=False),
        sa.Column("base_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_event_heads")),
    )
    op.create_table(
        "events",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("sub", sa.String(length=32), nullable=True),
        sa.Column("act", sa.String(length=32), nullable=True),
        sa.Column("access", INTEGER, nullable=True),
        sa.Column("object_kind", sa.String(length=40), nullable=True),
        sa.Column("object_id", sa.String(length=120), nullable=True),
        sa.Column("request", sa.String(length=40), nullable=False),
        sa.Column("session", INTEGER, nullable=True),
        sa.Column("personal", sa.LargeBinary(length=32), nullable=True),
        sa.Column("prev", sa.LargeBinary(length=32), nullable=True),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(seq > 0) = (hash IS NOT NULL)", name=op.f("ck_events_hashed")),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_events")),
        sa.UniqueConstraint("chain", "prev", name=op.f("uq_events_chain_prev")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_events_access_seq"),
            ["access", "seq"],
            unique=False,
            sqlite_where=WITH_ACCESS,
            postgresql_where=WITH_ACCESS,
        )
        batch_op.create_index(batch_op.f("ix_events_chain_act_seq"), ["chain", "act", "seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_chain_action_seq"), ["chain", "action", "seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_chain_at"), ["chain", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_chain_sub_seq"), ["chain", "sub", "seq"], unique=False)
    op.create_table(
        "event_personal",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["chain", "seq"], ["events.chain", "events.seq"], name=op.f("fk_event_personal_chain")),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_event_personal")),
    )


def carry_over() -> None:
    """Keep what happened before the chain under numbers up to 0, readable and unhashed: a hash made now would prove
    nothing. The chain itself begins at 1, with the first act that comes.
    """
    connection = op.get_bind()
    count = connection.execute(sa.select(sa.func.count()).select_from(old)).scalar_one()
    connection.execute(sa.insert(heads).values(chain=1, seq=0, hash=ZEROS, base_seq=-count, base_hash=ZEROS))
    refs: dict[int, str] = {}
    last_id, seq = 0, -count
    while page := connection.execute(sa.select(old).where(old.c.id > last_id).order_by(old.c.id).limit(BATCH)).all():
        people = {each for row in page for each in (row.actor_id, row.subject_id) if each is not None} - refs.keys()
        refs |= {user_id: secrets.token_hex(16) for user_id in sorted(people)}
        rows = [historic(row, seq + place, refs) for place, row in enumerate(page, 1)]
        with at_once(connection):
            if people:
                connection.execute(sa.insert(parties), [{"ref": refs[each], "user_id": each} for each in people])
            connection.execute(sa.insert(events), [event for event, _text in rows])
            texts = [{"chain": 1, "seq": event["seq"], "text": text} for event, text in rows]
            connection.execute(sa.insert(personal), texts)
        last_id, seq = page[-1].id, seq + len(page)


def historic(row: sa.Row, seq: int, refs: dict[int, str]) -> tuple[dict[str, object], str]:
    at = row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)
    text = {"address": row.address, "user_agent": row.user_agent, "details": json.loads(row.details)}
    event = {
        "chain": 1,
        "seq": seq,
        "id": secrets.token_hex(16),
        "at": (at - EPOCH) // timedelta(microseconds=1),
        "action": row.action,
        "outcome": "success",
        "why": "",
        "sub": refs.get(row.subject_id),
        "act": refs.get(row.actor_id) or (None if row.subject_id is None else "system"),
        "request": row.request_id,
    }
    return event, json.dumps(text, sort_keys=True, separators=(",", ":"))


def carry_back() -> None:
    """Keep what the older version can show: the events that are about somebody who is there, or about nobody."""
    connection = op.get_bind()
    people = {row.ref: row.user_id for row in connection.execute(sa.select(parties))}
    both = sa.and_(personal.c.chain == events.c.chain, personal.c.seq == events.c.seq)
    statement = sa.select(events, personal.c.text).outerjoin(personal, both).order_by(events.c.seq).limit(BATCH)
    last = None
    while page := connection.execute(statement if last is None else statement.where(events.c.seq > last)).all():
        rows = [older(row, people) for row in page if row.sub is None or people.get(row.sub)]
        if rows:
            with at_once(connection):
                connection.execute(sa.insert(old), rows)
        last = page[-1].seq


def older(row: sa.Row, people: dict[str, int | None]) -> dict[str, object]:
    text = json.loads(row.text or "{}")
    return {
        "at": EPOCH + timedelta(microseconds=row.at),
        "action": row.action,
        "actor_id": people.get(row.act),
        "subject_id": people.get(row.sub),
        "details": json.dumps(text.get("details", {}), ensure_ascii=False),
        "request_id": row.request,
        "address": text.get("address", ""),
        "user_agent": text.get("user_agent", ""),
    }


@contextmanager
def at_once(connection: sa.Connection) -> Iterator[None]:
    """SQLite runs in autocommit here: without this, each row would be a transaction of its own."""
    if not on_sqlite():
        yield
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
