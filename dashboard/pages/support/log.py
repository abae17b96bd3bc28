"""The auditor's pages: the log, filtered, and as files."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from flask import Response, current_app, render_template, request, stream_with_context
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from dashboard.events import Event
from dashboard.pages.support import log_words
from dashboard.pages.support.blueprint import bp
from dashboard.support import auditing
from dashboard.support.auditing import Asked
from dashboard.support.search import LARGEST_ID
from dashboard.web.language import speech
from dashboard.web.request import who

KINDS = {"csv": "text/csv", "jsonl": "application/jsonl"}
TYPED_MOST, PIECE = 200, 200
FILTERS = ("action_word", "party_word", "party_key", "outcome_word", "detail_lines")


@bp.record
def _say(state: BlueprintSetupState) -> None:
    words = {name: getattr(log_words, name) for name in FILTERS}
    state.app.jinja_env.filters |= {**words, "to_the_second": to_the_second}


@bp.get("/log/")
def log() -> ResponseReturnValue:
    """One page of what happened, newest first."""
    typed = _typed()
    page = auditing.read(_asked(typed), by=who, before=_number("before"))
    # Whoever was found by what was typed is named by the id from here on.
    kept = typed | {name: str(named.key) for name in ("staff", "person") if (named := getattr(page, name)).key}
    return render_template("support/log.html", page=page, typed=typed, kept=kept, actions=log_words.ACTIONS)


@bp.get("/log/export/<any(csv, jsonl):form>/")
def export(form: str) -> ResponseReturnValue:
    """All that passes the filter, as a file that is written while it is read."""
    webhook = current_app.config["AUDIT_WEBHOOK"]
    lines = auditing.export_lines(_asked(_typed()), form, by=who, webhook=webhook)
    name = f"log-{datetime.now(UTC):%Y-%m-%d}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(stream_with_context(_in_pieces(lines)), mimetype=KINDS[form], headers=headers)


def _in_pieces(lines: Iterator[str]) -> Iterator[str]:
    """Some hundred lines at a time: each piece is written to the network by itself."""
    while piece := "".join(islice(lines, PIECE)):
        yield piece


def to_the_second(at: datetime) -> str:
    """ "2026-11-24 14:03:27", by the reader's clock: as exact as who compares machines wants it."""
    return at.astimezone(speech().zone).strftime("%Y-%m-%d %H:%M:%S")


def _typed() -> dict[str, str]:
    """The filter in the address, as it was typed; what is empty is left out."""
    names = ("staff", "person", "action", "access", "since", "until")
    found = {name: request.args.get(name, "").strip()[:TYPED_MOST] for name in names}
    return {name: value for name, value in found.items() if value}


def _asked(typed: dict[str, str]) -> Asked:
    """The same as it is meant. What makes no sense is as good as not said."""
    last = _day(typed.get("until"))
    found: dict[str, Any] = {
        "action": Event(typed["action"]) if typed.get("action") in set(Event) else None,
        "access": _number("access"),
        "since": _midnight(_day(typed.get("since"))),
        "until": _midnight(last + timedelta(days=1) if last else None),
    }
    return Asked(staff=typed.get("staff", ""), person=typed.get("person", ""), **found)


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if date(1970, 1, 2) < found < date(9999, 12, 30) else None


def _midnight(day: date | None) -> datetime | None:
    """When a day begins by the reader's clock."""
    return None if day is None else datetime.combine(day, time(), speech().zone)


def _number(name: str) -> int | None:
    value = request.args.get(name, "")
    if not value.isascii() or not value.isdigit():
        return None
    return min(int(value), LARGEST_ID) if len(value) < 20 else LARGEST_ID
