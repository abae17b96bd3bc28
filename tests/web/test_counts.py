"""The counts of rate limits in the process."""

import time

from limits import RateLimitItemPerHour, RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from dashboard.web.counts import ProcessCounts


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
