"""Reading a case: all that tells why a person's connections fail, and never a secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.connections import past, reading, telling
from dashboard.connections.attaching import SUPERSEDED
from dashboard.connections.past import Past
from dashboard.connections.reading import Card, CardPage, Ending, Order, Wanted
from dashboard.connections.revoking import NO_GRANT
from dashboard.connections.telling import Fate as MailFate
from dashboard.data import connections, history, revocations, support_accesses, transaction, users
from dashboard.data.connections import GrantRow
from dashboard.data.history import OwnedRunRow
from dashboard.data.support_accesses import OwnRow, PastRow, RunningRow
from dashboard.errors import Refused
from dashboard.events import Event, Happened, activity, record
from dashboard.identity import account, directory
from dashboard.identity.account import PersonRow, SessionRow
from dashboard.support import consent, starting
from dashboard.support.consent import Chosen
from dashboard.support.staff import require_staff
from dashboard.support.why import Why
from dashboard.who import Role, Who

__all__ = [
    "Case", "Ending", "GrantRow", "MailFate", "NoSuchCase", "OwnRow", "OwnedRunRow", "PastRow", "PersonRow",
    "RunningRow", "Subject", "own_accesses", "read", "subject",
]  # fmt: skip
RUNS_PAGE_SIZE, EVENTS, ACCESSES, MAILS, ENDINGS = 15, 10, 10, 10, 10
RUNS_SINCE = timedelta(days=30)
ENDINGS_SINCE = timedelta(days=90)
TOLD_APART = frozenset(
    {
        Event.ACCESS_STARTED, Event.ACCESS_VIEWED, Event.ACCESS_ENDED, Event.ACCESS_REFUSED, Event.CASE_READ,
        Event.USER_SEARCHED, Event.LOG_STARTED, Event.LOG_READ, Event.LOG_EXPORTED, Event.LOG_PRUNED,
    }
)  # fmt: skip
"""What support and auditors did: it would hide what the person did, and accesses have a list of their own."""


class NoSuchCase(Refused):
    """Nobody here has this id, or no longer."""

    status = 404


@dataclass(frozen=True, slots=True)
class Subject:
    """The person of a case, and whether a look through their eyes would be refused now."""

    person: PersonRow
    role: Role
    chosen: Chosen
    refusal: Why | None
    running: RunningRow | None
    """The look of this actor that goes on, in whichever of their login sessions."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its page shows it."""

    subject: Subject
    page: CardPage
    grants: dict[int, GrantRow]
    runs: list[OwnedRunRow]
    more_runs: bool
    endings: list[Ending]
    """The ends of connections that no provider confirmed, those first that are still tried. What was given up stays for
    :data:`ENDINGS_SINCE`: whether the person then ended it at the provider, nobody tells us."""
    ending_count: int
    """How many of them there are, those too that are not listed."""
    sessions: list[SessionRow]
    events: list[Happened]
    known: Past
    """What became of the connections that the events name."""
    accesses: list[PastRow]
    mails: list[MailFate]
    """The newest to the person, sent or not."""
    read_at: datetime

    def grant(self, card: Card) -> GrantRow | None:
        """The grant of a card; None: its connection was cut while the case was read."""
        return self.grants.get(card.id)


def read(
    user_id: int, *, by: Who, proved_at: datetime | None, settings: Mapping[str, Any], page: int = 1, runs_page: int = 1
) -> Case:
    """A person's case, the most urgent connections first. The reading is on the record.

    As many queries for two hundred connections as for one.

    :raises NotStaff: the actor is no member of staff now.
    :raises NoSuchCase: there is no such person.
    """
    found = subject(user_id, by=by, proved_at=proved_at, settings=settings)
    now = datetime.now(UTC)
    cards = reading.card_page(user_id, Wanted(order=Order.URGENT, page=page))
    runs = history.runs_on(
        user_id, since=now - RUNS_SINCE, limit=RUNS_PAGE_SIZE + 1, offset=(runs_page - 1) * RUNS_PAGE_SIZE
    )
    endings, ending_count = revocations.unconfirmed(
        user_id, since=now - ENDINGS_SINCE, settled={NO_GRANT, SUPERSEDED}, limit=ENDINGS
    )
    happened, _total = activity(user_id, only=[each for each in Event if each not in TOLD_APART], limit=EVENTS)
    return Case(
        subject=found,
        page=cards,
        grants=connections.grants([each.id for each in cards.cards], owner_id=user_id),
        runs=runs[:RUNS_PAGE_SIZE],
        more_runs=len(runs) > RUNS_PAGE_SIZE,
        endings=endings,
        ending_count=ending_count,
        sessions=account.sessions(user_id),
        events=happened,
        known=past.read(_named(happened), owner_id=user_id, accounts=False),
        accesses=support_accesses.past(user_id, limit=ACCESSES),
        mails=telling.latest(user_id, limit=MAILS),
        read_at=now,
    )


def subject(user_id: int, *, by: Who, proved_at: datetime | None, settings: Mapping[str, Any]) -> Subject:
    """The person, and whether the actor may look through their eyes. It names the person, so it is on the record.

    :raises NotStaff: the actor is no member of staff now.
    :raises NoSuchCase: there is no such person.
    """
    require_staff(by)
    person = users.person(user_id)
    if person is None:
        raise NoSuchCase(f"Nobody here has the id {user_id}.")
    with transaction():
        record(Event.CASE_READ, Who(by.actor_id, user_id, by.origin))
    return Subject(
        person=person,
        role=directory.role(person),
        chosen=consent.of(person, default=settings["SUPPORT_CONSENT"]),
        refusal=starting.refusal(user_id, by, proved_at, settings),
        running=support_accesses.running_by(by.actor_id or 0),
    )


def own_accesses(by: Who, *, limit: int = 8) -> list[OwnRow]:
    """The latest looks of a member of staff, each person once.

    :raises NotStaff: the actor is no member of staff now.
    """
    require_staff(by)
    latest: dict[int, OwnRow] = {}
    for each in support_accesses.own(by.actor_id or 0, limit=5 * limit):
        latest.setdefault(each.subject_id, each)
    return list(latest.values())[:limit]


def _named(happened: list[Happened]) -> set[int]:
    named = (each.details.get("connection") for each in happened)
    return {each for each in named if isinstance(each, int)}
