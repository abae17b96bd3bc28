"""What is due by the clock, whoever keeps it: one row a chore, claimed by one conditional write."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Index, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.db import Model, UTCDateTime, changed, db, inserting
from dashboard.data.leases import NOBODY, Lease, free


class Chore(Model):
    """One thing that is done again and again, once for all processes."""

    __tablename__ = "chores"
    __table_args__ = (Index(None, "due_at"),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_key: Mapped[str | None] = mapped_column(String(32))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The last time it ended well. NULL: never."""
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The last time it did not. NULL: never."""


class ChoreRow(NamedTuple):
    """How a chore stands."""

    name: str
    due_at: datetime
    done_at: datetime | None
    failed_at: datetime | None

    @property
    def failed(self) -> bool:
        """Whether its last turn did not end well."""
        return self.failed_at is not None and (self.done_at is None or self.failed_at > self.done_at)


def add(dues: Mapping[str, datetime]) -> None:
    """Store chores with the moment they are first due. Those that are stored already stay as they are."""
    db.session.execute(
        inserting(Chore).on_conflict_do_nothing(), [{"name": name, "due_at": at} for name, at in dues.items()]
    )


def all_chores() -> list[ChoreRow]:
    """Every chore that was ever stored, by name."""
    statement = select(*(getattr(Chore, name) for name in ChoreRow._fields)).order_by(Chore.name)
    return [ChoreRow(*row) for row in db.session.execute(statement)]


def due(*, now: datetime) -> list[str]:
    """The names of chores that are due and that nobody is at, the oldest first. One query, on ``ix_chores_due_at``."""
    statement = select(Chore.name).where(Chore.due_at <= now, free(Chore, now)).order_by(Chore.due_at)
    return list(db.session.execute(statement).scalars())


def take(name: str, *, lease: Lease, now: datetime) -> bool:
    """Take a due chore. Of several callers at once, one gets True."""
    statement = update(Chore).where(Chore.name == name, Chore.due_at <= now, free(Chore, now))
    return bool(changed(statement.values(lease_until=lease.until, lease_key=lease.key)))


def finish(name: str, *, key: str, **outcome: Any) -> bool:
    """Write how it ended and let go. False: the lease ran out, and somebody else has taken it since."""
    statement = update(Chore).where(Chore.name == name, Chore.lease_key == key)
    return bool(changed(statement.values(**NOBODY, **outcome)))
