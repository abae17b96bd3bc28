"""How much of each provider's rate limit all workers together have used."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import String, and_, case, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.db import Model, UTCDateTime, changed, db, inserting

BLOCK = 0
"""The ``seconds`` of the row that says how long a provider asked us to wait."""
START = datetime(2000, 1, 1, tzinfo=UTC)


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


def blocked_until(type: str, *, now: datetime) -> datetime | None:
    """Until when a provider asked us to wait. None: it does not. One query, by primary key."""
    statement = select(ProviderWindow.blocked_until).where(
        ProviderWindow.type == type, ProviderWindow.seconds == BLOCK, ProviderWindow.blocked_until > now
    )
    return db.session.execute(statement).scalar_one_or_none()


def spent(type: str, *, limits: Mapping[int, int], now: datetime) -> list[int]:
    """The lengths in seconds of those windows of a type of which no request is left now. One query, by primary key.

    :param limits: the length of each window in seconds, and how many requests it allows.
    """
    statement = select(ProviderWindow.seconds, ProviderWindow.started_at, ProviderWindow.used)
    rows = db.session.execute(statement.where(ProviderWindow.type == type, ProviderWindow.seconds.in_(limits)))
    return [row[0] for row in rows if row[1] == window_start(now, row[0]) and row[2] >= limits[row[0]]]


def blocked(types: Collection[str], *, now: datetime) -> dict[str, datetime]:
    """Which of these providers asked us to wait, and until when. One query, by primary keys."""
    statement = select(ProviderWindow.type, ProviderWindow.blocked_until).where(
        ProviderWindow.type.in_(types), ProviderWindow.seconds == BLOCK, ProviderWindow.blocked_until > now
    )
    return {type: until for type, until in db.session.execute(statement) if until is not None}


def block(type: str, *, until: datetime, now: datetime) -> None:
    """Let nobody ask a provider until then. The longest wait counts."""
    row = {"type": type, "seconds": BLOCK, "started_at": now, "used": 0, "blocked_until": until}
    statement = inserting(ProviderWindow).values(row)
    longer = or_(ProviderWindow.blocked_until.is_(None), ProviderWindow.blocked_until < until)
    keep_longest = case((longer, statement.excluded.blocked_until), else_=ProviderWindow.blocked_until)
    key = ["type", "seconds"]
    db.session.execute(statement.on_conflict_do_update(index_elements=key, set_={"blocked_until": keep_longest}))


def spend(type: str, *, seconds: int, requests: int, now: datetime) -> bool:
    """Use one request of a window. False: it is used up.

    Windows begin on the full quarter, hour and day, as those of the providers do that say when theirs begin. One that
    is yet to begin was begun by a clock that was ahead, and is over too.
    """
    start = window_start(now, seconds)
    row = {"type": type, "seconds": seconds, "started_at": start, "used": 0}
    db.session.execute(inserting(ProviderWindow).values(row).on_conflict_do_nothing())
    over = ProviderWindow.started_at != start
    statement = update(ProviderWindow).where(
        and_(ProviderWindow.type == type, ProviderWindow.seconds == seconds), or_(over, ProviderWindow.used < requests)
    )
    used = case((over, 1), else_=ProviderWindow.used + 1)
    begun = case((over, start), else_=ProviderWindow.started_at)
    return bool(changed(statement.values(used=used, started_at=begun)))


def window_start(now: datetime, seconds: int) -> datetime:
    """When the window that a moment is in began."""
    return now - (now - START) % timedelta(seconds=seconds)


def window_end(now: datetime, seconds: int) -> datetime:
    """When the next window begins."""
    return window_start(now, seconds) + timedelta(seconds=seconds)
