"""The way back from a provider. It ends on a connection, or on a page that says why not; never in between."""

import logging

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dashboard import identity, providers
from dashboard.connections import connecting
from dashboard.connections.connecting import OtherAccount, ProviderFailed, ProviderSaid, Replayed, Trouble
from dashboard.pages import notices
from dashboard.pages.connect import endings
from dashboard.pages.connect.blueprint import bp, redirect_uri, session_id
from dashboard.pages.connect.endings import Ending
from dashboard.providers import redact
from dashboard.web.request import origin, public, who

log = logging.getLogger("dashboard.connecting")


@bp.get("/<type>/callback/")
@public
def callback(type: str) -> ResponseReturnValue:
    """Back from a provider. Public, so that no code is carried through a login: whoever is signed out begins anew."""
    if identity.actor() is None:
        return _page(endings.signed_out(providers.get(type).name), 403)
    answer = request.args.to_dict()
    made = connecting.finish(
        answer.pop("state", ""), by=who, session_id=session_id(), redirect_uri=redirect_uri(type), answer=answer
    )
    notices.connected(made)
    return redirect(url_for("connections.detail", connection_id=made.connection_id), 303)


@bp.app_errorhandler(OtherAccount)
def _other_account(trouble: OtherAccount) -> ResponseReturnValue:
    return redirect(url_for("connect.waiting", request_id=trouble.request_id), 303)


@bp.app_errorhandler(Replayed)
def _replayed(trouble: Replayed) -> ResponseReturnValue:
    """A page that is loaded again leads to what came of it."""
    if trouble.made_connection_id is None or trouble.type is None:
        return _trouble(trouble)
    notices.led_here_before(trouble.type)
    return redirect(url_for("connections.detail", connection_id=trouble.made_connection_id), 303)


@bp.app_errorhandler(Trouble)
def _trouble(trouble: Trouble) -> ResponseReturnValue:
    """Every other way in which no connection comes of it. Neither code nor state is in the log."""
    _log(trouble)
    return _page(endings.ending(trouble), trouble.status)


def _log(trouble: Trouble) -> None:
    """A provider that refuses us, not the person, is the operator's matter."""
    type = trouble.type.type if trouble.type else "any provider"
    why, level, secrets = str(trouble), logging.INFO, [request.args.get(name, "") for name in ("code", "state")]
    if isinstance(trouble, ProviderFailed):
        why = redact.hide(str(trouble.failure), secrets)
        level = logging.WARNING if isinstance(trouble.failure, providers.ClientRefused) else logging.INFO
    elif isinstance(trouble, ProviderSaid):
        why = f"{why} {redact.hide(trouble.said, secrets)}"
    log.log(level, "no connection to %s was made: %s (%s)", type, why, origin().request_id)


def _page(ending: Ending, status: int) -> ResponseReturnValue:
    return render_template("connect/ending.html", ending=ending, request_id=origin().request_id), status
