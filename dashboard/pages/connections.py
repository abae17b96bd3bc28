"""The cards, one connection, and cutting it."""

from contextlib import nullcontext
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from dashboard import providers
from dashboard.connections import reading, revocation, shelf, syncing, telling
from dashboard.connections.reading import Order, State
from dashboard.connections.syncing import MustWait
from dashboard.errors import NoSuchConnection
from dashboard.pages import filters, notices, states
from dashboard.pages.connect.form import permissions_form
from dashboard.pages.connect.leaving import host, leave_for
from dashboard.pages.forms import Form
from dashboard.pages.paging import page_number
from dashboard.support import acting
from dashboard.support.starting import REASON_LEAST, REASON_MOST, ReasonTooShort
from dashboard.web.language import of_the_actor
from dashboard.web.request import who

bp = Blueprint("connections", __name__, url_prefix="/connections")
Choice = TypeVar("Choice", bound=StrEnum)
TOO_SHORT = _l("Say in 10 to 500 characters why you do this. The person reads it.")


@bp.get("/")
def index() -> ResponseReturnValue:
    """The cards, filtered, ordered and paged as the address says."""
    wanted = _wanted()
    page = reading.card_page(who.subject_id, wanted)
    if not page.cards and wanted.page > 1:
        return redirect(request.path + "?" + urlencode({**request.args, "page": 1}), 303)
    if not page.total:
        return render_template("connections/empty.html")
    return render_template("connections/index.html", page=page, wanted=wanted, choices=filters.choices(page, wanted))


@bp.get("/<key:connection_id>/")
def detail(connection_id: int) -> ResponseReturnValue:
    """One connection: its account, permissions, dates and thirty days."""
    try:
        card = reading.card(connection_id, owner_id=who.subject_id)
    except NoSuchConnection:
        return _ended_before(connection_id)
    page = page_number()
    runs = reading.runs(connection_id, page=page)
    records = reading.record_count(connection_id, owner_id=who.subject_id)
    mails = telling.of_connection(connection_id, owner_id=who.subject_id)
    among = reading.of_type(who.subject_id, card.row.type) > 1
    facts = {"card": card, "runs": runs, "run_page": page, "record_count": records, "mails": mails, "among": among}
    return render_template("connections/detail.html", moves=states.moves(card) and not g.looking, **facts)


@bp.post("/<key:connection_id>/sync/")
def sync(connection_id: int) -> ResponseReturnValue:
    """Ask for a sync now."""
    sync_now = syncing.sync_now if g.looking is None else acting.sync
    try:
        asked = sync_now(connection_id, by=who)
        notices.sync_asked(reading.card(connection_id, owner_id=who.subject_id), asked=asked)
    except MustWait as trouble:
        notices.sync_waits(trouble)
    return redirect(url_for(".detail", connection_id=connection_id), 303)


@bp.route("/<key:connection_id>/reconnect/", methods=["GET", "POST"])
def reconnect(connection_id: int) -> ResponseReturnValue:
    """Say what renewing the grant means, then off to the provider. The connection and all that it brought stay."""
    card = reading.card(connection_id, owner_id=who.subject_id)
    form = permissions_form(card.type, ticked=card.row.scopes.split() or None)
    offer = shelf.standing(card.type)
    if offer.available and form.validate_on_submit():
        return leave_for(card.type, scopes=form.wanted(), connection_id=connection_id)
    among = reading.of_type(who.subject_id, card.row.type) > 1
    facts = {"card": card, "offer": offer, "form": form, "host": host(card.type), "among": among}
    return render_template("connections/reconnect.html", **facts), 422 if form.errors else 200


class DisconnectForm(Form):
    """Keeping is the default, where the provider's terms allow it: haste deletes nothing."""

    records = RadioField(
        _l("What was imported so far"),
        default="keep",
        validators=[InputRequired(_l("Choose whether to keep or delete the records."))],
        choices=[SelectChoice("keep", _l("Keep")), SelectChoice("delete", _l("Delete"))],
    )


class DisconnectForThemForm(Form):
    """Support does it for the person: with a reason of its own, and without a choice. What was imported stays."""

    reason = TextAreaField(
        _l("Reason"), validators=[InputRequired(TOO_SHORT), Length(REASON_LEAST, REASON_MOST, TOO_SHORT)]
    )


@bp.route("/<key:connection_id>/disconnect/", methods=["GET", "POST"])
def disconnect(connection_id: int) -> ResponseReturnValue:
    """Ask, then cut. A repeated submit ends on the same page as the first."""
    form = DisconnectForm() if g.looking is None else DisconnectForThemForm()
    if form.validate_on_submit() and (end := _cut(connection_id, form)):
        return _ended(connection_id, end)
    try:
        card = reading.card(connection_id, owner_id=who.subject_id)
    except NoSuchConnection:
        return _ended_before(connection_id)
    count, others = reading.record_count(card.id, owner_id=who.subject_id), reading.others(who.subject_id)
    among = reading.of_type(who.subject_id, card.row.type) > 1
    with nullcontext() if g.looking is None else of_the_actor():
        facts = {"card": card, "form": form, "record_count": count, "others": others, "among": among}
        return render_template("connections/disconnect.html", **facts), 422 if form.errors else 200


def _cut(connection_id: int, form: Form) -> revocation.Ended | None:
    """Do it. None: the form says too little, and carries the error by now."""
    if g.looking is None:
        return revocation.disconnect(connection_id, by=who, keep_records=form.records.data == "keep")
    try:
        return acting.disconnect(connection_id, by=who, reason=form.reason.data)
    except ReasonTooShort:
        form.reason.errors = [TOO_SHORT]
        return None


def _ended(connection_id: int, end: revocation.Ended) -> ResponseReturnValue:
    """Say what was done; of two submits, the second says that nothing was left to do."""
    if end.already:
        return _ended_before(connection_id)
    among = reading.of_type(who.subject_id, end.type.type) > 0
    notices.ended(end, reading.ended(connection_id, owner_id=who.subject_id), among=among)
    return redirect(url_for(".index"), 303)


def _ended_before(connection_id: int) -> ResponseReturnValue:
    """A page of a connection that was cut: say so, calmly. What the person never had is a 404."""
    ended = reading.ended(connection_id, owner_id=who.subject_id)
    if ended is None:
        raise NoSuchConnection(connection_id)
    notices.ended_before(ended, among=reading.of_type(who.subject_id, ended.type) > 0)
    return redirect(url_for(".index"), 303)


def _wanted() -> reading.Wanted:
    """The filter in the address. What makes no sense there is as good as not said."""
    if not request.args:
        return reading.Wanted()
    found = providers.find(request.args.get("type", ""))
    return reading.Wanted(
        text=request.args.get("q", "").strip()[:100],
        type=found.type if found else None,
        state=_choice(State, "state"),
        order=_choice(Order, "sort") or Order.URGENT,
        page=page_number(),
    )


def _choice(choices: type[Choice], name: str) -> Choice | None:
    value = request.args.get(name)
    return next((choice for choice in choices if choice == value), None) if value else None
