"""What is due by the clock, whoever keeps it: one row a chore, claimed by one conditional write."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.db import Model, UTCDateTime


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
