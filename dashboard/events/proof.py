"""Proving the chain: from its base to its head every event is the one that was written, in its place.

What a chain can't show by itself, a tail that was cut or everything computed anew, the checkpoints outside do.
"""

from collections.abc import Iterable

from dashboard.data import chain
from dashboard.data.events import CHAIN
from dashboard.events.checkpoint import Checkpoint
from dashboard.events.walk import Broken, Check, Mark, Proof, Walk

__all__ = ["Broken", "Check", "Mark", "Proof", "verify", "verify_after"]


def verify(anchors: Iterable[Checkpoint] = ()) -> Proof:
    """Prove the chain as of now. Reads all of it once, a thousand events in memory at a time; writers go on.

    :param anchors: checkpoints that were kept outside. Those older than the base can't be compared any more.
    """
    with chain.snapshot() as found:
        if found is None:
            return _headless()
        walk = Walk(found.head, _by_seq(anchors))
        with walk.noting_what_is_wrong():
            walk.depart()
            walk.along(found, after=found.head.base_seq)
            walk.arrive()
    return walk.proof


def verify_after(mark: Mark, *, most: int) -> Proof:
    """Prove what follows on what was proved before, and that this is still there: its last event is read anew.

    The front of the chain and what was erased are held against the record too. What else was changed in what was
    proved before is for :func:`verify` to find, and what is older than the chain is passed over.

    :param most: so many new events at most; the proof's ``last_seq`` says how far it came.
    """
    with chain.snapshot() as found:
        if found is None:
            return _headless()
        walk = Walk(found.head, {mark.seq: {mark.hash.hex()}} if mark.seq else {}, kept="the last check")
        with walk.noting_what_is_wrong():
            after = walk.resume(found, mark)
            again = int(after < mark.seq)
            is_cut_short = walk.along(found, after=after, most=again + most) and walk.proof.last_seq < found.head.seq
            walk.look_ahead(found)
            walk.arrive(at_head=not is_cut_short)
    return walk.proof


def _headless() -> Proof:
    return Proof(base_seq=0, broken=Broken(1, Check.HEAD, "the head is gone"))


def _by_seq(anchors: Iterable[Checkpoint]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for each in anchors:
        if each.chain == CHAIN:
            found.setdefault(each.seq, set()).add(each.hash)
    return found
