"""How an end that no provider confirmed stands, said to staff."""

from flask_babel import gettext as _

from dashboard.pages.revocations import stands
from dashboard.pages.states import reason
from dashboard.pages.support.words import reason_for_staff
from dashboard.pages.words import provider_name
from dashboard.support.case import Ending

FILTERS = ("ending_stands",)


def ending_stands(ending: Ending) -> str:
    """What the person reads of it, save that nobody but the person is meant by what is left to do."""
    name, found = provider_name(ending.type), stands(ending)
    if found.to_do:
        rest = _("The person has to end our access in their account at %(name)s; nothing here uses it.", name=name)
        return f"{found.sentences[0]} {rest}"
    why = reason(ending.failure_code, name)
    return " ".join(reason_for_staff(ending.failure_code, name) if each == why else each for each in found.sentences)
