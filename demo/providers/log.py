"""What the third parties were asked: counts that a test can hold against what it expects."""

from collections import Counter
from typing import Any


class Log:
    """What one third party was asked since the last reset."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        """By method and path: ``GET /www.strava.com/api/v3/athlete``."""
        self.kinds: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        """By kind of endpoint and HTTP status: ``data 200``."""
        self.sockets: set[str] = set()
        self.refreshes: Counter[str] = Counter()
        """By refresh token: how often it was presented."""
        self.refreshed: Counter[str] = Counter()
        """By refresh token: how often new tokens were given for it."""
        self.spent: set[str] = set()
        self.presented_spent: Counter[str] = Counter()
        """By refresh token: how often it was presented after it had been spent."""
        self.exchanges = 0
        """Codes that became grants."""
        self.revocations: list[dict[str, Any]] = []
        self.notices: list[dict[str, Any]] = []
        self.windows: Counter[tuple[int, int]] = Counter()
        """Requests that count for a rate limit, by the length of its window and the window's number."""
        self._busy: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()
        """By account: the most requests that ran at the same time."""

    def begin(self, account: str) -> None:
        """A request about an account begins."""
        self._busy[account] += 1
        self.most_at_once[account] = max(self.most_at_once[account], self._busy[account])

    def end(self, account: str) -> None:
        """It ends."""
        self._busy[account] -= 1

    def refresh(self, token: str) -> None:
        """A refresh token was presented."""
        self.refreshes[token] += 1
        if token in self.spent:
            self.presented_spent[token] += 1

    def as_json(self) -> dict[str, Any]:
        """All counts."""
        return {
            "requests": dict(self.requests),
            "kinds": dict(self.kinds),
            "answers": dict(self.answers),
            "sockets": len(self.sockets),
            "refreshes": dict(self.refreshes),
            "refreshed": dict(self.refreshed),
            "spent_twice": dict(self.presented_spent),
            "exchanges": self.exchanges,
            "revocations": self.revocations,
            "notices": self.notices,
            "most_at_once": dict(self.most_at_once),
        }
