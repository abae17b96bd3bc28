"""The leases that this process holds, so that a process that stops can hand them back.

Nothing is decided by it: the leases are in the rows. A process that is killed leaves them there until they run out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from dashboard.connections import due
from dashboard.data import clock, syncs, transaction, untold


def hand_back_sync(connection_id: int, *, key: str) -> bool:
    """Let go of the lease of a sync inside the caller's transaction, wherever it is: a cut takes it along.

    False: it is somebody else's by now.
    """
    if syncs.hand_back(connection_id, key=key):
        return True
    revocation_id = untold.let_go(connection_id, key=key)
    if revocation_id is not None:
        due.say(due.REVOCATION, revocation_id, at=clock.now())
    return revocation_id is not None


_HAND_BACK: dict[str, Callable[..., bool]] = {due.SYNC: hand_back_sync, due.REVOCATION: untold.hand_back}
_lock = Lock()
_held: dict[tuple[str, int], str] = {}
_spending: set[tuple[str, int]] = set()
_handed_back: set[tuple[str, int]] = set()


@contextmanager
def holding(kind: str, id: int, key: str) -> Iterator[None]:
    """Know of a lease while its work is done."""
    with _lock:
        _held[kind, id] = key
        _handed_back.discard((kind, id))
    try:
        yield
    finally:
        with _lock:
            _held.pop((kind, id), None)


@contextmanager
def spending(kind: str, id: int) -> Iterator[bool]:
    """A refresh token is being spent: nobody else may begin, so the lease is not handed back meanwhile.

    False: it was handed back just before, and another process may be spending it.
    """
    with _lock:
        ours = (kind, id) not in _handed_back
        if ours:
            _spending.add((kind, id))
    try:
        yield ours
    finally:
        with _lock:
            _spending.discard((kind, id))


def hand_back(kind: str, id: int) -> bool:
    """Hand a lease of this process back, so that another one goes on at once. Whoever works here finds it lost.

    False: this process does not hold it, or is spending its refresh token right now; then it runs out by itself.
    """
    with _lock:
        key = None if (kind, id) in _spending else _held.get((kind, id))
        if key is None:
            return False
        _handed_back.add((kind, id))
    with transaction():
        return _HAND_BACK[kind](id, key=key)
