"""How often a program may ask: one count for the whole API, per token, or per address where no token proved itself."""

import time
from functools import cache

from flask import current_app
from limits import RateLimitItem, parse_many
from werkzeug.exceptions import TooManyRequests

from dashboard.web.limits import caller, limiter

SCOPE = "api"
_limits = cache(parse_many)


def count() -> None:
    """Count this request.

    :raises TooManyRequests: it is one too many; ``retry_after`` says when the next may come, in seconds.
    """
    if not limiter.enabled:
        return
    who = caller()
    for item in _limits(current_app.config["API_RATE_LIMIT"]):
        if not limiter.limiter.hit(item, who, SCOPE):
            raise TooManyRequests(retry_after=_wait_seconds(item, who))


def _wait_seconds(item: RateLimitItem, who: str) -> int:
    reset_at = limiter.limiter.get_window_stats(item, who, SCOPE).reset_time
    return max(1, round(reset_at - time.time()))
