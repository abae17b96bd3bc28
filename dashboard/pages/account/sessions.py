"""Where the person is signed in, and ending it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from dashboard import identity
from dashboard.errors import NoSuchThing
from dashboard.identity import account, login
from dashboard.identity.receipts import is_receipt
from dashboard.pages import notices
from dashboard.pages.account.blueprint import bp
from dashboard.support import ending
from dashboard.web.request import who


@bp.get("/sessions/")
def sessions() -> ResponseReturnValue:
    """Every open login session."""
    return render_template("account/sessions.html", sessions=account.sessions(who.subject_id), this=_this_session())


@bp.post("/sessions/<key:session_id>/end/")
def end_session(session_id: int) -> ResponseReturnValue:
    """End one. The one that asks is signed out; one that is over already is over."""
    if session_id == _this_session():
        return redirect(login.sign_out(who) or url_for("login.signed_out"), 303)
    try:
        account.end_session(session_id, by=who)
    except NoSuchThing:
        if not is_receipt(request.form.get("receipt", ""), "session", session_id, owner_id=who.subject_id):
            raise
        notices.say(_("That login session was over already"), _("Nothing was changed now."))
    else:
        notices.say(_("The login session is ended"), _("That browser is signed out."))
    return redirect(url_for(".sessions"), 303)


@bp.post("/sessions/end-others/")
def end_other_sessions() -> ResponseReturnValue:
    """End all but the one that asks, and what support looks at through the person's eyes."""
    ended = ending.end_others(who, but=_this_session())
    if ended.sessions:
        count = ended.sessions
        heading = ngettext("%(num)s login session is ended", "%(num)s login sessions are ended", count)
    else:
        heading = _("There was no other login session")
    looked = _("Support’s look at your pages has ended too.") if ended.looks else ""
    notices.say(heading, _("You are signed in here only."), looked)
    return redirect(url_for(".sessions"), 303)


def _this_session() -> int:
    actor = identity.actor()
    assert actor is not None, "every view of the account asks for a login"
    return actor.session_id
