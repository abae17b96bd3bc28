"""Leaving for good: a person deletes their account here."""

from dataclasses import dataclass

from dashboard.connections import revocation, waiting
from dashboard.data import cards, clock, login_sessions, revocations, search_key, transaction, users
from dashboard.data.users import PersonRow
from dashboard.errors import NoSuchThing, NotFresh
from dashboard.events import Event, erase, record
from dashboard.who import Origin, Who


@dataclass(frozen=True, slots=True)
class Left:
    """What deleting an account came to."""

    connection_count: int
    """How many connections were disconnected."""
    untold_count: int
    """How many providers have yet to be told, those of earlier disconnects included."""
    session_count: int


def connection_count(owner_id: int) -> int:
    """How many connections would be disconnected."""
    return cards.count(owner_id)


def confirmation(person: PersonRow) -> str:
    """What a person types to confirm: their mail address; without one, the provider's name for them."""
    return person.email or person.subject


def delete_account(by: Who, *, typed: str) -> Left:
    """Disconnect everything, end all logins and delete the person with all that is held on them, at once or not at all.

    The person's row is held meanwhile, so no connection made in the same moment slips away untold.
    What the providers need to be told stays until they were, tied to nobody. The log keeps that an account was
    deleted, not whose, nor from where; what it held on the person is erased.

    :param typed: the confirmation as the person typed it; case and outer blanks don't matter.
    :raises NotFresh: it is not :func:`confirmation`; nothing was changed.
    :raises NoSuchThing: the account is gone already.
    """
    with transaction():
        held = users.hold_person(by.subject_id)
        person = users.person(by.subject_id)
        if not held or person is None:
            raise NoSuchThing("This account is gone.")
        if search_key(typed) != search_key(confirmation(person)):
            raise NotFresh("The confirmation does not name this account. Nothing was deleted.")
        disconnected = revocation.disconnect_all(by)
        waiting.give_back_all(by, now=clock.now())
        left = Left(
            connection_count=disconnected,
            untold_count=revocations.open_count(by.subject_id),
            session_count=login_sessions.end_sessions(by.subject_id),
        )
        revocations.unname(by.subject_id)
        erase(by.subject_id, by=by)
        users.remove_person(by.subject_id)
        unnamed = Who(by.actor_id, by.subject_id, Origin(by.origin.request_id))
        record(Event.ACCOUNT_DELETED, unnamed, about_account=False, connections=disconnected)
    return left
