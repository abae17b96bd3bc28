"""What gunicorn reads by itself: how requests are served and logged, and the engine. Its command line wins."""

import re
from typing import Any

from gunicorn.glogging import Logger

SECRET = re.compile(r"(/webhooks/+[^/\s]+/+|/mails/+stop/+)[^/\s?\"]+")
"""What follows the type in the address of a webhook, and the link that stops mails: whoever knows it can call there."""


class WithoutKeys(Logger):
    """gunicorn's log without the secret part of the addresses of webhooks and of the links in mails."""

    def atoms(self, *args: Any) -> dict[str, Any]:
        """The words of a line of the access log: path, request line, Referer and all others."""
        return {name: _hide(value) for name, value in super().atoms(*args).items()}

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """An error, which may name the address that was asked for."""
        super().exception(msg, *map(_hide, args), **kwargs)


def _hide(value: Any) -> Any:
    return SECRET.sub(r"\1…", value) if isinstance(value, str) else value


logger_class = WithoutKeys
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
