"""The counts of rate limits: in the process, for ``RATE_LIMIT_STORAGE=memory://``, or in a store that many share."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar, cast

from limits.errors import StorageError
from limits.storage import Storage, storage_from_string

log = logging.getLogger("dashboard")
Counted = TypeVar("Counted")
SWEEP_SECONDS = 60
AWAY_SECONDS = 10
"""For how long a shared store that did not answer is left in peace."""


class ProcessCounts(Storage):
    """A count by key, until it expires.

    The library's own does the same, but starts a thread every hundredth of a second that walks over all keys.
    """

    STORAGE_SCHEME = ["process"]  # noqa: RUF012  the library reads a list

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}
        self._swept_at = time.time()

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What may go wrong: nothing."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count on; the count. ``expiry``: seconds until it begins anew, from its first."""
        now = time.time()
        with self._lock:
            count, ends_at = self._counts.get(key, (0, 0.0))
            if ends_at <= now:
                count, ends_at = 0, now + expiry
            self._counts[key] = count + amount, ends_at
            if now - self._swept_at > SWEEP_SECONDS:
                self._counts = {name: each for name, each in self._counts.items() if each[1] > now}
                self._swept_at = now
        return count + amount

    def get(self, key: str) -> int:
        """The count."""
        count, ends_at = self._counts.get(key, (0, 0.0))
        return count if ends_at > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the count begins anew, in seconds since the epoch."""
        return self._counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Whether it works."""
        return True

    def reset(self) -> int:
        """Forget all counts; how many."""
        with self._lock:
            gone, self._counts = len(self._counts), {}
        return gone

    def clear(self, key: str) -> None:
        """Forget one count."""
        with self._lock:
            self._counts.pop(key, None)


class SharedCounts(Storage):
    """The counts of a shared store. While that does not answer, each process counts for itself: a limit that is looser
    for a while, and no request that fails or waits for it.

    :param at: the address of the store, a Redis.
    """

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012  the library reads a list

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, *, at: str) -> None:
        super().__init__(uri, wrap_exceptions)
        options = {"socket_timeout": 1, "socket_connect_timeout": 1} if at.startswith("redis") else {}
        self._shared = cast(Storage, storage_from_string(at, wrap_exceptions=True, **options))
        self._own = ProcessCounts()
        self._away_until = 0.0

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What may go wrong: nothing."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count on; the count. ``expiry``: seconds until it begins anew, from its first."""
        return self._ask(lambda counts: counts.incr(key, expiry, amount))

    def get(self, key: str) -> int:
        """The count."""
        return self._ask(lambda counts: counts.get(key))

    def get_expiry(self, key: str) -> float:
        """When the count begins anew, in seconds since the epoch."""
        return self._ask(lambda counts: counts.get_expiry(key))

    def check(self) -> bool:
        """Whether the store answers."""
        return self._shared.check()

    def reset(self) -> int | None:
        """Forget all counts; how many, if the store knows."""
        return self._ask(lambda counts: counts.reset())

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._ask(lambda counts: counts.clear(key))

    def _ask(self, question: Callable[[Storage], Counted]) -> Counted:
        if self._may_ask():
            try:
                answer = question(self._shared)
            except StorageError as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                why = type(error.storage_error).__name__
                log.warning("RATE_LIMIT_STORAGE does not answer (%s): each process counts for itself", why)
            else:
                self._away_until = 0.0
                return answer
        return question(self._own)

    def _may_ask(self) -> bool:
        """Whether to ask the store: while it is away, one request now and then does."""
        now, away_until = time.monotonic(), self._away_until
        if now < away_until:
            return False
        if away_until:
            self._away_until = now + AWAY_SECONDS
        return True
