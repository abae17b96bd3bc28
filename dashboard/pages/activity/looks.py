"""A look by support in words: who, how long, why, what was looked at and what was done."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from dashboard import providers
from dashboard.connections.past import Past
from dashboard.events import Event, Happened
from dashboard.pages.activity.naming import called
from dashboard.pages.activity.support import of_support
from dashboard.pages.times import exact
from dashboard.support.told import APART, Look
from dashboard.support.why import Why

ACTS = frozenset(Event) - APART - {Event.ACCESS_STARTED}
"""What support did during a look, besides looking."""


@dataclass(frozen=True, slots=True)
class LookTold:
    """What the entry of a look shows besides its sentence."""

    seen: list[str]
    done: list[str]
    refused: int
    """How often something closed was tried."""


def who_looked(look: Look | None) -> str:
    """Who of support it was, at the beginning of a sentence."""
    return of_support(look.name if look else "")


def said(look: Look) -> str:
    """Who looked, and how long."""
    who = who_looked(look)
    if look.started_at is None or look.until is None:
        return str(_("%(who)s looked at your pages.", who=who))
    if look.runs:
        return str(_("%(who)s is looking at your pages now, until %(time)s at most.", who=who, time=exact(look.until)))
    minutes = _minutes(look.started_at, look.until)
    sentence = ngettext(
        "%(who)s looked at your pages for %(num)s minute.", "%(who)s looked at your pages for %(num)s minutes.",
        minutes, who=who,
    )  # fmt: skip
    return str(sentence)


def notes(look: Look) -> Iterator[str]:
    """The reason as typed, the ticket, and what ended it if it was not support itself."""
    if look.reason:
        yield str(_("The reason given: “%(reason)s”", reason=look.reason))
    if look.ticket:
        yield str(_("Ticket: %(ticket)s", ticket=look.ticket))
    if (end := look.end_why) is None and not look.runs and look.until is not None:
        end = Why.EXPIRED
    ends = {
        Why.BY_PERSON: _("You ended it."),
        Why.EXPIRED: _("Its time was over."),
        Why.PASS_RAN_OUT: _("The day for which you allowed it was over."),
        Why.DEFAULT_CHANGED: _("It ended because it was no longer allowed."),
        Why.ROLE_LOST: _("It ended because it was no longer allowed."),
        Why.SUBJECT_IS_STAFF: _("It ended because it was no longer allowed."),
        Why.OFF: _("It ended because it was no longer allowed."),
    }
    if end in ends:
        yield str(ends[Why(end)])


def told(look: Look, past: Past, acts: Iterable[str]) -> LookTold:
    """What was looked at and done.

    :param acts: the sentences of what support did.
    """
    pages: Counter[str] = Counter()
    for each in look.happened:
        if each.event is Event.ACCESS_VIEWED:
            pages[_page(each, past)] += each.count
    refused = sum(each.count for each in look.happened if each.event is Event.ACCESS_REFUSED)
    return LookTold([_times(page, count) for page, count in pages.items()], list(acts), refused)


def connection_ids(looks: Iterable[Look]) -> set[int]:
    """The connections whose pages were looked at, and those that were acted on."""
    found: set[int] = set()
    for each in (each for look in looks for each in look.happened):
        key, acted_on = _text(each, "key"), each.details.get("connection")
        if _text(each, "route").startswith("connections.") and key.isascii() and key.isdigit():
            found.add(int(key))
        if isinstance(acted_on, int):
            found.add(acted_on)
    return found


def _page(viewed: Happened, past: Past) -> str:
    """A page in plain words."""
    route, key = _text(viewed, "route"), _text(viewed, "key")
    if route in {"connections.detail", "connections.disconnect"}:
        number = int(key) if key.isascii() and key.isdigit() else 0
        name = called(number, past) or str(_("a connection"))
        if route == "connections.detail":
            return name
        return str(_("the question before disconnecting: %(name)s", name=name))
    if route == "connect.detail":
        known = next((each for each in providers.all_types() if each.type == key), None)
        return str(_("what can be connected: %(name)s", name=known.name)) if known else str(_("what can be connected"))
    words = {
        "connections.index": _("your connections"),
        "connect.index": _("what can be connected"),
        "records.index": _("your records"),
        "records.kind": _("your records"),
        "records.day": _("your records"),
        "activity.index": _("your activity"),
    }
    return str(words.get(route, _("a page of yours")))


def _times(page: str, count: int) -> str:
    if count == 1:
        return page
    return str(ngettext("%(page)s (%(num)s time)", "%(page)s (%(num)s times)", count, page=page))


def _minutes(since: datetime, until: datetime) -> int:
    return max(1, round((until - since).total_seconds() / 60))


def _text(happened: Happened, name: str) -> str:
    value = happened.details.get(name)
    return value if isinstance(value, str) else ""
