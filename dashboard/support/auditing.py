"""The auditor's view of the log: filtered, page by page, and as files. Reading it is on the record like all else."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from dashboard.data import auditing as data
from dashboard.data import chain, clock, transaction
from dashboard.data.auditing import BusyRow
from dashboard.data.chain import Head
from dashboard.events import Event, checkpoint, export, reading, record
from dashboard.events.reading import Filters, Logged, Party
from dashboard.events.sealing import SYSTEM
from dashboard.support import search
from dashboard.support.search import LARGEST_ID, FoundPerson
from dashboard.support.staff import require_admin
from dashboard.who import Who

__all__ = ["Asked", "BusyRow", "Head", "LogPage", "Logged", "Party", "Reason", "export_lines", "read"]
PAGE_SIZE, CHOICES, BUSIEST = 50, 6, 5
REFERENCE = re.compile(r"[0-9a-f]{32}")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the auditor asks for. ``staff`` and ``person`` as typed: an id, a mail address, a name, or a reference."""

    staff: str = ""
    person: str = ""
    action: Event | None = None
    access: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Not included."""

    @property
    def narrowed(self) -> bool:
        """Whether a filter is set."""
        return self != Asked()


@dataclass(frozen=True, slots=True)
class Named:
    """What a typed name came to: one person, or the people that it may mean."""

    key: int | str | None = None
    """The user id, or the log's reference. None: nobody was named, or it is not clear who."""
    people: list[FoundPerson] = field(default_factory=list)
    unclear: bool = False
    """Something was typed, and it means nobody or several: then nothing is listed."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an access was begun. Erased with the person: both are None."""

    reason: str | None
    ticket: str | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of the log."""

    events: list[Logged]
    older: int | None
    """The number before which the next page begins. None: this is the last."""
    staff: Named
    person: Named
    reasons: dict[int, Reason]
    busiest: list[BusyRow]
    """The looks begun in the last hour and day, by the staff with the most. Only on the first page, unfiltered."""
    head: Head


def read(asked: Asked, *, by: Who, before: int | None = None) -> LogPage:
    """One page of the log, newest first. As many queries for a million events as for ten.

    :param before: the page before ended with this number.
    :raises NotStaff: the actor is no administrator now.
    """
    require_admin(by)
    staff, person = _named(asked.staff, by), _named(asked.person, by)
    with transaction():
        record(Event.LOG_READ, _own(by), **_as_details(asked, [*staff.people, *person.people], before=before))
    found: list[Logged] = []
    if not (staff.unclear or person.unclear):
        found = reading.search(limit=PAGE_SIZE + 1, before_seq=before, **_filters(asked, staff, person))
    events = found[:PAGE_SIZE]
    return LogPage(
        events=events,
        older=events[-1].seq if len(found) > PAGE_SIZE else None,
        staff=staff,
        person=person,
        reasons=_reasons({each.access for each in events if each.access is not None}),
        busiest=[] if before or asked.narrowed else _busiest(),
        head=chain.head(),
    )


def export_lines(asked: Asked, form: str, *, by: Who, webhook: str) -> Iterator[str]:
    """All events that pass, oldest first, as lines of a file: ``csv``, or ``jsonl``. A few hundred are in memory.

    That it was taken, and with which filter, is an event, and the last one in the file. The outside gets a checkpoint,
    so that the file can be held against the chain later.

    :raises NotStaff: the actor is no administrator now.
    """
    require_admin(by)
    staff, person = _named(asked.staff, by), _named(asked.person, by)
    with transaction():
        record(Event.LOG_EXPORTED, _own(by), **_as_details(asked, [*staff.people, *person.people]), form=form)
    try:
        checkpoint.checkpoint(webhook=webhook)
    except checkpoint.NotDelivered as error:
        log.warning("an export goes on without its checkpoint outside: %s", error)
    filters = _filters(asked, staff, person)
    events = iter(()) if staff.unclear or person.unclear else reading.stream(**filters)
    return export.csv_lines(events) if form == "csv" else export.json_lines(events)


def _own(by: Who) -> Who:
    """Of the auditor alone, whoever's eyes they look through: the log is about nobody."""
    assert by.actor_id is not None  # an administrator was asked for
    return Who(by.actor_id, by.actor_id, by.origin)


def _named(typed: str, by: Who) -> Named:
    """Whom the auditor means."""
    if not typed:
        return Named()
    if typed == SYSTEM or REFERENCE.fullmatch(typed):
        return Named(typed)
    if typed.isascii() and typed.isdigit() and int(typed) <= LARGEST_ID:
        return Named(int(typed))
    found = search.find(typed, by=by, limit=CHOICES).people
    if len(found) == 1:
        return Named(found[0].user_id, found)
    return Named(None, found, unclear=True)


def _filters(asked: Asked, staff: Named, person: Named) -> Filters:
    return {
        "staff": staff.key,
        "subject": person.key,
        "action": asked.action,
        "access": asked.access,
        "since": asked.since,
        "until": asked.until,
    }


def _as_details(asked: Asked, people: list[FoundPerson], *, before: int | None = None) -> dict[str, Any]:
    """What was asked for, as far as something was, and whom the names in it led to."""
    times = {name: at.isoformat() for name in ("since", "until") if (at := getattr(asked, name))}
    said = {"staff": asked.staff, "person": asked.person, "found": search.ids(people)}
    said |= {"action": asked.action or "", **times}
    numbers = {"of_access": asked.access, "before": before}
    found: dict[str, Any] = {name: str(value) for name, value in said.items() if value}
    return found | {name: value for name, value in numbers.items() if value is not None}


def _reasons(access_ids: set[int]) -> dict[int, Reason]:
    if not access_ids:
        return {}
    texts = data.personal_of(Event.ACCESS_STARTED, access_ids)
    return {access_id: _reason(text) for access_id, text in texts.items()}


def _reason(text: str | None) -> Reason:
    if text is None:
        return Reason(None, None)
    details = orjson.loads(text).get("details", {})
    return Reason(details.get("reason", ""), details.get("ticket", ""))


def _busiest() -> list[BusyRow]:
    now = clock.now()
    since = {"hour_ago": now - timedelta(hours=1), "day_ago": now - timedelta(days=1)}
    return data.busiest(Event.ACCESS_STARTED, **since, limit=BUSIEST)
