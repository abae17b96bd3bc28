"""How a way to a provider ends that did not lead to a connection: what happened, what was changed, what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from dashboard import providers
from dashboard.connections import connecting
from dashboard.connections.connecting import Trouble
from dashboard.pages.revocations import link_label
from dashboard.pages.states import reason
from dashboard.pages.times import clock_or_day
from dashboard.providers.failures import ClientRefused, Failure, Limited, Unavailable

A_FEW_MINUTES = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Ending:
    """One way to end. The first of the ways on is the filled button."""

    heading: str
    sentences: tuple[str, ...]
    ways: tuple[tuple[str, str], ...]
    """Label and address."""
    said: str = ""
    """What the provider said, in its own words. Empty: nothing."""
    wanted: bool = False
    """Whether the person chose it, so that nothing went wrong that anybody could look up."""


def ending(trouble: Trouble) -> Ending:
    """The words of a trouble."""
    words = _WORDS.get(type(trouble), _unknown_state)
    return words(trouble, trouble.type.name if trouble.type else "")


def signed_out(name: str) -> Ending:
    """Nobody is signed in any more."""
    return Ending(
        _("You are no longer signed in"),
        (
            _("Your login ended while you were at %(name)s, so its answer was not taken now.", name=name),
            _("Sign in, and begin once more."),
        ),
        ((_("Sign in"), url_for("login.index", next=url_for("connect.index"))),),
    )


def _declined(trouble: Any, name: str) -> Ending:
    renews = trouble.connection_id is not None
    return Ending(
        _("You did not reconnect %(name)s", name=name) if renews else _("You did not connect %(name)s", name=name),
        (_("%(name)s says that you stopped there. Nothing was changed here. If it was a slip, try again.", name=name),),
        _again(trouble),
        wanted=True,
    )


def _provider_said(trouble: Any, name: str) -> Ending:
    return Ending(
        _("%(name)s could not go on", name=name),
        (_("It sent you back with an error. Nothing was changed here. Try again in a few minutes.", name=name),),
        _again(trouble),
        said=trouble.said,
    )


def _no_permission(trouble: Any, name: str) -> Ending:
    if trouble.connection_id is not None:
        outcome = _("The connection here is as it was.")
    else:
        outcome = _("Nothing was connected, and %(name)s is to be told to end the empty access.", name=name)
    return Ending(
        _("Nothing was permitted"),
        (
            _("What you left out at %(name)s is all that records come by, so nothing could ever arrive.", name=name),
            outcome,
        ),
        _again(trouble),
        wanted=True,
    )


def _replayed(trouble: Any, name: str) -> Ending:
    return Ending(
        _("This way back was used already"),
        (
            _(
                "It leads here from %(name)s once, and this time to no connection. Nothing was changed now.",
                name=name,
            ),
        ),
        _again(trouble),
    )


def _expired(trouble: Any, name: str) -> Ending:
    return Ending(
        _("This took too long"),
        (_("You came back from %(name)s too late to be sure that it was still you. Nothing was changed.", name=name),),
        _again(trouble),
    )


def _unknown_state(_trouble: Any, _name: str) -> Ending:
    return Ending(
        _("This did not begin here"),
        (
            _("This address leads back from a service, but nobody set out for it here lately. Nothing was changed."),
            _("If somebody sent you this link, leave it: it may be meant to attach their account to yours."),
        ),
        ((_("See what can be connected"), url_for("connect.index")), _home()),
    )


def _other_session(trouble: Any, name: str) -> Ending:
    return Ending(
        _("You began this in another login"),
        (
            _(
                "You went to %(name)s from another browser, or before your last sign-in. Nothing was changed.",
                name=name,
            ),
            _("Begin once more here."),
        ),
        _again(trouble),
    )


def _other_person(trouble: Any, name: str) -> Ending:
    return Ending(
        _("Somebody else began this"),
        (
            _(
                "Whoever went to %(name)s was signed in here as another person. Nothing was connected.",
                name=name,
            ),
            _("If that was you under another name, sign in with it and begin once more."),
        ),
        ((_("See what can be connected"), url_for("connect.index")), _home()),
    )


def _account_taken(trouble: Any, name: str) -> Ending:
    return Ending(
        _("Another person has connected this account"),
        (
            _(
                "One account at %(name)s can belong to one person here. Nothing was changed for either of you.",
                name=name,
            ),
            _("If that was you under another name, sign in here with that name and disconnect it first."),
            _("If you meant another account, sign out at %(name)s, then try again.", name=name),
        ),
        _again(trouble),
    )


def _ends_now(trouble: Any, name: str) -> Ending:
    return Ending(
        _("%(name)s was just told to end an earlier access", name=name),
        (
            _("A new one to this account may have ended with it, so nothing was connected."),
            _("Try again in a few minutes."),
        ),
        _again(trouble),
    )


def _provider_failed(trouble: Any, name: str) -> Ending:
    failure = trouble.failure
    why = _("%(name)s answered with an error.", name=name) if _is_unknown_error(failure) else reason(failure.code, name)
    if trouble.connection_id is not None:
        heading = _("%(name)s was not reconnected", name=name)
        sentences = [why, _("Nothing was kept here of this try. The connection is as it was.")]
    else:
        heading = _("%(name)s was not connected", name=name)
        sentences = [why, _("Nothing was kept here of this try. Your other connections are not touched by it.")]
    ways, removal = _again(trouble), _removal(trouble) if failure.grant_left else ()
    if failure.grant_left:
        sentences.append(
            _("The access that you gave there was not given back: %(name)s may list this site as allowed.", name=name)
        )
    if isinstance(failure, Limited) and failure.wait is not None and failure.wait > A_FEW_MINUTES:
        at = clock_or_day(datetime.now(UTC) + failure.wait)
        sentences.append(_("It lets this site in again at %(time)s: try again then.", time=at))
    elif isinstance(failure, Unavailable | Limited):
        sentences.append(
            _("Try again in a few minutes.")
            if failure.grant_left
            else _("Try again in a few minutes. Until then %(name)s may list this site as allowed.", name=name)
        )
    elif isinstance(failure, ClientRefused):
        sentences.append(_("Only whoever runs this site can mend that; trying again does not help."))
        ways = (_home(), *_help())
    return Ending(heading, tuple(sentences), ways + removal, said=failure.said)


def _is_unknown_error(failure: Failure) -> bool:
    """Whether the provider said what is wrong, in words that stand beside and mean nothing to us."""
    return failure.code == "odd_answer" and bool(failure.said)


def _not_available(trouble: Any, name: str) -> Ending:
    return Ending(
        _("%(name)s can’t be connected here", name=name),
        (_("Its maker has closed it, or this site has no agreement with it at the moment. Nothing was changed."),),
        ((_("See what can be connected"), url_for("connect.index")), _home()),
    )


def _again(trouble: Any) -> tuple[tuple[str, str], ...]:
    """Once more the same way: a connection is renewed, or a new one made."""
    if trouble.connection_id is not None:
        address = url_for("connections.reconnect", connection_id=trouble.connection_id)
    else:
        address = url_for("connect.detail", type=trouble.type.type)
    return ((_("Try again"), address), _home())


def _removal(trouble: Any) -> tuple[tuple[str, str], ...]:
    """The way to the provider's own page. Empty: none is known, or our access there is one that a connection needs."""
    url = providers.removal_url(trouble.type, account_id=None)
    return ((link_label(), url),) if url and trouble.connection_id is None else ()


def _home() -> tuple[str, str]:
    return str(_("Go to your connections")), url_for("connections.index")


def _help() -> tuple[tuple[str, str], ...]:
    """The way to whoever runs this site. Empty: they name none."""
    url = current_app.config["HELP_URL"]
    return ((_("Write to support"), url),) if url else ()


_WORDS: dict[type[Trouble], Callable[[Any, str], Ending]] = {
    connecting.Declined: _declined,
    connecting.ProviderSaid: _provider_said,
    connecting.NoPermission: _no_permission,
    connecting.Replayed: _replayed,
    connecting.Expired: _expired,
    connecting.UnknownState: _unknown_state,
    connecting.OtherSession: _other_session,
    connecting.OtherPerson: _other_person,
    connecting.AccountTaken: _account_taken,
    connecting.EndsNow: _ends_now,
    connecting.ProviderFailed: _provider_failed,
    connecting.NotAvailable: _not_available,
}
