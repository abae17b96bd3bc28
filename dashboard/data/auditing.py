"""What the auditor's first page counts, and the reasons of the looks it lists. All from the log, which is never cut."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select

from dashboard.data.db import db
from dashboard.data.events import CHAIN, EventEntry, EventPersonal, microseconds
from dashboard.data.parties import Party
from dashboard.data.users import User


class BusyRow(NamedTuple):
    """How many looks a member of staff has begun."""

    user_id: int | None
    """None: their account is gone."""
    name: str | None
    last_hour: int
    last_day: int


def busiest(action: str, *, hour_ago: datetime, day_ago: datetime, limit: int) -> list[BusyRow]:
    """Who has done something most often since a day ago, most first. One query, on ``ix_events_chain_at``."""
    in_hour = func.sum(case((EventEntry.at >= microseconds(hour_ago), 1), else_=0))
    counted = (
        select(EventEntry.act, in_hour.label("last_hour"), func.count().label("last_day"))
        .where(EventEntry.chain == CHAIN, EventEntry.at >= microseconds(day_ago), EventEntry.action == action)
        .group_by(EventEntry.act)
        .order_by(func.count().desc(), EventEntry.act)
        .limit(limit)
        .subquery()
    )
    statement = (
        select(Party.user_id, func.coalesce(User.name, Party.name), counted.c.last_hour, counted.c.last_day)
        .select_from(counted)
        .outerjoin(Party, Party.ref == counted.c.act)
        .outerjoin(User, User.id == Party.user_id)
        .order_by(counted.c.last_day.desc(), counted.c.act)
    )
    return [BusyRow(*row) for row in db.session.execute(statement)]


def personal_of(action: str, access_ids: Collection[int]) -> dict[int, str | None]:
    """The erasable part of the event that began each of these accesses. One query, on ``ix_events_access_seq``.

    None: it was erased. Missing: it was pruned.
    """
    statement = (
        select(EventEntry.access, EventPersonal.text)
        .outerjoin(EventPersonal, (EventPersonal.chain == EventEntry.chain) & (EventPersonal.seq == EventEntry.seq))
        .where(EventEntry.access.in_(access_ids), EventEntry.chain == CHAIN, EventEntry.action == action)
    )
    return {access: text for access, text in db.session.execute(statement) if access is not None}
