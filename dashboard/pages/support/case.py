"""Reading a case."""

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dashboard import identity
from dashboard.pages.activity import sentences
from dashboard.pages.paging import page_number
from dashboard.pages.support import diagnosis
from dashboard.pages.support.blueprint import bp
from dashboard.support import case as reading
from dashboard.web.request import who

CARDS_PAGE_SIZE = 24


@bp.get("/users/<key:user_id>/")
def case(user_id: int) -> ResponseReturnValue:
    """All that tells why a person's connections fail."""
    actor, page, runs_page = identity.actor(), page_number(), page_number("runs")
    assert actor is not None, "every view of support asks for a login"
    found = reading.read(
        user_id, by=who, proved_at=actor.proved_at, settings=current_app.config, page=page, runs_page=runs_page
    )
    if page > 1 and not found.page.cards:
        return redirect(url_for(".case", user_id=user_id), 303)
    events = [(each.at, sentences.said(each, found.known), each.details.get("connection")) for each in found.events]
    place = {"page": page, "runs_page": runs_page, "size": CARDS_PAGE_SIZE, "args": request.args}
    return render_template("support/case.html", case=found, events=events, text=diagnosis.text(found), **place)
