"""Sealing: at the end of a unit of work its events are linked to the chain, in order, and it commits at once.

The chain has one writer at a time: its head is held from here to the commit, and for nothing else.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.data import chain, parties
from dashboard.data.events import CHAIN, HASH_BYTES, microseconds
from dashboard.events.names import Event, Outcome
from dashboard.events.payload import Value, digest, link, payload

SYSTEM = "system"
"""Who acts where nobody is at the keyboard: a command of the operator, or a job."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that waits for its place in the chain."""

    action: str
    sub: str | None = None
    act: str | None = None
    text: str = "{}"
    """What is personal, as JSON."""
    outcome: Outcome = Outcome.SUCCESS
    why: str = ""
    access: int | None = None
    on: tuple[str, str] | None = None
    request: str = ""
    session: int | None = None
    at: datetime | None = None
    """None: when it is sealed, by the database's clock."""


@dataclass(slots=True)
class Sealing:
    """The events of one unit of work; ask for it with :func:`dashboard.data.db.collected`."""

    _entries: list[Entry] = field(default_factory=list)
    _refs: dict[int, str] = field(default_factory=dict)
    _erased: set[str] = field(default_factory=set)

    def add(self, entry: Entry) -> None:
        """Take an event in."""
        self._entries.append(entry)

    def ref(self, user_id: int) -> str | None:
        """The log's reference of a person. None: the account is gone.

        It is found when the event is recorded: at the end of the unit of work the person may be deleted.
        """
        if user_id not in self._refs:
            self._refs |= parties.refs([user_id])
        return self._refs.get(user_id)

    def erase(self, ref: str) -> None:
        """Write nothing personal of the events about somebody who is being erased in this unit of work."""
        self._erased.add(ref)

    def finish(self) -> None:
        """Link the events to the chain."""
        if not self._entries:
            return
        head = chain.hold_head()
        first = [] if head.seq else [Entry(Event.LOG_STARTED, act=SYSTEM)]
        events, personal, prev = [], [], head.hash
        for seq, entry in enumerate([*first, *self._entries], head.seq + 1):
            salt = secrets.token_bytes(HASH_BYTES)
            event = _event(entry, seq, now=head.now, personal=digest(salt, entry.text))
            sealed = payload(event, chain=CHAIN)
            events.append({**event, "prev": prev, "hash": link(prev, sealed), "payload": sealed})
            prev = link(prev, sealed)
            erased = entry.sub in self._erased
            personal.append({"seq": seq, "salt": None if erased else salt, "text": None if erased else entry.text})
        chain.append(events, personal)


def _event(entry: Entry, seq: int, *, now: datetime, personal: bytes) -> dict[str, Value]:
    kind, id = entry.on or (None, None)
    return {
        "seq": seq,
        "id": secrets.token_hex(16),
        "at": microseconds(entry.at or now),
        "action": str(entry.action),
        "outcome": str(entry.outcome),
        "why": entry.why,
        "sub": entry.sub,
        "act": entry.act,
        "access": entry.access,
        "object_kind": kind,
        "object_id": id,
        "request": entry.request,
        "session": entry.session,
        "personal": personal,
    }
