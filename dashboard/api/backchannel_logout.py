"""Where the OpenID Provider says that a login is over (OpenID Connect Back-Channel Logout 1.0)."""

import logging

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from dashboard.errors import Refused
from dashboard.identity import login, logout_token
from dashboard.identity.issuer_keys import InvalidToken, ProviderDown
from dashboard.web import csrf
from dashboard.web.request import origin, public

bp = Blueprint("backchannel_logout", __name__)
log = logging.getLogger("dashboard.login")


@bp.post("/login/backchannel-logout/")
@public
@csrf.exempt
def index() -> ResponseReturnValue:
    """End the login sessions that a logout token names. 200 also if there were none (§2.7)."""
    try:
        logout = logout_token.read(request.form.get("logout_token", ""))
    except (InvalidToken, ProviderDown) as error:
        return _refused(error)
    issuer = current_app.config["OIDC_ISSUER"]
    count = login.end_by_provider(issuer=issuer, subject=logout.subject, sid=logout.sid, origin=origin())
    log.info("the identity provider ended %d login sessions", count)
    return Response(status=200, headers={"Cache-Control": "no-store"})


def _refused(error: Refused) -> ResponseReturnValue:
    """400 for a bad token (§2.8); 503 where we could not check it, so that the provider may try again."""
    log.warning("back-channel logout refused: %s", error)
    status = error.status if isinstance(error, ProviderDown) else 400
    code = "temporarily_unavailable" if status == 503 else "invalid_request"
    body = {"error": code, "error_description": str(error)}
    return body, status, {"Cache-Control": "no-store"}
