"""Checking the chain by the clock: each time what came since, so that a break is known within the hour.

What is found wrong stays known until the whole log is proved again: who tampers and takes it back is not forgotten.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from dashboard.data import chain, clock, proofs, transaction
from dashboard.data.proofs import ProofRow
from dashboard.events.payload import START
from dashboard.events.proof import Mark, Proof, verify_after

MOST = 500_000
"""How many events one check reads at most: some seconds. What is more is the next one's."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the log stands, and how its last check went."""

    seq: int
    """The last event. 0: there is none yet."""
    proved_seq: int
    """Up to this event all were proved, one check after another. 0: none yet."""
    checked_at: datetime | None
    """None: never."""
    broken_seq: int | None
    """The first event that was found wrong. None: none is known."""
    broken_check: str | None
    """What is wrong with it, a word of ``Check``."""

    @property
    def is_broken(self) -> bool:
        """Whether something was found wrong, and not all of it proved since."""
        return self.broken_seq is not None


def standing() -> Standing:
    """How the log stands. Two queries, each by a primary key."""
    seq, last = chain.last_seq() or 0, proofs.last()
    if last is None:
        return Standing(seq, 0, None, None, None)
    return Standing(seq, last.seq, last.checked_at, last.broken_seq, last.broken_check)


def check(*, most: int = MOST) -> Standing:
    """Prove what was appended since the last check, keep how it went, and log an error while something is wrong.

    Two at once do no harm.
    """
    last = proofs.last()
    proof = verify_after(Mark(last.seq, last.hash) if last else Mark(0, START), most=most)
    with transaction():
        kept = _kept(proof, proofs.hold_last())
        proofs.keep(kept)
    if kept.broken_seq is not None:
        why = proof.broken.words if proof.broken else "found earlier, and the whole log was not proved since"
        log.error("THE LOG IS BROKEN at event %d, check %s: %s.", kept.broken_seq, kept.broken_check, why)
    return standing()


def keep(proof: Proof) -> None:
    """Keep how a proof of the whole log went: it makes good what a check found wrong, or is what is wrong."""
    with transaction():
        before = proofs.hold_last() if proof.broken else None
        proofs.keep(_kept(proof, before))


def _kept(proof: Proof, before: ProofRow | None) -> ProofRow:
    """What is kept of a proof. How far it was proved stays before a break, so that the next check meets it too."""
    now = clock.now()
    kept = before._replace(checked_at=now) if before else ProofRow(0, START, now, None, None)
    if proof.broken is not None:
        return kept._replace(broken_seq=proof.broken.seq, broken_check=proof.broken.check.value)
    if kept.broken_seq is not None:
        return kept
    return kept._replace(seq=proof.last_seq, hash=bytes.fromhex(proof.hash))
