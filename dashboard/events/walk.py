"""The way along the chain: what is checked of each event, where the chain begins, and where it ends."""

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from dashboard.data.chain import Head, SealedRow, Snapshot
from dashboard.data.events import CHAIN
from dashboard.events.erasure import ERASED_KIND
from dashboard.events.names import NAMING_OTHERS, Event
from dashboard.events.payload import FIELDS, START, digest, link, payload


class Check(StrEnum):
    """What is checked, and can break."""

    BASE = "base"
    """The chain begins where the last pruning says."""
    GAP = "gap"
    """The numbers follow each other."""
    LINK = "link"
    """An event carries the hash of the one before."""
    BYTES = "bytes"
    """Its hash is that of its own bytes."""
    PROJECTION = "projection"
    """The columns say what the bytes say."""
    PERSONAL = "personal"
    """What is personal is what its digest was made of, or was erased on the record."""
    HEAD = "head"
    """The last event is the head's."""
    ANCHOR = "anchor"
    """The checkpoints kept outside are on this chain, and so is what was proved before."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that is wrong."""

    seq: int
    check: Check
    words: str


@dataclass(slots=True)
class Proof:
    """What was proved: every event after ``base_seq``, up to ``last_seq``, and none is missing. Or what is broken."""

    base_seq: int
    """0: from the chain's first event on. More: what is older was pruned."""
    last_seq: int = 0
    hash: str = START.hex()
    """The last event's; compare it with what you keep elsewhere."""
    count: int = 0
    erased: int = 0
    """Events whose personal part was erased, on the record."""
    unhashed: int = 0
    """Events older than the chain: nothing is proved of them."""
    anchored_seq: int | None = None
    """Up to here a checkpoint from outside confirms it. None: no checkpoint was compared."""
    broken: Broken | None = None


class Mark(NamedTuple):
    """How far the chain was proved before."""

    seq: int
    """0: nothing was."""
    hash: bytes


class _Wrong(Exception):
    def __init__(self, seq: int, check: Check, words: str) -> None:
        self.broken = Broken(seq, check, words)


@dataclass(slots=True)
class Walk:
    """The way along the chain, event by event."""

    head: Head
    anchors: dict[int, set[str]]
    kept: str = "a checkpoint kept outside"
    """What the anchors are, in words."""
    proof: Proof = field(init=False)
    prev: bytes = START
    base: str | None = None
    """What the last ``log.pruned`` seen says the base is."""
    silent: dict[str | None, int] = field(default_factory=dict)
    """People with an erased part, and the first event that has one."""
    silent_searches: dict[int, str | None] = field(default_factory=dict)
    """Erased events that may have named somebody else: their numbers, and whom they are about."""
    told: set[str | None] = field(default_factory=set)
    """People of whom ``person.erased`` was seen."""
    told_one_by_one: set[str | None] = field(default_factory=set)
    """Events about others of which a ``person.erased`` tells by number."""

    def __post_init__(self) -> None:
        self.proof = Proof(base_seq=max(self.head.base_seq, 0), last_seq=self.head.base_seq)

    @contextmanager
    def noting_what_is_wrong(self) -> Iterator[None]:
        """End the walk at the first thing that is wrong, and note it."""
        try:
            yield
        except _Wrong as error:
            self.proof.broken = error.broken

    def along(self, found: Snapshot, *, after: int, most: int | None = None) -> bool:
        """Check event by event; whether there were as many as there may be at most."""
        with found.rows(after=after, most=most) as rows:
            for row in rows:
                self.step(row)
        return self.proof.count + self.proof.unhashed == most

    def depart(self) -> None:
        """Check where the chain begins, as far as it shows at the beginning."""
        self._check_base_hash()
        if self.head.base_seq > 0:
            self.prev = self.head.base_hash
            self._compare(self.head.base_seq, self.prev)

    def resume(self, found: Snapshot, mark: Mark) -> int:
        """Begin at the last event that was proved before, or at the base where that was pruned; after which number."""
        if mark.seq <= (base := max(self.head.base_seq, 0)):
            self.depart()
            self.proof.last_seq = base
            return base
        self._check_base_hash()
        if mark.seq > self.head.seq:
            raise _Wrong(self.head.seq + 1, Check.ANCHOR, f"{self.kept} knows {mark.seq} events: the tail was cut")
        after = self.proof.base_seq = self.proof.last_seq = mark.seq - 1
        with found.rows(after=after, most=1) as rows:
            prev = next((row.prev for row in rows), None)
        self.prev = prev if isinstance(prev, bytes) else START
        return after

    def _check_base_hash(self) -> None:
        if not isinstance(self.head.base_hash, bytes):
            raise _Wrong(self.head.base_seq + 1, Check.BASE, "the hash of what was pruned is no hash")

    def look_ahead(self, found: Snapshot) -> None:
        """Read what the chain says of its front and of erased people, wherever it says so: the walk is a part of it."""
        with found.rows(after=self.head.base_seq, action=Event.LOG_PRUNED) as rows:
            self.base = [None, *(row.object_id for row in rows)][-1]
        with found.rows(after=self.proof.last_seq, action=Event.PERSON_ERASED) as rows:
            for row in rows:
                self._note_told(row)

    def step(self, row: SealedRow) -> None:
        """Check one event."""
        expected = self.proof.last_seq + 1
        if row.seq != expected:
            missing = f"{expected}" if row.seq == expected + 1 else f"{expected} to {row.seq - 1}"
            raise _Wrong(expected, Check.GAP, f"event {missing} is missing")
        if row.seq > 0:
            self._check_hashes(row)
            self._compare(row.seq, self.prev)
            self.proof.count += 1
        else:
            self.proof.unhashed += 1
        self._check_personal(row)
        if row.action == Event.LOG_PRUNED:
            self.base = row.object_id
        self.proof.last_seq = row.seq

    def _check_hashes(self, row: SealedRow) -> None:
        if row.prev != self.prev:
            raise _Wrong(row.seq, Check.LINK, "it is not linked to the event before it")
        # SQLite stores text in a column of bytes, if it is told to.
        if not isinstance(row.payload, bytes) or row.hash != link(self.prev, row.payload):
            raise _Wrong(row.seq, Check.BYTES, "its bytes are not those that were hashed")
        if names := list(_different(row, row.payload)):
            raise _Wrong(row.seq, Check.PROJECTION, f"the columns do not say what was hashed: {', '.join(names)}")
        self.prev = row.hash

    def _check_personal(self, row: SealedRow) -> None:
        if row.beside is None:
            raise _Wrong(row.seq, Check.PERSONAL, "its personal part was removed, not erased")
        if row.action == Event.PERSON_ERASED:
            self._note_told(row)
        if row.text is None:
            self.proof.erased += 1
            if row.action in NAMING_OTHERS:
                self.silent_searches[row.seq] = row.sub
            else:
                self.silent.setdefault(row.sub, row.seq)
        elif row.seq > 0 and not _is_digest(row.personal, row.salt, row.text):
            raise _Wrong(row.seq, Check.PERSONAL, "its personal part was changed")

    def _note_told(self, row: SealedRow) -> None:
        if row.object_kind == ERASED_KIND:
            self.told_one_by_one.add(row.object_id)
        else:
            self.told.add(row.sub)

    def _compare(self, seq: int, hash: bytes) -> None:
        """Compare with the checkpoint of this event, if one was kept."""
        kept = self.anchors.get(seq)
        if kept is None:
            return
        if kept != {hash.hex()}:
            raise _Wrong(seq, Check.ANCHOR, f"{self.kept} has another hash for it: the chain was redone")
        self.proof.anchored_seq = seq

    def arrive(self, *, at_head: bool = True) -> None:
        """Check what only shows at the end. ``at_head`` False: it is not the end of the chain."""
        self.proof.last_seq, self.proof.hash = max(self.proof.last_seq, 0), self.prev.hex()
        if at_head:
            self._check_head()
        claimed = f"{self.head.base_seq}:{self.head.base_hash.hex()}" if self.base or self.head.base_seq > 0 else None
        if claimed != self.base:
            words = "the events before it were removed, and no log.pruned says so"
            raise _Wrong(self.head.base_seq + 1, Check.BASE, words)
        unsaid = [seq for sub, seq in self.silent.items() if sub not in self.told]
        searches = ((seq, sub) for seq, sub in self.silent_searches.items() if sub not in self.told)
        unsaid += [seq for seq, _sub in searches if str(seq) not in self.told_one_by_one]
        if unsaid:
            raise _Wrong(min(unsaid), Check.PERSONAL, "its personal part was erased, and no person.erased says so")

    def _check_head(self) -> None:
        last, head = self.proof.last_seq, self.head
        if (last, self.prev) != (head.seq, head.hash):
            first = last if last == head.seq else min(last, head.seq) + 1
            raise _Wrong(first, Check.HEAD, f"the head says {head.seq}, and the last event is {last} or another one")
        if (beyond := max(self.anchors, default=0)) > last:
            raise _Wrong(last + 1, Check.ANCHOR, f"{self.kept} knows {beyond} events: the tail was cut")


def _different(row: SealedRow, sealed: bytes) -> Iterator[str]:
    """The columns that differ from the bytes, or ``payload`` if these have not the form that writers give them."""
    try:
        if payload(row._asdict(), chain=CHAIN) == sealed:
            return
        hashed = json.loads(sealed)
        columns = {name: _hex(getattr(row, name)) for name in FIELDS}
        different = [name for name in FIELDS if columns[name] != hashed[name]]
    except (TypeError, ValueError, KeyError):
        different = []
    yield from different or ["payload"]


def _hex(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def _is_digest(personal: object, salt: object, text: object) -> bool:
    if not isinstance(personal, bytes) or not isinstance(salt, bytes) or not isinstance(text, str):
        return False
    return hmac.compare_digest(digest(salt, text), personal)
