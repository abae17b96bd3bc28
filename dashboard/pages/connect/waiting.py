"""A reconnect that came back with another account: nothing is done before the person has said what they meant."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from dashboard.connections import connecting
from dashboard.connections.waiting import NothingWaits
from dashboard.errors import NotOffered
from dashboard.pages import notices
from dashboard.pages.connect.blueprint import bp
from dashboard.web.request import who


@bp.route("/waiting/<key:request_id>/", methods=["GET", "POST"])
def waiting(request_id: int) -> ResponseReturnValue:
    """Ask what is to become of the other account, then do it."""
    if request.method == "POST":
        return _decide(request_id, request.form.get("act", ""))
    return render_template("connect/waiting.html", waits=connecting.waiting(request_id, by=who))


@bp.app_errorhandler(NothingWaits)
def _decided(_error: NothingWaits) -> ResponseReturnValue:
    """A second click, the back button, or an hour gone by."""
    notices.say(_("This is decided already"), _("Or it took too long, and all is as it was. Nothing was changed now."))
    return redirect(url_for("connections.index"), 303)


def _decide(request_id: int, act: str) -> ResponseReturnValue:
    """Keep the other account, drop it, or drop it and begin the reconnect once more."""
    if act == "keep":
        made = connecting.keep_other(request_id, by=who)
        notices.connected(made)
        return redirect(url_for("connections.detail", connection_id=made.connection_id), 303)
    if act not in {"drop", "again"}:
        raise NotOffered("Choose what is to become of the other account.")
    dropped = connecting.drop_other(request_id, by=who)
    if act == "again" and dropped.connection_id is not None:
        return redirect(url_for("connections.reconnect", connection_id=dropped.connection_id), 303)
    notices.other_dropped(dropped)
    return redirect(url_for("connections.index"), 303)
