"""Ending a look: once, by whoever notices first."""

from typing import NamedTuple

from dashboard.data import support_accesses as data
from dashboard.data import transaction
from dashboard.events import Event, record
from dashboard.identity import account, login
from dashboard.support.why import Why
from dashboard.who import Who


def end(access_id: int, by: Who, *, why: Why) -> bool:
    """End an access and write it down. False: it was over already; the first to notice has written it."""
    with transaction():
        if not data.end(access_id, why=why):
            return False
        record(Event.ACCESS_ENDED, by, why=why.value)
    return True


def end_dead(actor_id: int, by: Who) -> None:
    """End an actor's accesses that ran out, or whose login session is gone, before they are in the way."""
    for dead in data.dead(actor_id):
        end(dead.id, Who(actor_id, dead.subject_id, by.origin, dead.id), why=_why(dead))


def sweep() -> int:
    """End everybody's accesses that ran out, or whose login session is gone, in the system's name; how many.

    To be done every hour, for those whose member of staff never comes back.
    """
    return sum(end(dead.id, Who(None, dead.subject_id, access_id=dead.id), why=_why(dead)) for dead in data.dead())


def _why(dead: data.DeadRow) -> Why:
    return Why.EXPIRED if dead.ran_out else Why.SESSION_GONE


def end_on_person(by: Who) -> int:
    """End, in a person's name, whatever look at their pages goes on; how many there were."""
    with transaction():
        running = data.running_on(by.subject_id)
        return sum(
            end(access_id, Who(by.actor_id, by.subject_id, by.origin, access_id), why=Why.BY_PERSON)
            for access_id, _actor_id in running
        )


class EndedOthers(NamedTuple):
    """What was ended of all that was open besides the session that asked."""

    sessions: int
    looks: int


def end_others(by: Who, *, but: int) -> EndedOthers:
    """End all login sessions of a person but one, and every look by support through their eyes: all of them count."""
    with transaction():
        return EndedOthers(account.end_other_sessions(by, but=but), end_on_person(by))


def stop_elsewhere(by: Who) -> bool:
    """End the actor's look that lies over another login session of theirs. False: none is running."""
    running = None if by.actor_id is None else data.running_by(by.actor_id)
    if running is None:
        return False
    return end(running.id, Who(by.actor_id, running.subject_id, by.origin, running.id), why=Why.BY_ACTOR)


def stop(by: Who, *, why: Why = Why.BY_ACTOR) -> None:
    """End the actor's own look, and take it off their session. It takes no parameter: whose it is stands in the row."""
    with transaction():
        if by.access_id is not None:
            end(by.access_id, by, why=why)
        login.overlay(None)


def take_off(by: Who, *, why: Why) -> None:
    """Take an access that has ended off the current session.

    If it went with its person's account, its end is written down here: of two requests at once, by one.
    """
    with transaction():
        if login.overlay(None) and why is Why.SUBJECT_GONE:
            record(Event.ACCESS_ENDED, by, about_account=False, why=why.value)
