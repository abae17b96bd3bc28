"""Pruning: what is older than it has to be kept is removed from the front, on the record, and the proof goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dashboard.data import chain, parties, transaction
from dashboard.data.db import collected
from dashboard.data.events import microseconds
from dashboard.errors import Refused
from dashboard.events import checkpoint
from dashboard.events.checkpoint import Checkpoint
from dashboard.events.names import Event
from dashboard.events.payload import START, canonical
from dashboard.events.proof import verify
from dashboard.events.sealing import SYSTEM, Entry, Sealing

BATCH = 5000


class NotProved(Refused):
    """What can't be proved is not pruned: the traces would go with it."""

    status = 409


@dataclass(frozen=True, slots=True)
class Pruned:
    """What pruning came to."""

    count: int
    """How many events were removed; those of an earlier pruning that was cut short are among them."""
    through: Checkpoint | None
    """The last of them, as told to the outside. None: nothing was old enough."""


def prune(*, days: int, anchors: Sequence[Checkpoint] = (), webhook: str = "") -> Pruned:
    """Remove what is older than so many days: prove it, tell the outside where it ended, write it down, remove it.

    From the moment it is written down the chain begins after it, and the rows before can be removed a few at a time:
    writers don't wait, and what a crash leaves over goes with the next pruning.

    :param anchors: checkpoints that were kept outside: nothing above the last of them is removed. None given: what is
        told to the outside now is the checkpoint.
    :raises NotProved: the chain is broken, or was pruned by somebody else meanwhile; nothing was removed.
    :raises NotDelivered: the outside could not be told; nothing was removed.
    """
    proof = verify(anchors)
    if proof.broken:
        raise NotProved(f"The log is broken at event {proof.broken.seq} ({proof.broken.check}). Nothing was removed.")
    head = chain.head()
    last = chain.last_before(microseconds(head.now - timedelta(days=days)))
    if last is not None and anchors:
        last = min(last, max(each.seq for each in anchors))
    through = None
    if last is not None and head.base_seq < last <= proof.last_seq:
        through = checkpoint.of(head, seq=last, hash=chain.hash_at(last) or START)
        checkpoint.tell(through, webhook=webhook)
        _write_down(last, through, base_seq=head.base_seq)
    return Pruned(_remove(), through)


def _write_down(last: int, through: Checkpoint, *, base_seq: int) -> None:
    details = {"after": base_seq, "through": last, "count": through.count}
    text = canonical({"address": "", "user_agent": "", "details": details})
    with transaction():
        # In what is hashed, and not in what can be erased: the proof rests on it.
        on = ("log", f"{last}:{through.hash}")
        collected(Sealing).add(Entry(Event.LOG_PRUNED, act=SYSTEM, on=on, text=text, why="retention"))
        if not chain.raise_base(last, bytes.fromhex(through.hash), proved=base_seq):
            raise NotProved("The log is being pruned by somebody else. Nothing was removed.")


def _remove() -> int:
    count = 0
    while True:
        with transaction():
            removed = chain.remove_below_base(BATCH)
        count += removed
        if removed < BATCH:
            break
    with transaction():
        parties.remove_unnamed()
    return count
