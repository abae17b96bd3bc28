"""What support meets when a look is over, closed or refused: a page of its own, never the actor's own account."""

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from dashboard import identity
from dashboard.pages.support import refusals
from dashboard.pages.support.blueprint import bp
from dashboard.pages.support.look import FORGET_PAGES
from dashboard.support.access import AccessOver
from dashboard.support.gate import ClosedToSupport
from dashboard.support.starting import CannotLook
from dashboard.support.why import Why
from dashboard.web.language import of_the_actor
from dashboard.who import Role


@bp.app_errorhandler(AccessOver)
def over(error: AccessOver) -> ResponseReturnValue:
    """The look has ended, by whatever cause. Nothing of the request was done for anybody."""
    actor = identity.actor()
    staff = actor is not None and actor.role >= Role.SUPPORT
    heading = refusals.over(error.why, error.name or "")
    page = render_template("support/over.html", heading=heading, over=error, staff=staff, act=request.method == "POST")
    return page, error.status, FORGET_PAGES


@bp.app_errorhandler(ClosedToSupport)
def closed(error: ClosedToSupport) -> ResponseReturnValue:
    """What the person may do and support may not. The look goes on."""
    with of_the_actor():
        return render_template("support/closed.html", looking=g.looking), error.status


@bp.app_errorhandler(CannotLook)
def refused(error: CannotLook) -> ResponseReturnValue:
    """A rule is against this look."""
    user_id = (request.view_args or {}).get("user_id")
    stale, running = error.why is Why.STALE_LOGIN, error.why is Why.RUNNING
    sentence = refusals.refused(error.why)
    page = render_template(
        "support/cannot.html", sentence=sentence, user_id=user_id, stale=stale, running=running, why=error.why
    )
    return page, error.status
