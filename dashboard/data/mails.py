"""Mails that are to be sent, and those that were."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.connections import Connection
from dashboard.data.db import Id, Model, UTCDateTime
from dashboard.data.users import User


class Mail(Model):
    """One mail, queued in the transaction of what it tells."""

    __tablename__ = "mails"
    __table_args__ = (Index(None, "due_at"), Index(None, "user_id", "queued_at"), Index(None, "connection_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"))
    """Whom it goes to, at the address they have when it is sent."""
    connection_id: Mapped[int | None] = mapped_column(Id, ForeignKey(Connection.id, ondelete="CASCADE"))
    """The connection it is about. NULL: about none."""
    name: Mapped[str] = mapped_column(String(40))
    """Which mail it is: the function in ``dashboard/mail/`` that writes it."""
    details: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    """What that function needs, as JSON."""
    queued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When to try next. NULL: it is over."""
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """NULL: it was not, or is not needed any more."""
    failure_count: Mapped[int] = mapped_column(default=0, server_default="0")
    failure_code: Mapped[str | None] = mapped_column(String(60))
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_key: Mapped[str | None] = mapped_column(String(32))
