"""The clock: what is due is done here. It decides when and where, never what."""

from datetime import datetime

from flask import Flask, current_app

from dashboard.connections.due import work_due
from dashboard.jobs.embedded import Loop
from dashboard.jobs.work import Piece
from dashboard.jobs.workers import Workers


def init_app(app: Flask) -> None:
    """Choose the engine. It does nothing yet: a web server starts it (``gunicorn.conf.py``), or ``flask worker``."""
    app.extensions["engine"] = Workers(app) if app.config["ENGINE"] == "workers" else Loop(app)


@work_due.connect
def _tell(kind: str, *, id: int, at: datetime) -> None:
    """A row becomes due, in the unit of work that is open."""
    if engine := current_app.extensions.get("engine"):  # none in an app of the lower rooms alone
        engine.tell(Piece(kind, id), at)
