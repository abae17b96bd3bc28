"""Finding people by what an operator knows of them."""

from collections.abc import Iterator

from dashboard.data import users as data
from dashboard.data.users import PersonRow
from dashboard.errors import Refused
from dashboard.who import Role

__all__ = ["NoSuchPerson", "PersonRow", "SeveralPeople", "find", "people", "role"]
PAGE_SIZE = 1000


class NoSuchPerson(Refused):
    """Nobody has this id or mail address here."""

    status = 404

    def __init__(self, named: str) -> None:
        what = f"the id {named}" if _is_id(named) else f"the mail address {named}"
        super().__init__(f"Nobody here has {what}. People are here from their first login on.")


class SeveralPeople(Refused):
    """A mail address is no identity: more than one person has it. ``people`` has them all."""

    status = 409

    def __init__(self, email: str, people: list[PersonRow]) -> None:
        ids = ", ".join(f"{person.id} ({person.name}, {person.issuer})" for person in people)
        super().__init__(f"{len(people)} people have the mail address {email}: {ids}. Name one by the id.")
        self.people = people


def find(named: str) -> PersonRow:
    """The person of an id or a mail address.

    :raises NoSuchPerson: there is none.
    :raises SeveralPeople: the address is not enough.
    """
    found = _by_id(int(named)) if _is_id(named) else data.people_by_email(named)
    if not found:
        raise NoSuchPerson(named)
    if len(found) > 1:
        raise SeveralPeople(named, found)
    return found[0]


def people(*, having: Role | None = None) -> Iterator[PersonRow]:
    """Everybody, or everybody of a role, oldest first; a thousand are in memory at a time."""
    last_id = 0
    while page := data.people(role=having, after_id=last_id, limit=PAGE_SIZE):
        yield from page
        last_id = page[-1].id


def role(person: PersonRow) -> Role:
    """What a person may do: by the claim of their last login or by command, whichever is more."""
    return Role(max(person.claimed_role, person.granted_role))


def _is_id(named: str) -> bool:
    return named.isascii() and named.isdigit()


def _by_id(user_id: int) -> list[PersonRow]:
    found = data.person(user_id) if user_id < 2**63 else None
    return [found] if found else []
