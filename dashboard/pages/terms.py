"""On what terms a provider lets us have records, in words: how long they stay, and what becomes of them at the end."""

from flask_babel import gettext as _
from flask_babel import ngettext

from dashboard import providers
from dashboard.providers import ConnectionType


def terms(type: ConnectionType) -> list[str]:
    """The terms that apply here, an agreement of the operator's own included; a sentence each."""
    return [_how_long(type), _at_the_end(type), *filter(None, [all_at_once(type)])]


def all_at_once(type: ConnectionType) -> str:
    """What else ends with a connection. Empty: nothing."""
    if not providers.revokes_all(type):
        return ""
    sentence = _(
        "%(name)s ends all that this site may do with your account there at once, never a part of it.", name=type.name
    )
    return str(sentence)


def _how_long(type: ConnectionType) -> str:
    days = providers.keep_days(type)
    if not days:
        return str(_("What it sends stays here for as long as you like."))
    return str(
        ngettext(
            "What it sends is deleted here after %(num)s day: %(name)s asks for that.",
            "What it sends is deleted here after %(num)s days: %(name)s asks for that.",
            days,
            name=type.name,
        )
    )


def _at_the_end(type: ConnectionType) -> str:
    if providers.may_keep_records(type):
        return str(_("When you disconnect it, you choose whether what it sent stays or is deleted."))
    return str(
        _("When you disconnect it, what it sent is deleted here at once: %(name)s asks for that.", name=type.name)
    )
