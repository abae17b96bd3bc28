"""What support reads of the mails to a person: which they were, and what became of them; never what they say."""

from datetime import UTC, datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from dashboard.connections import telling
from dashboard.pages.support.words import clock_or_day
from dashboard.pages.words import provider_name
from dashboard.support.case import MailFate

FILTERS = ("mail_word", "mail_fate")


def mail_word(mail: MailFate) -> str:
    """Which mail it is, and about whom."""
    name = provider_name(mail.type)
    words = {
        telling.RECONNECT: _("%(name)s needs the person", name=name),
        telling.BY_SUPPORT: _("Support disconnected %(name)s", name=name),
    }
    return str(words[mail.name])


def mail_fate(mail: MailFate) -> str:
    """What became of it; the code stands beside it."""
    if mail.sent_at is not None:
        return str(_("Sent."))
    if mail.next_try_at is None:
        return _never(mail.failure_code)
    due = mail.next_try_at <= datetime.now(UTC)
    when = str(_("Is about to be sent.") if due else _("Waits until %(time)s.", time=clock_or_day(mail.next_try_at)))
    tries = ngettext("%(num)s try failed.", "%(num)s tries failed.", mail.failure_count) if mail.failure_count else ""
    return f"{when} {tries}".strip()


def _never(code: str | None) -> str:
    words = {
        "no_address": _("Not sent: there is no address that it could go to."),
        "stopped": _("Not sent: the person stopped mails about this connection."),
        "unwanted": _("Not sent: the person wants no mails about any connection."),
        "not_needed": _("Not sent: it was not needed any more."),
        "recipient_refused": _("Not sent: the mail server takes no mail to this address."),
        "message_refused": _("Not sent: the mail server refused this mail."),
    }
    return str(words.get(code or "", _("Given up: the mail server took it at no try.")))
