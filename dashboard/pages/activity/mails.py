"""The sentences of mails: which were sent, and who stopped them."""

from collections.abc import Callable

from flask_babel import gettext as _

from dashboard.events import Event, Happened


def _sent(happened: Happened, name: str) -> str:
    if happened.details.get("mail") == "disconnected_by_support":
        return str(_("You were sent a mail: support has disconnected %(name)s.", name=name))
    return str(_("You were sent a mail: %(name)s needs you.", name=name))


def _stopped(happened: Happened, name: str) -> str:
    if happened.by_subject:
        return str(_("You stopped mails about %(name)s.", name=name))
    return str(_("Mails about %(name)s were stopped by the link in one.", name=name))


def _resumed(happened: Happened, name: str) -> str:
    if happened.by_subject:
        return str(_("You asked for mails about %(name)s again.", name=name))
    return str(_("Mails about %(name)s were asked for again by the link in one.", name=name))


SENTENCES: dict[Event, Callable[[Happened, str], str]] = {
    Event.MAIL_SENT: _sent,
    Event.MAILS_STOPPED: _stopped,
    Event.MAILS_RESUMED: _resumed,
}
"""From the event and the provider's name. They say themselves who did it."""
