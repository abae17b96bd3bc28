"""Looking through a person's eyes: asking for it, and ending it."""

from typing import Any

from flask import current_app, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from dashboard import identity
from dashboard.pages import notices
from dashboard.pages.forms import Form
from dashboard.pages.support import refusals
from dashboard.pages.support.blueprint import bp
from dashboard.support import case, ending, starting
from dashboard.support.starting import REASON_LEAST, REASON_MOST, TICKET_MOST
from dashboard.web import csrf
from dashboard.web.request import who
from dashboard.who import Role, Who

FORGET_PAGES = {"Clear-Site-Data": '"cache"'}
"""So that the back button finds no page of the person (https://www.w3.org/TR/clear-site-data/)."""
TOO_SHORT = _l("Say in 10 to 500 characters what you want to find out. The person reads it.")


class LookForm(Form):
    """Why, and for which ticket."""

    reason = TextAreaField(
        _l("Reason"), validators=[InputRequired(TOO_SHORT), Length(REASON_LEAST, REASON_MOST, TOO_SHORT)]
    )
    ticket = StringField(
        _l("Ticket, if there is one"), validators=[Length(max=TICKET_MOST, message=_l("At most 100 characters."))]
    )


@bp.route("/users/<key:user_id>/look/", methods=["GET", "POST"])
def look(user_id: int) -> ResponseReturnValue:
    """Ask why, then look; or say which rule is against it."""
    form = LookForm()
    if form.validate_on_submit() and _start(user_id, form):
        return redirect(url_for("connections.index"), 303)
    subject = case.subject(user_id, by=who, proved_at=_actor().proved_at, settings=current_app.config)
    refused = subject.refusal and refusals.refused(subject.refusal, subject.person.name)
    told = {"minutes": current_app.config["SUPPORT_ACCESS_MINUTES"], "names": current_app.config["SUPPORT_SHOWS_NAMES"]}
    page = render_template("support/look.html", subject=subject, form=form, refused=refused, **told)
    return page, 422 if form.errors else 200


@bp.post("/end/")
@csrf.exempt
def end() -> ResponseReturnValue:
    """Stop looking. It takes no parameter, needs no right, and may be pressed twice, in whichever tab."""
    subject_id = _end()
    if _actor().role < Role.SUPPORT:
        path = url_for("connections.index")
    else:
        path = url_for(".case", user_id=subject_id) if subject_id else url_for(".index")
    response = redirect(path, 303)
    response.headers.update(FORGET_PAGES)
    return response


def _start(user_id: int, form: LookForm) -> bool:
    asked = starting.Asked(user_id, form.reason.data or "", form.ticket.data)
    try:
        starting.start(asked, by=who, settings=current_app.config, **_proof())
    except starting.ReasonTooShort:
        form.reason.errors = [TOO_SHORT]
        return False
    return True


def _proof() -> dict[str, Any]:
    return {"session_id": _actor().session_id, "proved_at": _actor().proved_at}


def _actor() -> identity.Actor:
    actor = identity.actor()
    assert actor is not None, "every view of support asks for a login"
    return actor


def _end() -> int | None:
    """End what runs; through whose eyes it was, if that is known.

    A form of before the end can't prove itself to the new session. Where nothing is left to be ended, it need not.
    """
    if (over := g.get("over")) is not None:
        ending.take_off(Who(who.actor_id, who.subject_id, who.origin, over.access_id), why=over.why)
        notices.say(refusals.over(over.why, over.name or ""))
        return over.subject_id if over.name else None
    complaint, looking = csrf.what_is_wrong(), g.looking
    if looking is not None and complaint:
        raise csrf.ForeignForm(complaint)
    if looking is not None:
        ending.stop(Who(who.actor_id, looking.subject_id, who.origin, looking.access_id))
        notices.say(_("You no longer look through the eyes of %(name)s", name=looking.name))
        return int(looking.subject_id)
    if complaint or not ending.stop_elsewhere(who):
        notices.say(_("You are not looking through anybody’s eyes"), _("It was over already. Nothing was changed now."))
    else:
        notices.say(_("The look in your other browser is over"))
    return None
