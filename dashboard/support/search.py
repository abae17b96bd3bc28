"""Finding the person who wrote to support, by whatever they wrote. Each search is on the record."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from dashboard.data import folding, transaction, users
from dashboard.data import people_search as data
from dashboard.data.people_search import FoundRow
from dashboard.events import Event, record
from dashboard.support.staff import require_staff
from dashboard.who import Role, Who

PREFIX_LENGTH = 3
"""A word shorter than this begins too many others: it must be a whole one."""
MOST_WORDS = 6
LARGEST_ID = 2**63 - 1
AROUND_MAIL = "<>\"'(),;: "


class Kind(StrEnum):
    """What was typed, and so what it was looked for in."""

    NUMBER = "number"
    MAIL = "mail"
    WORDS = "words"


class FoundBy(StrEnum):
    """What of a person it was that matched."""

    USER_ID = "user id"
    CONNECTION_ID = "connection id"
    MAIL = "mail"
    ACCOUNT = "account"
    NAME = "name"
    USERNAME = "username"


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person in the list."""

    user_id: int
    name: str
    email: str
    role: Role
    found_by: FoundBy
    connection_count: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: the exact hits first. ``more``: there are others, typing more will tell them apart."""

    people: list[FoundPerson]
    more: bool
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Hit:
    user_id: int
    found_by: FoundBy | None
    """None: by words; the person's row tells which."""


def find(text: str, *, by: Who, limit: int = 20) -> Found:
    """The people that a text may mean: an id, a mail address, an account at a provider, or words of a name.

    An account is found by its name, however it is spelled, and by the provider's own id of it, letter for letter.
    Words are found by how they begin, in any order. Nothing typed finds nobody, and is no search. Reads a bounded part
    of indexes only, however many people there are.

    :raises NotStaff: the actor is neither support nor administrator at this moment.
    """
    require_staff(by)
    typed = folding.search_key(text)
    kind = _kind(typed)
    if not typed:
        return Found([], False, kind)
    hits, cut = _search(typed, text, kind, limit + 1)
    people = _shown(hits, _wanted(typed, kind))
    with transaction():
        there = users.hold_people([each.user_id for each in people])
        still = [each for each in people if each.user_id in there]
        found = Found(still[:limit], cut or len(still) > limit, kind)
        # What was typed is written only while it can be erased: with people who are there, all of them. Of somebody
        # who left since they were read, their erasure has been; of nobody, none will come.
        erasable = bool(still) and {hit.user_id for hit in hits} <= there
        _record(typed if erasable else "", found, by)
    return found


def _kind(typed: str) -> Kind:
    if typed.isascii() and typed.isdigit():
        return Kind.NUMBER
    return Kind.MAIL if "@" in typed else Kind.WORDS


def _search(typed: str, text: str, kind: Kind, limit: int) -> tuple[list[_Hit], bool]:
    """What each query finds, one after the other, and whether there was more to read than is read."""
    by_account_id = _by_account_id(text, limit)
    if kind is Kind.NUMBER:
        by_account = _by_account(typed, limit)
        return [*_by_id(typed), *by_account, *by_account_id, *_by_key(typed, limit, whole=True)], False
    if kind is Kind.MAIL:
        mail = _mail(typed)
        return [*_by_key(mail, limit), *_by_account(mail, limit), *by_account_id], False
    by_words, cut = _by_words(typed, limit)
    return [*_by_account(typed, limit), *by_account_id, *by_words], cut


def _mail(typed: str) -> str:
    """The address in what was typed, as in ``Ada Brandt <ada@posteo.example>``."""
    return next(part for part in typed.split() if "@" in part).strip(AROUND_MAIL).removeprefix("mailto:")


def _wanted(typed: str, kind: Kind) -> set[str]:
    """The keys that an exact hit has."""
    if kind is Kind.MAIL:
        return {_mail(typed)}
    return {typed} if kind is Kind.NUMBER else set(_words(typed))


def _by_id(typed: str) -> Iterator[_Hit]:
    number = int(typed)
    if number <= LARGEST_ID:
        yield from (_Hit(user_id, FoundBy.USER_ID) for user_id in data.person_with_id(number))
        yield from (_Hit(user_id, FoundBy.CONNECTION_ID) for user_id in data.owner_of(number))


def _by_account(typed: str, limit: int) -> Iterator[_Hit]:
    yield from (_Hit(user_id, FoundBy.ACCOUNT) for user_id in data.people_with_account(typed, limit=limit))


def _by_account_id(text: str, limit: int) -> Iterator[_Hit]:
    """As it was typed: of a provider's id nobody knows which letters count as the same."""
    account_id = text.strip()
    if account_id.isprintable():  # a database takes neither a NUL nor half a surrogate pair
        yield from (_Hit(user_id, FoundBy.ACCOUNT) for user_id in data.people_with_account_id(account_id, limit=limit))


def _by_key(typed: str, limit: int, *, whole: bool = False) -> Iterator[_Hit]:
    yield from (_Hit(user_id, None) for user_id in data.people_with(typed, whole=whole, limit=limit))


def _by_words(typed: str, limit: int) -> tuple[list[_Hit], bool]:
    """The people who have all the words: one is read from the index, the others are checked on what it finds."""
    words = _words(typed)
    if not words:
        return [], False
    long = [word for word in words if len(word) >= PREFIX_LENGTH]
    whole = not long
    reached, lead = min((data.spread(word, whole=whole), word) for word in long or words)
    others = [word for word in words if word != lead]
    found = data.people_with(lead, others=others, whole=whole, limit=limit)
    return [_Hit(user_id, None) for user_id in found], reached >= data.WALK and bool(others)


def _words(typed: str) -> list[str]:
    return list(dict.fromkeys(folding.words(typed)))[:MOST_WORDS]


def _shown(hits: list[_Hit], wanted: set[str]) -> list[FoundPerson]:
    """The people of these hits, each once, the exact hits first. One query."""
    rows = data.found_people([hit.user_id for hit in hits])
    present = [(hit, rows[hit.user_id]) for hit in hits if hit.user_id in rows]
    people: dict[int, FoundPerson] = {}
    for hit, row in sorted(present, key=lambda pair: not _is_exact(pair[0], pair[1], wanted)):
        people.setdefault(row.id, _person(row, hit.found_by or _found_by(row, wanted)))
    return list(people.values())


def _is_exact(hit: _Hit, row: FoundRow, wanted: set[str]) -> bool:
    return hit.found_by is not None or wanted <= data.person_keys(row.name, row.email, row.username)


def _found_by(row: FoundRow, wanted: set[str]) -> FoundBy:
    """Which text of the person has all that was typed; their name, if it takes several together."""
    texts = {FoundBy.NAME: row.name, FoundBy.MAIL: row.email, FoundBy.USERNAME: row.username}
    if "@" in row.name:
        del texts[FoundBy.NAME]
    for found_by, text in texts.items():
        keys = data.person_keys(text)
        if all(any(key.startswith(word) for key in keys) for word in wanted):
            return found_by
    return FoundBy.NAME


def _person(row: FoundRow, found_by: FoundBy) -> FoundPerson:
    role = Role(max(row.claimed_role, row.granted_role))
    return FoundPerson(row.id, row.name, row.email, role, found_by, row.connection_count)


def _record(typed: str, found: Found, by: Who) -> None:
    """Of the staff member alone, whoever's eyes they look through: the search is about nobody.

    Nobody who was found can leave before it is written: who leaves then finds it, and erases what was typed.
    """
    assert by.actor_id is not None
    own = Who(by.actor_id, by.actor_id, by.origin)
    record(
        Event.USER_SEARCHED,
        own,
        kind=found.kind.value,
        count=len(found.people),
        more=found.more,
        text=typed,
        found=ids(found.people),
    )


def ids(people: list[FoundPerson]) -> str:
    """Whom a search led to, for the record: when one of them leaves, what was typed is erased with them."""
    return " ".join(str(each.user_id) for each in people)
