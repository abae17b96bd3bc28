"""Who a request is for: the one place where actor and subject are told apart, and the rules of looking."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard.data import support_accesses as data
from dashboard.errors import Refused
from dashboard.identity import Actor
from dashboard.support import consent
from dashboard.support.ending import end
from dashboard.support.why import Why
from dashboard.who import Origin, Role, Who


class AccessOver(Refused):
    """A look has ended. Nothing was done, neither for the subject nor, by mistake, for the actor."""

    status = 403

    def __init__(self, why: Why, *, access_id: int, subject_id: int | None, name: str | None) -> None:
        super().__init__(f"The support access is over: {why.value}.")
        self.why = why
        self.access_id = access_id
        self.subject_id = subject_id
        self.name = name
        """Whose eyes they were. None, like ``subject_id``: that account is gone."""


@dataclass(frozen=True, slots=True)
class Looking:
    """A running look: what the banner says, and how the subject sees their pages."""

    access_id: int
    subject_id: int
    name: str
    email: str
    reason: str
    ticket: str | None
    started_at: datetime
    left: timedelta
    """Of its time, by the database's clock, which ends it."""
    language: str | None
    time_zone: str | None
    theme: str | None


def resolve(actor: Actor, *, origin: Origin, settings: Mapping[str, Any]) -> tuple[Who, Looking | None]:
    """Actor and subject of a request, asked anew each time: role, consent, time, and both accounts.

    :raises AccessOver: the actor's session carries an access that has ended; the caller takes it off the session.
    """
    if actor.access_id is None:
        return Who(actor_id=actor.id, subject_id=actor.id, origin=origin), None
    row = data.access(actor.access_id)
    why = _over(row, actor, settings)
    if row is None or why is not None:
        if row is not None and why is not None:
            end(row.id, Who(actor.id, row.subject_id, origin, row.id), why=why)
        raise AccessOver(
            why or Why.SUBJECT_GONE,
            access_id=actor.access_id,
            subject_id=row.subject_id if row else None,
            name=row.name if row else None,
        )
    return Who(actor.id, row.subject_id, origin, row.id), _looking(row)


def _over(row: data.AccessRow | None, actor: Actor, settings: Mapping[str, Any]) -> Why | None:
    """Why a look is over; None: it goes on. What was ended before is over for the reason it was ended for."""
    if row is None or row.actor_id != actor.id or row.login_session_id != actor.session_id:
        return Why.SUBJECT_GONE if row is None else Why.SESSION_GONE
    if row.end_why is not None:
        return Why(row.end_why)
    if row.ran_out:
        return Why.EXPIRED
    if actor.role < Role.SUPPORT:
        return Why.ROLE_LOST
    if max(row.claimed_role, row.granted_role) >= Role.SUPPORT:
        return Why.SUBJECT_IS_STAFF
    if not settings["SUPPORT_ACCESS_MINUTES"]:
        return Why.OFF
    return _not_allowed(row, settings["SUPPORT_CONSENT"])


def _not_allowed(row: data.AccessRow, default: str) -> Why | None:
    """Whose doing it is that the person's pages are closed now. None: they are open."""
    good = row.support_pass_until is not None and not row.pass_ran_out
    if consent.allows(row.support_setting, pass_is_good=good, default=default):
        return None
    if row.pass_ran_out and consent.allows(row.support_setting, pass_is_good=True, default=default):
        return Why.PASS_RAN_OUT
    return Why.DEFAULT_CHANGED if row.support_setting is None else Why.BY_PERSON


def _looking(row: data.AccessRow) -> Looking:
    return Looking(
        access_id=row.id,
        subject_id=row.subject_id,
        name=row.name,
        email=row.email,
        reason=row.reason,
        ticket=row.ticket,
        started_at=row.started_at,
        left=row.expires_at - row.now,
        language=row.language or row.claimed_language,
        time_zone=row.time_zone or row.claimed_time_zone,
        theme=row.theme,
    )
