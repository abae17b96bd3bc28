"""The hash chain in the database: taking turns at its head, appending, reading all of it, and cutting off its front."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Table, and_, delete, func, insert, literal, select, text, type_coerce, update
from sqlalchemy.types import NullType

from dashboard.data.clock import database_now
from dashboard.data.db import changed, db
from dashboard.data.events import CHAIN, EventEntry, EventHead, EventPersonal

PAGE = 1000


class Head(NamedTuple):
    """Where the chain stands, by the database's clock."""

    seq: int
    hash: bytes
    base_seq: int
    base_hash: bytes
    now: datetime


class SealedRow(NamedTuple):
    """An event with all that is to be proved of it."""

    seq: int
    id: str
    at: int
    action: str
    outcome: str
    why: str
    sub: str | None
    act: str | None
    access: int | None
    object_kind: str | None
    object_id: str | None
    request: str
    session: int | None
    personal: bytes | None
    prev: bytes | None
    hash: bytes | None
    payload: bytes | None
    beside: int | None
    """Its number in the table of what is personal. None: its row there is missing."""
    salt: bytes | None
    text: str | None


def _stored(column: Any) -> Any:
    """A column as the driver hands it out: what was tampered with may be of another type, and is to be seen so."""
    return type_coerce(column, NullType())


_HEAD = select(
    EventHead.seq, _stored(EventHead.hash), EventHead.base_seq, _stored(EventHead.base_hash), database_now()
).where(EventHead.chain == CHAIN)  # fmt: skip
_SEALED = (
    select(
        *(_stored(getattr(EventEntry, name)) for name in SealedRow._fields[:17]),
        EventPersonal.seq,
        _stored(EventPersonal.salt),
        _stored(EventPersonal.text),
    )
    .outerjoin(EventPersonal, and_(EventPersonal.chain == EventEntry.chain, EventPersonal.seq == EventEntry.seq))
    .where(EventEntry.chain == CHAIN)
    .order_by(EventEntry.seq)
)


def head() -> Head:
    """Where the chain stands. One query."""
    return Head._make(db.session.execute(_HEAD).one())


def last_seq() -> int | None:
    """The number of the last event, as the head has it. None: the head is gone, which is nothing of our doing."""
    return db.session.execute(select(EventHead.seq).where(EventHead.chain == CHAIN)).scalar_one_or_none()


_HOLD = _HEAD.with_for_update(of=EventHead)
_ADD = insert(cast(Table, EventEntry.__table__))
_ADD_PERSONAL = insert(cast(Table, EventPersonal.__table__))
_MOVE = update(cast(Table, EventHead.__table__)).where(EventHead.chain == CHAIN)


def hold_head() -> Head:
    """The same, and no other writer gets on until this transaction ends: take it last, and commit at once."""
    return Head._make(db.session.connection().execute(_HOLD).one())


def append(entries: Sequence[Mapping[str, Any]], personal: Sequence[Mapping[str, Any]]) -> None:
    """Add events, in order, and move the head to the last. Under :func:`hold_head` only, so it has no time to lose."""
    connection = db.session.connection()
    connection.execute(_ADD, [{"chain": CHAIN, **each} for each in entries])
    connection.execute(_ADD_PERSONAL, [{"chain": CHAIN, **each} for each in personal])
    connection.execute(_MOVE, {name: entries[-1][name] for name in ("seq", "hash")})


def erase_personal(sub: str) -> int:
    """Erase what all events about somebody hold on people; of how many it was."""
    about = select(EventEntry.seq).where(EventEntry.chain == CHAIN, EventEntry.sub == sub)
    statement = update(EventPersonal).where(EventPersonal.chain == CHAIN, EventPersonal.seq.in_(about))
    return changed(statement.values(salt=None, text=None))


def personal_of(actions: Collection[str]) -> Iterator[tuple[int, str]]:
    """The number and the personal part of all events of these names, as far as it is not erased."""
    statement = (
        select(EventEntry.seq, EventPersonal.text)
        .join(EventPersonal, and_(EventPersonal.chain == EventEntry.chain, EventPersonal.seq == EventEntry.seq))
        .where(EventEntry.chain == CHAIN, EventEntry.action.in_(actions), EventPersonal.text.is_not(None))
        .order_by(EventEntry.seq)
        .execution_options(yield_per=PAGE)
    )
    for seq, personal in db.session.execute(statement):
        if personal is not None:
            yield seq, personal


def erase_personal_of(seqs: Sequence[int]) -> None:
    """Erase what these events hold on people."""
    for start in range(0, len(seqs), PAGE):
        these = EventPersonal.seq.in_(seqs[start : start + PAGE])
        db.session.execute(
            update(EventPersonal).where(EventPersonal.chain == CHAIN, these).values(salt=None, text=None)
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The chain as of one moment: whatever is written meanwhile is not in it."""

    head: Head
    _connection: Connection

    @contextmanager
    def rows(self, *, after: int, action: str | None = None, most: int | None = None) -> Iterator[Iterator[SealedRow]]:
        """The rows after a number, in order, a thousand of them in memory at a time.

        :param action: those of this name only, by ``ix_events_chain_action_seq``.
        :param most: so many at most.
        """
        statement = _SEALED.where(EventEntry.seq > after).limit(most).execution_options(yield_per=PAGE)
        if action is not None:
            statement = statement.where(EventEntry.action == action)
        with closing(self._connection.execute(statement)) as rows:
            yield map(SealedRow._make, rows)


@contextmanager
def snapshot() -> Iterator[Snapshot | None]:
    """The chain as of now, for reading all of it. None: its head is gone, which is nothing of our doing."""
    with _reading() as connection:
        row = connection.execute(_HEAD).one_or_none()
        yield Snapshot(Head._make(row), connection) if row else None


@contextmanager
def _reading() -> Iterator[Connection]:
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            connection.execute(text("BEGIN"))
            try:
                yield connection
            finally:
                connection.execute(text("ROLLBACK"))
        return
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with db.engine.connect().execution_options(**options) as connection:
        yield connection


def last_before(at: int) -> int | None:
    """The number of the last event before the first one that is not older than a moment. None: all are younger."""
    young = select(func.min(EventEntry.seq)).where(EventEntry.chain == CHAIN, EventEntry.at >= at)
    first_young = db.session.execute(young).scalar_one()
    older = select(func.max(EventEntry.seq)).where(EventEntry.chain == CHAIN)
    if first_young is not None:
        older = older.where(EventEntry.seq < first_young)
    found: int | None = db.session.execute(older).scalar_one()
    return found


def hash_at(seq: int) -> bytes | None:
    """The hash of one event. None: it is older than the chain, or not there."""
    statement = select(EventEntry.hash).where(EventEntry.chain == CHAIN, EventEntry.seq == seq)
    return db.session.execute(statement).scalar_one_or_none()


def raise_base(seq: int, hash: bytes, *, proved: int) -> bool:
    """Let the chain begin after this event. False: its base is not the ``proved`` one any more; nothing was changed."""
    statement = update(EventHead).where(EventHead.chain == CHAIN, EventHead.base_seq == proved)
    return bool(changed(statement.values(base_seq=seq, base_hash=hash)))


def remove_below_base(limit: int) -> int:
    """Remove the oldest events that the base has left behind; how many, at most ``limit``. Nothing else lets itself."""
    base = select(EventHead.base_seq).where(EventHead.chain == CHAIN).scalar_subquery()
    oldest = select(EventEntry.seq).where(EventEntry.chain == CHAIN, EventEntry.seq <= base)
    found = list(db.session.execute(oldest.order_by(EventEntry.seq).limit(limit)).scalars())
    if found:
        for table in (EventPersonal, EventEntry):
            db.session.execute(delete(table).where(table.chain == CHAIN, table.seq <= literal(found[-1])))
    return len(found)
