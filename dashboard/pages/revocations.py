"""How the end of a connection stands at its provider, in words: confirmed, under way, or for the person to do."""

from datetime import UTC, datetime
from typing import NamedTuple

from flask_babel import gettext as _
from markupsafe import Markup

from dashboard import providers
from dashboard.connections.attaching import SUPERSEDED
from dashboard.connections.budget import MOMENT
from dashboard.connections.reading import Ending
from dashboard.connections.revoking import NO_GRANT
from dashboard.pages.states import reason
from dashboard.pages.times import exact
from dashboard.providers import ConnectionType


class Stands(NamedTuple):
    """How it stands, and what the person can do about it."""

    sentences: tuple[str, ...]
    link: str = ""
    """Where the person ends our access at the provider themselves. Empty: they need not, or no page is known."""
    is_open: bool = False
    """We are still at it."""
    to_do: bool = False
    """Something is left that only the person can do."""

    def marked_up(self) -> Markup:
        """All of it in one paragraph, with the link."""
        said = Markup(" ").join(self.sentences)
        if not self.link:
            return said
        return said + Markup(' <a href="{}" rel="noreferrer">{}</a>').format(self.link, link_label())


def link_label() -> str:
    """What the link to the provider's own page says."""
    return str(_("Remove it there yourself"))


def stands(ending: Ending) -> Stands:
    """How the end of a connection stands at its provider."""
    type = providers.get(ending.type)
    if ending.done_at is not None:
        return Stands((_("Told %(name)s: confirmed on %(time)s.", name=type.name, time=exact(ending.done_at)),))
    if ending.given_up_at is not None:
        return _given_up(type, ending)
    if ending.due_at is None:
        return nothing_to_end(type)
    if ending.tried_at is not None and ending.failure_code is not None:
        return Stands(
            (
                _("%(name)s has not confirmed yet.", name=type.name),
                reason(ending.failure_code, type.name),
                _("Trying again on %(time)s.", time=exact(ending.due_at)),
            ),
            is_open=True,
        )
    if not providers.can_revoke(type):
        return _by_hand(_("%(name)s offers us no way to tell it.", name=type.name), type, ending)
    if ending.due_at > datetime.now(UTC) + MOMENT:
        said = _("%(name)s will be told on %(time)s.", name=type.name, time=exact(ending.due_at))
        return Stands((said,), is_open=True)
    if ending.tried_at is not None:
        return Stands((_("%(name)s is being told now.", name=type.name),), is_open=True)
    return Stands((_("%(name)s is in line to be told.", name=type.name),), is_open=True)


def nothing_to_end(type: ConnectionType) -> Stands:
    """There was no grant."""
    return Stands((_("There was no access left that %(name)s would have to end.", name=type.name),))


def _given_up(type: ConnectionType, ending: Ending) -> Stands:
    if ending.failure_code == NO_GRANT:
        return nothing_to_end(type)
    if ending.failure_code == SUPERSEDED:
        return Stands((_superseded(type, ending),))
    if not providers.can_revoke(type):
        return _by_hand(_("%(name)s offers us no way to tell it.", name=type.name), type, ending)
    return _by_hand(_("%(name)s could not be told.", name=type.name), type, ending)


def _superseded(type: ConnectionType, ending: Ending) -> str:
    if ending.tried_at is None:
        return _(
            "%(name)s was not told: the account was connected again, and that would have ended too.", name=type.name
        )
    return _(
        "%(name)s had not confirmed when the account was connected again; to tell it once more would end that too.",
        name=type.name,
    )


def _by_hand(why: str, type: ConnectionType, ending: Ending) -> Stands:
    rest = _("End our access in your account at %(name)s; nothing here uses it any more.", name=type.name)
    return Stands((why, rest), providers.removal_url(type, account_id=ending.remote_account_id) or "", to_do=True)
