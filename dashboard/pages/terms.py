"""On what terms a provider lets us have records, in words: how long they stay, and what becomes of them at the end."""

from flask_babel import gettext as _
from flask_babel import ngettext

from dashboard import providers
from dashboard.providers import ConnectionType


def terms(type: ConnectionType) -> list[str]:
    """The terms that apply here, an agreement of the operator's own included; a sentence each."""
    stays = str(_("What it sends stays here for as long as you like."))
    if providers.may_keep_records(type):
        at_the_end = _("When you disconnect it, you choose whether what it sent stays or is deleted.")
    else:
        at_the_end = _(
            "When you disconnect it, what it sent is deleted here at once: %(name)s asks for that.", name=type.name
        )
    return _all(type, stays, str(at_the_end))


def terms_for_staff(type: ConnectionType) -> list[str]:
    """The same, said to who reads of another person's connections."""
    stays = str(_("What it sends stays here for as long as the person likes."))
    if providers.may_keep_records(type):
        at_the_end = _("When the person disconnects it, they choose whether what it sent stays or is deleted.")
    else:
        at_the_end = _(
            "When the person disconnects it, what it sent is deleted here at once: %(name)s asks for that.",
            name=type.name,
        )
    return _all(type, stays, str(at_the_end))


def all_at_once(type: ConnectionType) -> str:
    """What else ends with a connection. Empty: nothing."""
    if not providers.revokes_all(type):
        return ""
    sentence = _(
        "Disconnecting ends this site’s whole access to the account at %(name)s."
        " Other accounts there stay as they are.",
        name=type.name,
    )
    return str(sentence)


def kept_for(type: ConnectionType) -> str:
    """After how many days what it sent is deleted. Empty: after none."""
    days = providers.keep_days(type)
    if not days:
        return ""
    return str(
        ngettext(
            "What it sends is deleted here after %(num)s day: %(name)s asks for that.",
            "What it sends is deleted here after %(num)s days: %(name)s asks for that.",
            days,
            name=type.name,
        )
    )


def _all(type: ConnectionType, stays: str, at_the_end: str) -> list[str]:
    return [kept_for(type) or stays, at_the_end, *filter(None, [all_at_once(type)])]
