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


class OftenRow(NamedTuple):
    """How often something was done."""

    action: str
    number: int
    most: int
    """The most by one person."""


def often(actions: Collection[str], *, since: datetime, but_why: str) -> list[OftenRow]:
    """How often these things were done since a moment, each that was.

    One query, on ``ix_events_chain_action_seq``, which reads the events of these names only; or on
    ``ix_events_chain_at``, where PostgreSQL finds that little happened since.

    :param but_why: without those whose cause is this one.
    """
    at = microseconds(since)
    # Numbers follow time: what is younger than this one is younger than the moment.
    before = select(EventEntry.seq).where(EventEntry.chain == CHAIN, EventEntry.at < at)
    last_before = before.order_by(EventEntry.at.desc()).limit(1).scalar_subquery()
    by_one = (
        select(EventEntry.action, func.count().label("number"))
        .where(
            EventEntry.chain == CHAIN,
            EventEntry.action.in_(actions),
            EventEntry.seq > func.coalesce(last_before, 0),
            EventEntry.at >= at,
            EventEntry.why != but_why,
        )
        .group_by(EventEntry.action, EventEntry.act)
        .subquery()
    )
    statement = select(by_one.c.action, func.sum(by_one.c.number), func.max(by_one.c.number))
    return [OftenRow(row[0], int(row[1]), row[2]) for row in db.session.execute(statement.group_by(by_one.c.action))]


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
