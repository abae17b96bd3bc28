"""Whether a person lets support look: always, only while they allow it, or never. Unset follows the operator."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dashboard.data import clock, transaction, users
from dashboard.errors import NoSuchThing, NotOffered
from dashboard.events import Event, record
from dashboard.support.ending import end_on_person
from dashboard.who import Who

PASS_FOR = timedelta(days=1)
SAME_PASS = timedelta(hours=1)


class Consent(StrEnum):
    """What a person may choose."""

    ALWAYS = "always"
    ASK = "ask"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What counts for a person now."""

    setting: Consent
    by_person: bool
    """False: they chose nothing, and this is the operator's default."""
    pass_until: datetime | None
    """With ``ask``: the pass that is good until then. None: none is."""

    @property
    def allows(self) -> bool:
        """Whether support may look now."""
        return self.setting is Consent.ALWAYS or (self.setting is Consent.ASK and self.pass_until is not None)


def chosen(owner_id: int, *, default: str) -> Chosen:
    """What a person chose, or the operator for them.

    :raises NoSuchThing: their account is gone.
    """
    person = users.person(owner_id)
    if person is None:
        raise NoSuchThing("This account is gone.")
    return of(person, default=default)


def of(person: users.PersonRow, *, default: str) -> Chosen:
    """The same of a person who has been read already."""
    until = person.support_pass_until
    return Chosen(
        setting=Consent(person.support_setting or default),
        by_person=person.support_setting is not None,
        pass_until=until if until is not None and until > clock.now() else None,
    )


def allows(setting: str | None, *, pass_is_good: bool, default: str) -> bool:
    """Whether support may look now."""
    chosen = Consent(setting or default)
    return chosen is Consent.ALWAYS or (chosen is Consent.ASK and pass_is_good)


def choose(setting: str | None, *, by: Who) -> bool:
    """Store a person's choice; None gives it back to the operator. False: nothing changed.

    "Never" ends what is running. A pass that was given ends with any choice.

    :raises NotOffered: it is none of :class:`Consent`.
    """
    if setting is not None and setting not in set(Consent):
        raise NotOffered("Support may look always, ask or never.")
    with transaction():
        person = _held(by)
        if person is None or person.support_setting == setting:
            return False
        users.change_person(by.subject_id, support_setting=setting, support_pass_until=None)
        record(Event.SUPPORT_SETTING_CHANGED, by, setting=setting or "default")
        if setting in {Consent.NEVER, Consent.ASK}:
            end_on_person(by)
    return True


def give_pass(by: Who) -> datetime:
    """Let support look for a day from now; until when. Given twice within an hour, the first one counts."""
    with transaction():
        person, until = _held(by), clock.now() + PASS_FOR
        given = person.support_pass_until if person else None
        if given is not None and given > until - SAME_PASS:
            return given
        users.change_person(by.subject_id, support_pass_until=until)
        record(Event.SUPPORT_PASS_GIVEN, by)
    return until


def withdraw_pass(by: Who) -> bool:
    """Take the pass back; a look that it allowed ends. False: there was none, or it had run out."""
    with transaction():
        person, now = _held(by), clock.now()
        if person is None or person.support_pass_until is None or person.support_pass_until <= now:
            return False
        users.change_person(by.subject_id, support_pass_until=None)
        record(Event.SUPPORT_PASS_WITHDRAWN, by)
        end_on_person(by)
    return True


def _held(by: Who) -> users.PersonRow | None:
    """The person, whose row is held until the transaction ends: of two clicks at once, the second finds the first's."""
    users.hold_person(by.subject_id)
    return users.person(by.subject_id)
