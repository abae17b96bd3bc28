"""Beginning a look: every rule, in one function that nobody can pass by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from dashboard.data import clock, support_accesses, transaction, users
from dashboard.errors import NotStaff, Refused
from dashboard.events import Event, Outcome, record
from dashboard.identity import login
from dashboard.identity.people import one_line
from dashboard.support import consent
from dashboard.support.ending import end_dead
from dashboard.support.staff import require_staff
from dashboard.support.why import Why
from dashboard.who import Role, Who

REASON_LEAST, REASON_MOST, TICKET_MOST = 10, 500, 100


class CannotLook(Refused):
    """A look was refused; ``why`` says for which rule. The attempt is on the record."""

    status = 403

    def __init__(self, why: Why) -> None:
        super().__init__(f"The support access was refused: {why.value}.")
        self.why = why


class ReasonTooShort(Refused):
    """The reason says too little, or is longer than a person would read."""

    status = 422

    def __init__(self) -> None:
        super().__init__(f"A reason has {REASON_LEAST} to {REASON_MOST} characters.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to look: through whose eyes, why, and for which ticket."""

    subject_id: int
    reason: str
    ticket: str | None = None


def start(asked: Asked, *, by: Who, session_id: int, proved_at: datetime | None, settings: Mapping[str, Any]) -> int:
    """Begin to look; the access's id. From now on this login session sees what the subject sees.

    The access, its event and the session's new cookie are one transaction: either all are there, or nothing began.

    :param proved_at: when the actor last proved at the identity provider who they are.
    :raises NotStaff: the actor is no member of staff now.
    :raises ReasonTooShort: the reason says nothing.
    :raises CannotLook: any other rule.
    """
    _require_staff(asked, by)
    asked = _clean(asked)
    end_dead(by.actor_id or 0, by)
    if why := refusal(asked.subject_id, by, proved_at, settings):
        refuse(asked.subject_id, by, why)
    subject = Who(by.actor_id, asked.subject_id, by.origin)
    with transaction():
        made = support_accesses.start(
            actor_id=by.actor_id or 0,
            subject_id=asked.subject_id,
            login_session_id=session_id,
            reason=asked.reason,
            ticket=asked.ticket,
            minutes=settings["SUPPORT_ACCESS_MINUTES"],
        )
        if made is not None:
            access_id, _until = made
            subject = Who(by.actor_id, asked.subject_id, by.origin, access_id)
            record(Event.ACCESS_STARTED, subject, reason=asked.reason, ticket=asked.ticket or "")
            if not login.overlay(access_id):
                raise CannotLook(Why.SESSION_GONE)
    if made is None:
        refuse(asked.subject_id, by, Why.RUNNING)
    return made[0]


def _require_staff(asked: Asked, by: Who) -> None:
    """Whoever is not staff tried what no page offers them: that is on their own record."""
    try:
        require_staff(by)
    except NotStaff:
        with transaction():
            why = Why.NOT_STAFF.value
            record(Event.ACCESS_REFUSED, by, outcome=Outcome.REFUSED, why=why, wanted=asked.subject_id)
        raise


def refuse(subject_id: int, by: Who, why: Why) -> NoReturn:
    """Write a refused attempt down, in a transaction of its own, and say no."""
    with transaction():
        known = users.person(subject_id) is not None
        about = Who(by.actor_id, subject_id if known else by.subject_id, by.origin)
        record(Event.ACCESS_REFUSED, about, outcome=Outcome.REFUSED, why=why.value)
    raise CannotLook(why)


def cleaned(reason: str) -> str:
    """A reason as it is kept and read: in one line.

    :raises ReasonTooShort: it says nothing, or is longer than anybody would read.
    """
    reason = one_line(reason)
    if not REASON_LEAST <= len(reason) <= REASON_MOST:
        raise ReasonTooShort
    return reason


def _clean(asked: Asked) -> Asked:
    reason = cleaned(asked.reason)
    ticket = one_line(asked.ticket or "")[:TICKET_MOST]
    return Asked(asked.subject_id, reason, ticket or None)


def refusal(subject_id: int, by: Who, proved_at: datetime | None, settings: Mapping[str, Any]) -> Why | None:
    """The first rule that says no to a look; None: all agree. Of two looks at once, the table itself refuses one."""
    if not settings["SUPPORT_ACCESS_MINUTES"]:
        return Why.OFF
    if by.access_id is not None or support_accesses.running_by(by.actor_id or 0):
        return Why.RUNNING
    if subject_id == by.actor_id:
        return Why.SELF
    subject = users.person(subject_id)
    if subject is None:
        return Why.SUBJECT_GONE
    if max(subject.claimed_role, subject.granted_role) >= Role.SUPPORT:
        return Why.SUBJECT_IS_STAFF
    good = subject.support_pass_until is not None and subject.support_pass_until > clock.now()
    if not consent.allows(subject.support_setting, pass_is_good=good, default=settings["SUPPORT_CONSENT"]):
        return Why.NOT_ALLOWED
    if _login_is_stale(proved_at, settings["SUPPORT_FRESH_LOGIN_MINUTES"]):
        return Why.STALE_LOGIN
    hour_ago = clock.now() - timedelta(hours=1)
    if support_accesses.started_since(by.actor_id or 0, since=hour_ago) >= settings["SUPPORT_ACCESSES_PER_HOUR"]:
        return Why.TOO_MANY
    return None


def _login_is_stale(proved_at: datetime | None, minutes: int) -> bool:
    return bool(minutes) and (proved_at is None or datetime.now(UTC) - proved_at > timedelta(minutes=minutes))
