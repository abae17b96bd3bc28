"""What gunicorn reads by itself: how requests are served and logged, and the engine. Its command line wins."""

from typing import Any

worker_class = "gthread"
threads = 8
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s "%(a)s"'
"""Without the query: what support types into the search must not stand in a log that nothing can be erased from."""


def post_worker_init(worker: Any) -> None:
    """Start the engine in a process that serves requests: with ENGINE=embedded it works there, else it is silent."""
    if engine := _engine(worker):
        engine.start()


def worker_exit(server: Any, worker: Any) -> None:
    """Stop the engine with its process: what it has begun is finished within seconds, or handed back."""
    if engine := _engine(worker):
        engine.stop()


def _engine(worker: Any) -> Any:
    """The app's engine. None: it could not be loaded, or it is another app that is served from this folder."""
    app = getattr(worker, "wsgi", None)
    return getattr(app, "extensions", {}).get("engine")
