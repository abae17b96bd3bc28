"""Signing in and out."""

import logging
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dashboard import identity
from dashboard.identity import login, oidc
from dashboard.pages import notices
from dashboard.support import ending
from dashboard.support.why import Why
from dashboard.web.language import language
from dashboard.web.limits import limiter
from dashboard.web.request import origin, public, safe_next, who
from dashboard.who import Who

bp = Blueprint("login", __name__)
log = logging.getLogger("dashboard.login")
STATUS = {oidc.Trouble.PROVIDER_DOWN: 503, oidc.Trouble.REFUSED: 403}


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """What this is, and the way in."""
    next_path = safe_next(request.args.get("next"))
    if identity.actor() is not None:
        return redirect(next_path, 303)
    return render_template("login/index.html", next_path=next_path, asked="next" in request.args)


@bp.get("/login/")
@public
@limiter.limit(lambda: current_app.config["LOGIN_RATE_LIMIT"])
def start() -> ResponseReturnValue:
    """Off to the OpenID Provider; with ``fresh``, it is to ask anew who is there."""
    max_age = 60 * current_app.config["SUPPORT_FRESH_LOGIN_MINUTES"] if "fresh" in request.args else None
    try:
        url = oidc.authorization_url(safe_next(request.args.get("next")), language=language(), max_age=max_age)
    except oidc.LoginFailed as failure:
        return _failed(failure)
    return leave_for(url)


@bp.get("/login/callback/")
@public
@limiter.limit(lambda: current_app.config["LOGIN_RATE_LIMIT"])
def callback() -> ResponseReturnValue:
    """Back from the OpenID Provider, with proof or without."""
    try:
        proof = oidc.prove(request, cookie_sent=bool(getattr(session, "cookie", None)))
    except oidc.LoginFailed as failure:
        if failure.trouble is oidc.Trouble.EXPIRED and identity.actor() is not None:
            return redirect(url_for("connections.index"), 303)
        return _failed(failure)
    login.sign_in(proof, origin=origin())
    return redirect(safe_next(proof.next_path), 303)


@bp.post("/logout/")
def logout() -> ResponseReturnValue:
    """End the login here, then at the provider. A look through a person's eyes ends first, and is not the person's."""
    looking = g.looking or g.get("over")
    if g.looking:
        ending.stop(who, why=Why.LOGOUT)
    response = leave_for(login.sign_out(Who(who.actor_id, who.actor_id or 0, who.origin)) or url_for(".signed_out"))
    if looking:
        notices.say(_("The look through another person’s eyes is over too"), _("Both ended together."))
        response.headers["Clear-Site-Data"] = '"cache"'
    return response


@bp.get("/signed-out/")
@public
def signed_out() -> ResponseReturnValue:
    """What is over, and the way back in."""
    return render_template("login/signed_out.html")


def leave_for(url: str) -> Response:
    """Send the browser on, to us or to the OpenID Provider.

    A browser holds the redirect that answers a form to our ``form-action``, which names the issuer's host. A provider
    may have an endpoint on another one: then a page goes on by itself, which no policy of ours forbids.
    """
    if url.startswith("/") or urlsplit(url)[:2] == urlsplit(current_app.config["OIDC_ISSUER"])[:2]:
        return make_response(redirect(url, 303))
    return make_response(render_template("login/leaving.html", url=url))


def _failed(failure: oidc.LoginFailed) -> ResponseReturnValue:
    log.warning("login failed: %s (%s)", failure, origin().request_id)
    status = STATUS.get(failure.trouble, 400)
    page = render_template("login/failed.html", trouble=failure.trouble.value, request_id=origin().request_id)
    return page, status
