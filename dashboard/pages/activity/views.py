"""The activity page."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, get_locale, to_user_timezone
from flask_babel import gettext as _

from dashboard import events, identity
from dashboard.connections import past
from dashboard.connections.past import Past
from dashboard.events import Event, Happened
from dashboard.pages.activity import looks, sentences
from dashboard.pages.activity.looks import LookTold
from dashboard.pages.activity.sentences import Kind
from dashboard.pages.devices import device
from dashboard.pages.paging import page_number
from dashboard.pages.times import exact
from dashboard.support import acting, told
from dashboard.support.told import Look
from dashboard.web.request import who

bp = Blueprint("activity", __name__, url_prefix="/activity")
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the page shows it."""

    at: datetime
    exact: str
    said: str
    notes: tuple[str, ...]
    device: str
    address: str
    look: LookTold | None = None
    """With the entry of a look by support: what was looked at and done."""


@bp.get("/")
def index() -> ResponseReturnValue:
    """One page of what happened, of all kinds or of one. Six queries at most, the session's one among them."""
    kind, page = _kind(), page_number()
    happened, total = _happened(kind, page)
    if not happened and page > 1:
        return redirect(url_for(".index", kind=kind), 303)
    days = _by_day(_lines(happened, kind))
    acting.has_been_read(who, actor.support_acted_at if (actor := identity.actor()) else None)
    return render_template("activity/index.html", days=days, total=total, page=page, kind=kind, kinds=sentences.kinds())


def _kind() -> Kind | None:
    value = request.args.get("kind", "")
    return Kind(value) if value in set(Kind) else None


def _happened(kind: Kind | None, page: int) -> tuple[list[Happened], int]:
    only = None if kind is None else sentences.of_kind(kind)
    at = {"limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE}
    return events.activity(who.subject_id, only=only, folded=told.APART, hourly=[Event.CASE_READ], **at)


def _lines(happened: list[Happened], kind: Kind | None) -> list[Line]:
    """All lines of a page; looks, and what became of connections, are read for all of them together."""
    names = current_app.config["SUPPORT_SHOWS_NAMES"]
    access_ids = {each.access_id for each in happened if each.access_id is not None}
    found = told.looks(access_ids, subject_id=who.subject_id, names=names)
    named = sentences.connection_ids(happened) | looks.connection_ids(found.values())
    known = past.read(named, owner_id=who.subject_id)
    return [_line(each, known, found.get(each.access_id or 0), kind) for each in happened]


def _line(happened: Happened, known: Past, look: Look | None, kind: Kind | None) -> Line:
    if happened.event is Event.ACCESS_STARTED and look is not None:
        # Among all that happened, what support did has a line of its own.
        done = [] if kind is None else [each for each in look.happened if each.event in looks.ACTS]
        acts = [sentences.said(each, known) for each in done]
        entry = looks.told(look, known, acts)
        return Line(happened.at, exact(happened.at), looks.said(look), tuple(looks.notes(look)), "", "", entry)
    # Where a member of staff sits, and at what, is theirs.
    is_theirs = not happened.by_staff
    return Line(
        at=happened.at,
        exact=exact(happened.at),
        said=sentences.said(happened, known),
        notes=sentences.notes(happened, known, look),
        device=device(happened.user_agent) if happened.user_agent and is_theirs else "",
        address=happened.address if is_theirs else "",
    )


def _by_day(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    """The lines under their days, as the person's clock counts days."""
    days = groupby(lines, key=lambda line: to_user_timezone(line.at).date())
    return [(_day(day), list(group)) for day, group in days]


def _day(day: date) -> str:
    """ "Today", "Yesterday", or "Monday, 23 November 2026"."""
    today = to_user_timezone(datetime.now(UTC)).date()
    if day == today:
        return str(_("Today"))
    if day == today - timedelta(days=1):
        return str(_("Yesterday"))
    return str(format_date(day, "EEEE, d MMMM yyyy" if str(get_locale()).startswith("en") else "full", rebase=False))
