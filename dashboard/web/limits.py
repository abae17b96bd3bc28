"""How often one may ask: per token or address, counted by Flask-Limiter."""

import time

from flask import Flask, g
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from dashboard.web.counts import ProcessCounts, SharedCounts


def caller() -> str:
    """The API token's key where one proved itself, else the network address."""
    bearer = g.get("bearer")
    return bearer.key if bearer else get_remote_address()


limiter = Limiter(caller, strategy="fixed-window")


def wait_seconds() -> int:
    """When a refused request may come again, in seconds."""
    limit = limiter.current_limit
    return max(1, round(limit.reset_at - time.time())) if limit else 60


def init_app(app: Flask) -> None:
    """Start counting; the limits stand at the views, their numbers in the settings.

    A view with a limit counts by itself. Flask-Limiter's hooks, for limits on everything, would cost every request a
    tenth of an API answer, so it is told that it has them already.
    """
    app.extensions.setdefault("limiter", set()).add(limiter)
    storage = app.config["RATELIMIT_STORAGE_URI"]
    if storage == "memory://":
        app.config["RATELIMIT_STORAGE_URI"] = f"{ProcessCounts.STORAGE_SCHEME[0]}://"
    else:
        app.config["RATELIMIT_STORAGE_URI"] = f"{SharedCounts.STORAGE_SCHEME[0]}://"
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {"at": storage}
    limiter.init_app(app)
