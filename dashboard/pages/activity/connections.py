"""The sentences of what happened between us and a provider: made, renewed, refused, and how its end was taken."""

from collections.abc import Callable

from flask_babel import gettext as _

from dashboard.events import Event, Happened
from dashboard.pages.states import reason


def _made(_happened: Happened, name: str) -> str:
    return str(_("%(name)s was connected.", name=name))


def _renewed(happened: Happened, name: str) -> str:
    if happened.details.get("was_refused"):
        return str(_("%(name)s was reconnected.", name=name))
    return str(_("The access to %(name)s was renewed.", name=name))


def _refused(happened: Happened, name: str) -> str:
    code = happened.details.get("code")
    if not isinstance(code, str) or code in {"refused", "access_expired"}:
        return str(_("%(name)s no longer lets us in. Reconnect it to go on.", name=name))
    return " ".join([reason(code, name), _("Reconnect it to go on.")])


def _confirmed(happened: Happened, name: str) -> str:
    if _was_never_used(happened):
        return str(_("%(name)s confirmed the end of an access that was never used here.", name=name))
    return str(_("%(name)s confirmed that our access has ended.", name=name))


def _given_up(happened: Happened, name: str) -> str:
    if _was_never_used(happened):
        said = _("%(name)s could not be told of the end of an access that was never used here.", name=name)
        todo = _("Unless that account is connected here, end our access in your account at %(name)s.", name=name)
        return f"{said} {todo}"
    return str(_("%(name)s could not be told that our access has ended.", name=name))


def _was_never_used(happened: Happened) -> bool:
    """Whether the access was given back before it became a connection; another one may work all the while."""
    return "connection" not in happened.details


SENTENCES: dict[Event, Callable[[Happened, str], str]] = {
    Event.CONNECTION_MADE: _made,
    Event.CONNECTION_RENEWED: _renewed,
    Event.CONNECTION_REFUSED: _refused,
    Event.REVOCATION_CONFIRMED: _confirmed,
    Event.REVOCATION_GIVEN_UP: _given_up,
}
"""From the event and the provider's name."""

BY_ITSELF = frozenset({Event.CONNECTION_REFUSED, Event.REVOCATION_CONFIRMED, Event.REVOCATION_GIVEN_UP})
"""What nobody did: the provider answered, or did not."""
