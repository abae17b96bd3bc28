"""Mails about a connection: stopping them by the link in one, without a login, and having them again."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dashboard.connections import telling
from dashboard.mail import stopping
from dashboard.pages import notices
from dashboard.web import csrf
from dashboard.web.csrf import ForeignForm
from dashboard.web.limits import caller, limiter
from dashboard.web.request import origin, public, who

bp = Blueprint("mails", __name__)
ONE_CLICK = "One-Click"
"""What a mail program sends, on its person's word, as ``List-Unsubscribe`` (RFC 8058 §3.1)."""


def _whose() -> str:
    """Who is counted: the connection of the link, since mail programs send from few addresses; else the address."""
    connection_id = stopping.signer.connection_id((request.view_args or {})["token"])
    return caller() if connection_id is None else f"mails about {connection_id}"


@bp.route("/mails/stop/<token>/", methods=["GET", "POST"])
@public
@csrf.exempt
@limiter.limit("30 per minute", key_func=_whose)
def stop(token: str) -> ResponseReturnValue:
    """Ask, then stop: a link alone stops nothing, as programs open links too. A mail program's own POST needs no form.

    Nor would it follow a redirect (RFC 8058 §3.2): it gets the page at once.
    """
    one_click = request.form.get("List-Unsubscribe") == ONE_CLICK
    if request.method == "POST" and not one_click and (complaint := csrf.what_is_wrong()):
        raise ForeignForm(complaint)
    try:
        if request.method == "POST":
            _do(token, again="again" in request.form and not one_click)
            if not one_click:
                return redirect(url_for(".stop", token=token), 303)
        return render_template("mails/stop.html", mails=telling.by_link(token), known=True)
    except telling.NoSuchLink as unknown:
        return render_template("mails/stop.html", mails=None, known=False), unknown.status


def _do(token: str, *, again: bool) -> None:
    """Stop, or begin again. Of a connection that is gone there is nothing to stop."""
    mails = telling.by_link(token)
    if mails is not None:
        (telling.resume if again else telling.stop)(mails, by=telling.holder_of(mails, origin=origin()))


@bp.post("/connections/<key:connection_id>/mails/")
def choose(connection_id: int) -> ResponseReturnValue:
    """The same from the connection's page, by its person."""
    mails = telling.of_connection(connection_id, owner_id=who.subject_id)
    if "again" in request.form:
        telling.resume(mails, by=who)
        none = "" if mails.wanted else _("None comes as long as your account says that you want no mails at all.")
        notices.say(_("You get mails about %(name)s again", name=mails.type.name), none)
    else:
        telling.stop(mails, by=who)
        notices.say(_("No more mails about %(name)s", name=mails.type.name))
    return redirect(url_for("connections.detail", connection_id=connection_id), 303)
