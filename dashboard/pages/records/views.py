"""The pages of records: all kinds, one kind by days, and one day."""

from datetime import date
from urllib.parse import urlencode

from flask import abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.pages.paging import page_number
from dashboard.pages.records.blueprint import bp, chosen_connection, kind_named
from dashboard.pages.records.days import today
from dashboard.records import reading
from dashboard.web.request import who

LENGTHS = (30, 90, 365)
"""How many days a picture may show."""


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every kind that was imported, with its last thirty days."""
    chosen = chosen_connection()
    found = reading.overview(who.subject_id, today=today(), connection_id=chosen)
    if not found.kinds and chosen is None:
        return render_template("records/empty.html")
    return render_template("records/index.html", found=found, chosen=chosen)


@bp.get("/<kind>/")
def kind(kind: str) -> ResponseReturnValue:
    """One kind: its picture, and the days newest first."""
    named, chosen, page, length = kind_named(kind), chosen_connection(), page_number(), _length()
    found = reading.by_day(named, who.subject_id, today=today(), length=length, page=page, connection_id=chosen)
    if not found.days and page > 1:
        return _first_page()
    told = {"kind": named, "found": found, "chosen": chosen, "length": length, "lengths": LENGTHS}
    return render_template("records/kind.html", page=page, page_size=reading.DAYS_PAGE_SIZE, **told)


@bp.get("/<kind>/<day>/")
def day(kind: str, day: str) -> ResponseReturnValue:
    """One day of a kind, with each of its records."""
    named, chosen, page = kind_named(kind), chosen_connection(), page_number()
    found = reading.one_day(named, _date(day), who.subject_id, page=page, connection_id=chosen)
    if found is None:
        abort(404)
    if not found.records and page > 1:
        return _first_page()
    told = {"kind": named, "found": found, "chosen": chosen}
    return render_template("records/day.html", page=page, page_size=reading.DAY_PAGE_SIZE, **told)


def _first_page() -> ResponseReturnValue:
    return redirect(request.path + "?" + urlencode({**request.args, "page": 1}), 303)


def _length() -> int:
    value = request.args.get("days", "")
    return next((each for each in LENGTHS if str(each) == value), LENGTHS[0])


def _date(text: str) -> date:
    """The day of an address, as ``2026-11-24``. Anything else is a 404."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        abort(404)
    return found if found.isoformat() == text else abort(404)
