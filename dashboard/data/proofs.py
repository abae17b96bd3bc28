"""How far the log was proved, and what was found wrong: where the next check goes on, and what the operator is told.

It is no proof itself. Whoever can change the log could change it here; checkpoints kept outside show that.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.db import Id, Model, UTCDateTime, db, inserting
from dashboard.data.events import CHAIN, HASH_BYTES


class EventProof(Model):
    """The last check of a chain."""

    __tablename__ = "event_proofs"

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Id)
    """Up to this event all were proved. 0: none yet."""
    hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES))
    """Its hash; all zeros where there is none yet."""
    checked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When it was looked at last, however that went."""
    broken_seq: Mapped[int | None] = mapped_column(Id)
    """The first event that was found wrong. NULL: none."""
    broken_check: Mapped[str | None] = mapped_column(String(20))
    """What is wrong with it, a word of ``dashboard.events.proof.Check``. NULL: nothing."""


class ProofRow(NamedTuple):
    """How the last check of the chain went."""

    seq: int
    hash: bytes
    checked_at: datetime
    broken_seq: int | None
    broken_check: str | None


_LAST = select(*(getattr(EventProof, name) for name in ProofRow._fields)).where(EventProof.chain == CHAIN)


def last() -> ProofRow | None:
    """The last check of the chain. None: there was none. One query, by primary key."""
    row = db.session.execute(_LAST).one_or_none()
    return ProofRow._make(row) if row else None


def hold_last() -> ProofRow | None:
    """The same, and nobody else writes how a check went until this transaction ends."""
    row = db.session.execute(_LAST.with_for_update()).one_or_none()
    return ProofRow._make(row) if row else None


def keep(row: ProofRow) -> None:
    """Write how a check went, in the place of the one before."""
    outcome = row._asdict()
    statement = inserting(EventProof).values(chain=CHAIN, **outcome)
    db.session.execute(statement.on_conflict_do_update(index_elements=["chain"], set_=outcome))
