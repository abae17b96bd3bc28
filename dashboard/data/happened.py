"""Reading the log: for the person it is about, for their download, and for the auditor."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from dashboard.data.db import db, in_thousands
from dashboard.data.events import CHAIN, EventEntry, EventPersonal, microseconds
from dashboard.data.parties import Party, ref_of
from dashboard.data.users import User

HOUR = 3_600_000_000
"""In microseconds, as the log counts."""
_BESIDE = and_(EventPersonal.chain == EventEntry.chain, EventPersonal.seq == EventEntry.seq)


class HappenedRow(NamedTuple):
    """An event as the activity page reads it."""

    seq: int
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
    text: str | None


class LoggedRow(NamedTuple):
    """An event as the auditor reads it."""

    seq: int
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
    text: str | None
    id: str
    session: int | None
    prev: bytes | None
    hash: bytes | None
    payload: bytes | None
    sub_id: int | None
    sub_name: str | None
    sub_issuer: str | None
    sub_subject: str | None
    act_id: int | None
    act_name: str | None
    act_issuer: str | None
    act_subject: str | None


class Filters(TypedDict, total=False):
    """What the auditor looks for. People by user id, or by the reference of one whose account is gone."""

    staff: int | str | None
    subject: int | str | None
    action: str | None
    access: int | None
    since: datetime | None
    until: datetime | None


_HAPPENED = select(
    *(getattr(EventEntry, name) for name in HappenedRow._fields[:-1]), EventPersonal.text
).outerjoin(EventPersonal, _BESIDE)  # fmt: skip


def happened(
    subject_id: int,
    *,
    actions: list[str] | None,
    folded: Collection[str] = (),
    hourly: Collection[str] = (),
    limit: int,
    offset: int,
) -> tuple[list[tuple[HappenedRow, int, str | None]], int]:
    """One page of a person's events, newest first, and how many there are. One query, on ``ix_events_chain_sub_seq``.

    With each event, how many it stands for, and the name of whoever did it, while they have an account.

    :param actions: only these. None: all.
    :param folded: these not, where they belong to a support access.
    :param hourly: of these one for each actor and hour, the newest.
    """
    numbers = _alike(hourly).where(*_about(subject_id))
    if actions is not None:
        numbers = numbers.where(EventEntry.action.in_(actions))
    if folded:
        numbers = numbers.where(or_(EventEntry.access.is_(None), EventEntry.action.not_in(folded)))
    newest = numbers.subquery()
    statement = (
        _HAPPENED.add_columns(newest.c.count, User.name, func.count().over())
        .join(newest, and_(EventEntry.chain == CHAIN, EventEntry.seq == newest.c.seq))
        .outerjoin(Party, Party.ref == EventEntry.act)
        .outerjoin(User, User.id == Party.user_id)
        .where(newest.c.nth == 1)
    )
    rows = db.session.execute(statement.order_by(EventEntry.seq.desc()).limit(limit).offset(offset)).all()
    return [(HappenedRow._make(row[:-3]), row[-3], row[-2]) for row in rows], rows[0][-1] if rows else 0


def _alike(hourly: Collection[str]) -> Select[int, int, int]:
    """The numbers of events; of those that are alike within an hour the newest is the first, with their count."""
    if not hourly:
        return select(EventEntry.seq, literal(1).label("nth"), literal(1).label("count"))
    within = case((EventEntry.action.in_(hourly), EventEntry.at // HOUR), else_=EventEntry.seq)
    alike = (EventEntry.action, EventEntry.act, within)
    nth = func.row_number().over(partition_by=alike, order_by=EventEntry.seq.desc())
    return select(EventEntry.seq, nth.label("nth"), func.count().over(partition_by=alike).label("count"))


_OF_MANY = {"seq": func.min(EventEntry.seq), "at": func.min(EventEntry.at), "request": literal("")}
_ALIKE = {name: getattr(EventEntry, name) for name in HappenedRow._fields[:-1] if name not in _OF_MANY}
_ALIKE["text"] = EventPersonal.text
_DURING = (
    select(*((_OF_MANY | _ALIKE)[name] for name in HappenedRow._fields), func.count())
    .select_from(EventEntry)
    .outerjoin(EventPersonal, _BESIDE)
    .group_by(*_ALIKE.values())
    .order_by(func.min(EventEntry.seq))
)


def during(access_ids: Collection[int], *, subject_id: int) -> list[tuple[HappenedRow, int]]:
    """What happened to a person during support accesses, the oldest first. One query, on ``ix_events_access_seq``.

    Events that say the same come as the first of them, with how many they are: a page that is reloaded a thousand times
    is one row.
    """
    statement = _DURING.where(EventEntry.access.in_(access_ids), *_about(subject_id))
    return [(HappenedRow._make(row[:-1]), row[-1]) for row in db.session.execute(statement)]


def everything_on(subject_id: int) -> Iterator[HappenedRow]:
    """All events of a person, for their download, a thousand at a time."""
    return (HappenedRow(**row) for row in in_thousands(_HAPPENED.where(*_about(subject_id)), EventEntry.seq))


def _about(subject_id: int) -> tuple[ColumnElement[bool], ...]:
    return EventEntry.chain == CHAIN, EventEntry.sub == ref_of(subject_id)


def newest(filters: Filters, *, limit: int, before_seq: int | None) -> list[LoggedRow]:
    """The newest events that pass, before the number that the page before ended with. One query, by an index."""
    statement = _filtered(filters)
    if before_seq is not None:
        statement = statement.where(EventEntry.seq < before_seq)
    return _logged(statement.order_by(EventEntry.seq.desc()).limit(limit), newest_first=True)


def next_ones(filters: Filters, *, after_seq: int | None, up_to_seq: int, limit: int) -> list[LoggedRow]:
    """The oldest events that pass, after the number that the batch before ended with, up to one that is fixed."""
    statement = _filtered(filters).where(EventEntry.seq <= up_to_seq)
    if after_seq is not None:
        statement = statement.where(EventEntry.seq > after_seq)
    return _logged(statement.order_by(EventEntry.seq).limit(limit), newest_first=False)


def _filtered(filters: Filters) -> Select[Any]:
    """The numbers alone: what is shown of them is joined to a page's few, not to all that there are."""
    statement = select(EventEntry.seq).where(EventEntry.chain == CHAIN)
    if (staff := filters.get("staff")) is not None:
        statement = statement.where(EventEntry.act == _ref(staff))
    if (subject := filters.get("subject")) is not None:
        statement = statement.where(EventEntry.sub == _ref(subject))
    if (action := filters.get("action")) is not None:
        statement = statement.where(EventEntry.action == action)
    if (access := filters.get("access")) is not None:
        statement = statement.where(EventEntry.access == access)
    if (since := filters.get("since")) is not None:
        statement = statement.where(EventEntry.at >= microseconds(since))
    if (until := filters.get("until")) is not None:
        statement = statement.where(EventEntry.at < microseconds(until))
    return statement


def _logged(numbers: Select[Any], *, newest_first: bool) -> list[LoggedRow]:
    page = numbers.subquery()
    sub, act, subject, actor = aliased(Party), aliased(Party), aliased(User), aliased(User)
    columns: list[Any] = [getattr(EventEntry, name) for name in LoggedRow._fields[:11]]
    columns += [EventPersonal.text, *(getattr(EventEntry, name) for name in LoggedRow._fields[12:17])]
    for party, user in ((sub, subject), (act, actor)):
        columns += [party.user_id, func.coalesce(user.name, party.name), user.issuer, user.subject]
    statement = (
        select(*columns)
        .join(page, and_(EventEntry.chain == CHAIN, EventEntry.seq == page.c.seq))
        .outerjoin(EventPersonal, _BESIDE)
        .outerjoin(sub, sub.ref == EventEntry.sub)
        .outerjoin(subject, subject.id == sub.user_id)
        .outerjoin(act, act.ref == EventEntry.act)
        .outerjoin(actor, actor.id == act.user_id)
        .order_by(EventEntry.seq.desc() if newest_first else EventEntry.seq)
    )
    return [LoggedRow._make(row) for row in db.session.execute(statement)]


def _ref(person: int | str) -> Any:
    return ref_of(person) if isinstance(person, int) else person
