"""What can be connected, one service in its own words, and the way to it."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.connections import shelf
from dashboard.connections.reading import State
from dashboard.connections.shelf import Offer
from dashboard.pages.connect.blueprint import bp
from dashboard.pages.connect.form import permissions_form
from dashboard.pages.connect.leaving import host, leave_for
from dashboard.web.language import gettext
from dashboard.web.request import who

URGENCY = list(State)


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every service, searchable by its name and by what it brings."""
    text = request.args.get("q", "").strip()[:100]
    offers = shelf.offers(who.subject_id)
    found = [each for each in offers if _fits(each, text)]
    return render_template(
        "connect/index.html",
        text=text,
        has_any=any(each.yours for each in offers),
        ready=[each for each in found if each.available and not each.yours],
        yours=sorted((each for each in found if each.yours), key=_urgency),
        closed=[each for each in found if not each.available and not each.yours],
    )


@bp.route("/<type>/", methods=["GET", "POST"])
def detail(type: str) -> ResponseReturnValue:
    """One service in its own words: what it may send, and on what terms. Then off to it."""
    offer = shelf.offer(type, who.subject_id) or abort(404)
    form = permissions_form(offer.type)
    if offer.available and form.validate_on_submit():
        return leave_for(offer.type, scopes=form.wanted())
    page = render_template("connect/detail.html", offer=offer, type=offer.type, form=form, host=host(offer.type))
    return page, 422 if form.errors else 200


def _fits(offer: Offer, text: str) -> bool:
    """Whether a type's name, or what it brings in the language of the person, holds the text."""
    type = offer.type
    words = (type.name, type.type, gettext(type.brings), *(gettext(scope.label) for scope in type.scopes))
    return any(text.casefold() in each.casefold() for each in words)


def _urgency(offer: Offer) -> int:
    return URGENCY.index(offer.yours.state) if offer.yours else len(URGENCY)
