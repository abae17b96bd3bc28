"""Counts of rate limits in the process, for ``RATE_LIMIT_STORAGE=memory://``."""

import threading
import time

from limits.storage import Storage

SWEEP_SECONDS = 60


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
