"""Mails: each a function that returns data, queued as a row in the transaction of what it tells."""

from typing import Any

from dashboard.mail import stopping
from dashboard.mail.letters import Letter
from dashboard.mail.message import Written
from dashboard.mail.office import Reader, office
from dashboard.mail.sending import due, failing, prune, queue, send
from dashboard.mail.transport import Undelivered

__all__ = [
    "Letter",
    "Reader",
    "Undelivered",
    "Written",
    "due",
    "failing",
    "init_app",
    "office",
    "prune",
    "queue",
    "send",
    "stopping",
]


def init_app(app: Any) -> None:
    """Take the settings into use: how mails travel, and from whom. Who writes them out is said by ``web/mails.py``."""
    office.use(app.config)
    stopping.signer.use(app.config["SECRET_KEY"])
