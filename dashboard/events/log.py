"""Writing what happened, and reading it for the person whom it is about."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from dashboard.data import happened as data
from dashboard.data.db import collected
from dashboard.data.events import moment
from dashboard.events.names import Event, Outcome
from dashboard.events.payload import canonical
from dashboard.events.sealing import SYSTEM, Entry, Sealing
from dashboard.who import Who

USER_AGENT_LENGTH = 400
Detail = str | int | bool


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as a page tells it. ``event`` is None for a name that this version does not know."""

    id: int
    at: datetime
    event: Event | None
    by_subject: bool
    details: dict[str, Detail]
    address: str
    user_agent: str
    by_staff: bool = False
    """Another person did it; neither that nor ``by_subject``: the system did."""
    access_id: int | None = None
    """The support access during which it happened."""
    outcome: str = Outcome.SUCCESS
    why: str = ""
    on: tuple[str, str] | None = None
    """What was looked at or acted on: its kind and its id."""
    count: int = 1
    """How many times, where events that say the same are read as one."""
    actor_name: str = ""
    """Who of the staff it was. Empty: nobody of them, not asked for, or their account is gone."""


def record(
    event: Event,
    by: Who,
    *,
    about_account: bool = True,
    outcome: Outcome = Outcome.SUCCESS,
    why: str = "",
    on: tuple[str, str | int] | None = None,
    **details: Detail,
) -> None:
    """Write what happened, inside the transaction of the act itself: both are there, or neither.

    It is sealed at the end of the transaction. Address, browser and details can be erased later; all else stays.

    :param about_account: False names nobody, for what outlives the account, as its own deletion.
    :param why: the cause as a code of at most 40 letters, such as ``expired``. Never free text.
    :param on: what was looked at or acted on, kind and id, as ``("page", "connections.index")``. As it can't be erased,
        never what leads to a person: a connection goes into the details.
    :param details: what the sentence on the activity page needs, and whatever names people; never a secret.
    :raises RuntimeError: no transaction is open.
    """
    sealing, origin = collected(Sealing), by.origin
    if wrong := [name for name, value in details.items() if not isinstance(value, Detail)]:
        raise TypeError(f"details are text, whole numbers or yes and no: {wrong}")
    told = {name: _writable(value) for name, value in details.items()}
    agent = _writable(origin.user_agent[:USER_AGENT_LENGTH])
    personal = {"address": origin.address, "user_agent": agent, "details": told}
    sealing.add(
        Entry(
            event,
            sub=sealing.ref(by.subject_id) if about_account else None,
            act=_actor(sealing, by) if about_account else None,
            text=canonical(personal),
            outcome=outcome,
            why=why,
            access=by.access_id,
            on=(on[0], str(on[1])) if on else None,
            request=origin.request_id,
            session=origin.session_id,
        )
    )


def _writable(value: Detail) -> Detail:
    """Without half characters, which no page and no file could hold."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _actor(sealing: Sealing, by: Who) -> str | None:
    return SYSTEM if by.actor_id is None else sealing.ref(by.actor_id)


def activity(
    subject_id: int,
    *,
    only: Collection[Event] | None = None,
    folded: Collection[Event] = (),
    hourly: Collection[Event] = (),
    limit: int,
    offset: int = 0,
) -> tuple[list[Happened], int]:
    """One page of what happened to a person's account, newest first, and how much there is in all.

    :param only: only these events. None: all.
    :param folded: these not, where they belong to a support access: :func:`during` has them.
    :param hourly: of these one for each actor and hour, the newest, with their ``count``.
    """
    actions = None if only is None else [event.value for event in only]
    rows, total = data.happened(
        subject_id,
        actions=actions,
        folded=[event.value for event in folded],
        hourly=[event.value for event in hourly],
        limit=limit,
        offset=offset,
    )
    return [_told(row, count, name) for row, count, name in rows], total


def during(access_ids: Collection[int], *, subject_id: int) -> dict[int, list[Happened]]:
    """What happened to a person during support accesses, by the access's id, the oldest first. One query.

    Events that say the same are one, with their ``count``.
    """
    found: dict[int, list[Happened]] = {each: [] for each in access_ids}
    for row, count in data.during(access_ids, subject_id=subject_id) if access_ids else ():
        assert row.access is not None
        found[row.access].append(_told(row, count))
    return found


def everything_on(subject_id: int) -> Iterator[dict[str, Any]]:
    """All that happened to a person, for their download, the oldest first."""
    for row in data.everything_on(subject_id):
        told = _told(row)
        yield {
            "at": told.at,
            "action": row.action,
            "by": "you" if told.by_subject else "support" if told.by_staff else "the operator",
            "outcome": told.outcome,
            "why": told.why,
            "details": told.details,
            # Where a member of staff sits, and at what, is theirs.
            "address": "" if told.by_staff else told.address,
            "user_agent": "" if told.by_staff else told.user_agent,
            "request_id": row.request,
        }


def _told(row: data.HappenedRow, count: int = 1, actor_name: str | None = None) -> Happened:
    known = row.action in Event.__members__.values()
    by_staff = row.act not in {row.sub, SYSTEM, None}
    personal = orjson.loads(row.text) if row.text else {}
    return Happened(
        id=row.seq,
        at=moment(row.at),
        event=Event(row.action) if known else None,
        by_subject=row.act == row.sub,
        details=personal.get("details", {}),
        address=personal.get("address", ""),
        user_agent=personal.get("user_agent", ""),
        by_staff=by_staff,
        access_id=row.access,
        outcome=row.outcome,
        why=row.why,
        on=(row.object_kind, row.object_id) if row.object_kind and row.object_id else None,
        count=count,
        actor_name=(actor_name or "") if by_staff else "",
    )
