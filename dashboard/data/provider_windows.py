"""How much of each provider's rate limit all workers together have used."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.db import Model, UTCDateTime


class ProviderWindow(Model):
    """One window of a provider's rate limit."""

    __tablename__ = "provider_windows"

    type: Mapped[str] = mapped_column(String(40), primary_key=True)
    seconds: Mapped[int] = mapped_column(primary_key=True)
    """The length of the window. 0: no window, only ``blocked_until``."""
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used: Mapped[int] = mapped_column(default=0, server_default="0")
    """Requests since then."""
    blocked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The provider asked all of us to wait until then. NULL: it did not."""
