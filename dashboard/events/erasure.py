"""Erasing a person from the log: the chain stays provable, and leads to nobody any more."""

from typing import Any

import orjson

from dashboard.data import chain, folding, parties, transaction, users
from dashboard.data.db import collected
from dashboard.events.names import NAMING_OTHERS, Event
from dashboard.events.sealing import SYSTEM, Entry, Sealing
from dashboard.who import Who

ERASED_KIND = "event"
"""What a ``person.erased`` is on that tells of one event about somebody else; its id is the event's number."""
TYPED = ("text", "staff", "person")


def erase(user_id: int, *, by: Who, rule: str = "account_deleted") -> None:
    """Cut a person's reference off the person, and erase what the log holds on them.

    That is the personal part of the events about them, and of the events of staff who looked for them by name. That it
    was done, when and by which rule, is an event itself: one for all that is about them, and one for each search. Of
    somebody who acted for others, as support does, the name stays with what they did, and goes with it. Call it before
    the person's row is removed. It reads every search of the log once.

    :param rule: the cause as a code.
    """
    with transaction():
        sealing = collected(Sealing)
        ref = sealing.ref(user_id)
        if ref is None:
            return
        parties.forget(ref)
        chain.erase_personal(ref)
        named = _events_that_name(user_id)
        chain.erase_personal_of(named)
        sealing.erase(ref)
        act = ref if by.actor_id == user_id else SYSTEM if by.actor_id is None else sealing.ref(by.actor_id)
        for on in (None, *((ERASED_KIND, str(seq)) for seq in named)):
            sealing.add(Entry(Event.PERSON_ERASED, sub=ref, act=act, why=rule, on=on, request=by.origin.request_id))


def _events_that_name(user_id: int) -> list[int]:
    """The searches of others that led to a person, or in which their mail address or their names were typed."""
    person = users.person(user_id)
    return [
        seq
        for seq, text in chain.personal_of(NAMING_OTHERS)
        if person is not None and _names(orjson.loads(text).get("details", {}), person)
    ]


def _names(details: dict[str, Any], person: users.PersonRow) -> bool:
    if str(person.id) in str(details.get("found", "")).split():
        return True
    typed = folding.search_key(" ".join(str(details[name]) for name in TYPED if name in details))
    words, name = set(folding.words(typed)), folding.words(person.name)
    whole = {folding.search_key(each) for each in (person.email, person.username)} - {""}
    # One word alone names too many others: "Anna".
    return any(each in typed.split() for each in whole) or (len(name) > 1 and words.issuperset(name))
