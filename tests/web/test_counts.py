"""The counts of rate limits: in the process, and in a store that many share."""

import socket
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItemPerHour, RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from dashboard.web import limits
from dashboard.web.counts import ProcessCounts, SharedCounts


def test_a_window_lets_as_many_through_as_it_says_and_each_caller_has_their_own() -> None:
    limiter, twice = FixedWindowRateLimiter(ProcessCounts()), RateLimitItemPerHour(2)

    assert [limiter.hit(twice, "ada") for _ in range(3)] == [True, True, False]
    assert limiter.hit(twice, "ben")
    assert 3590 < limiter.get_window_stats(twice, "ada").reset_time - time.time() <= 3600
    assert limiter.get_window_stats(twice, "ben").remaining == 1


def test_a_window_that_is_over_begins_anew() -> None:
    counts = ProcessCounts()

    assert [counts.incr("ada", 0) for _ in range(2)] == [1, 1]
    assert counts.get("ada") == 0
    assert counts.incr("ada", 60) == 1
    assert counts.incr("ada", 60) == 2
    assert counts.get("ada") == 2


def test_counts_can_be_forgotten_one_by_one_or_all() -> None:
    counts = ProcessCounts()
    for caller in ("ada", "ben", "cleo"):
        counts.incr(caller, 60)

    counts.clear("ada")

    assert counts.get("ada") == 0
    assert counts.reset() == 2
    assert counts.get("ben") == 0


def test_the_library_finds_it_by_its_scheme() -> None:
    limiter = FixedWindowRateLimiter(storage_from_string("process://"))

    assert limiter.hit(RateLimitItemPerSecond(1), "ada")
    assert limiter.storage.check()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a store that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}"


def test_a_store_that_is_away_lets_each_process_count_for_itself() -> None:
    counts = SharedCounts(at="redis://127.0.0.1:1")

    assert [counts.incr("ada", 60) for _ in range(3)] == [1, 2, 3]
    assert counts.get("ada") == 3
    assert counts.get_expiry("ada") > time.time()
    counts.clear("ada")
    assert counts.reset() == 0


def test_a_store_that_hangs_costs_one_request_a_second(silent: str, caplog: pytest.LogCaptureFixture) -> None:
    counts, began = SharedCounts(at=silent.replace("redis://", "redis://:secret@")), time.monotonic()

    assert [counts.incr("ada", 60) for _ in range(20)] == [*range(1, 21)]
    assert time.monotonic() - began < 4, "unless told, its library waits for five seconds, each time"
    [line] = caplog.messages
    assert "RATE_LIMIT_STORAGE does not answer" in line
    assert "secret" not in line


def test_the_limits_of_an_app_whose_store_is_away_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    app, limiter = Flask("app"), Limiter(limits.caller, strategy="fixed-window")
    monkeypatch.setattr(limits, "limiter", limiter)
    app.config["RATELIMIT_STORAGE_URI"] = "redis://127.0.0.1:1"
    limits.init_app(app)

    assert [limiter.limiter.hit(RateLimitItemPerHour(2), "ada") for _ in range(3)] == [True, True, False]


class Moody(ProcessCounts):
    """A store that answers while it is well."""

    STORAGE_SCHEME = ["moody"]  # noqa: RUF012  the library reads a list
    well = True
    asked = 0

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What it raises."""
        return (ConnectionError,)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count on, or not."""
        Moody.asked += 1
        if not Moody.well:
            raise ConnectionError
        return super().incr(key, expiry, amount)


def test_a_store_that_is_back_is_asked_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    counts, now = SharedCounts(at="moody://"), [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    counts.incr("ada", 60)

    monkeypatch.setattr(Moody, "well", False)
    assert [counts.incr("ada", 60) for _ in range(2)] == [1, 2]
    monkeypatch.setattr(Moody, "well", True)
    assert counts.incr("ada", 60) == 3
    assert Moody.asked == 2
    now[0] += 11
    assert counts.incr("ada", 60) == 2
    assert counts.get("ada") == 2


def test_of_those_who_come_while_it_is_asked_again_nobody_else_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    counts, now, asked = SharedCounts(at="moody://"), [1000.0], list[str]()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(Moody, "well", False)
    counts.incr("ada", 60)
    now[0] += 11

    def slow(_store: Moody, key: str, expiry: int, amount: int = 1) -> int:
        asked.append(key)
        if len(asked) == 1:
            counts.incr("ben", expiry, amount)
        return 1

    monkeypatch.setattr(Moody, "incr", slow)
    counts.incr("ada", 60)

    assert asked == ["ada"]
