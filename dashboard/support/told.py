"""What a person is told of support's looks at their account: who, when, why, and what was looked at and done."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from dashboard import events
from dashboard.data import support_accesses as data
from dashboard.data.support_accesses import PastRow
from dashboard.events import Event, Happened

APART = frozenset({Event.ACCESS_VIEWED, Event.ACCESS_REFUSED, Event.ACCESS_ENDED})
"""Events of a look that are told with it, and not as lines of their own."""


@dataclass(frozen=True, slots=True)
class Look:
    """A look as the person reads it."""

    name: str = ""
    """Who of support it was. Empty: that is not told, or their account is gone."""
    reason: str = ""
    ticket: str = ""
    started_at: datetime | None = None
    until: datetime | None = None
    """When it ended or, while it goes on, when it will end at the latest. None: it is over, and nobody knows when."""
    end_why: str | None = None
    """A word of ``Why``. None: nobody ended it, so that its time decides."""
    runs: bool = False
    """Whether it goes on."""
    happened: list[Happened] = field(default_factory=list)
    """What was looked at and done, alike things as one with their count."""


def looks(access_ids: Collection[int], *, subject_id: int, names: bool) -> dict[int, Look]:
    """Looks at a person by their ids. Two queries, whatever their number.

    :param names: say who of support it was.
    """
    if not access_ids:
        return {}
    rows = data.past_ones(access_ids, subject_id=subject_id)
    happened = events.during(access_ids, subject_id=subject_id)
    return {each: _look(rows.get(each), happened[each], names=names) for each in access_ids}


def _look(row: PastRow | None, happened: list[Happened], *, names: bool) -> Look:
    if row is None:
        return _as_recorded(happened)
    return Look(
        name=row.actor_name if names else "",
        reason=row.reason,
        ticket=row.ticket or "",
        started_at=row.started_at,
        until=_until(row),
        end_why=row.end_why,
        runs=row.runs,
        happened=happened,
    )


def _until(row: PastRow) -> datetime | None:
    if row.ended_at is not None:
        return row.ended_at
    return row.expires_at if row.runs or row.ran_out else None


def _as_recorded(happened: list[Happened]) -> Look:
    """A look by somebody whose account is gone: the log still has it."""
    began = next((each for each in happened if each.event is Event.ACCESS_STARTED), None)
    ended = next((each for each in happened if each.event is Event.ACCESS_ENDED), None)
    return Look(
        reason=str(began.details.get("reason", "")) if began else "",
        ticket=str(began.details.get("ticket", "")) if began else "",
        started_at=began.at if began else None,
        until=ended.at if ended else None,
        end_why=ended.why if ended else None,
        happened=happened,
    )
