"""Finding the person who wrote."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from dashboard.pages.support.blueprint import bp
from dashboard.support import case, search
from dashboard.web.request import who

TYPED_MOST = 200


@bp.get("/")
def index() -> ResponseReturnValue:
    """Who was found, and whom this member of staff looked at lately."""
    typed = request.args.get("q", "").strip()[:TYPED_MOST]
    found = search.find(typed, by=who)
    lately = [] if typed else case.own_accesses(who)
    return render_template("support/index.html", typed=typed, found=found, lately=lately)
