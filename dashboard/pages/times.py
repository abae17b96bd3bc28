"""Times as people say them, in the language and by the clock of the response's reader.

What depends on no person (a date in a language, "12 minutes ago") is made once and kept.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from math import inf
from typing import Any

from babel.dates import TIMEDELTA_UNITS, format_date, format_timedelta
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from dashboard.web.language import Speech, gettext, speech

FROM_TWO_ON = 1.9
"""How many of a unit it takes to count in it: 47 hours are "2 days", 36 hours stay hours."""
MINUTE = 60
TENTH = 0.1
UNITS = [(FROM_TWO_ON * length, length, unit) for unit, length in TIMEDELTA_UNITS if length >= MINUTE]


def ago(at: datetime) -> Markup:
    """ "12 minutes ago", or "just now" within a minute, with the exact time for machines and on hover."""
    return Markup(ago_to(speech(), at))  # noqa: S704  markup of ours


def ago_to(told: Speech, at: datetime) -> str:
    """The same as plain text that is markup, for who puts it into more and has many to tell."""
    ahead = at - datetime.now(UTC)
    seconds = ahead.days * 86400 + ahead.seconds  # rounded down: what is just over was a second ago
    away, language = abs(seconds), told.language
    if away < MINUTE:
        return f"{_opening(at, told.zone, language, True)}{_now(seconds >= 0, language)}</time>"
    for enough, length, unit in UNITS:  # noqa: B007  the last one, minutes, is left when none fits
        if away >= enough:
            break
    whole = round(away / length) * length
    said = _counted(whole if seconds >= 0 else -whole, unit, language)
    return f"{_opening(at, told.zone, language, True)}{said}</time>"


def moment(at: datetime) -> Markup:
    """ "23 November 2026, 14:03", with the exact time for machines."""
    return _time(at, escape(exact(at)), speech())


def exact(at: datetime) -> str:
    """A moment with day and time, to the minute."""
    told = speech()
    return _exact(at.astimezone(told.zone), told.language)


def day(at: date) -> str:
    """ "25 October": a day of this year or near it."""
    told = speech()
    own = at.astimezone(told.zone).date() if isinstance(at, datetime) else at
    return _date(own, _day_and_month(told.language), told.language)


def at_time(at: datetime) -> Markup:
    """ "14:03" within a day, else "25 November 2026, 14:03", with the exact time for machines and on hover."""
    return _time(at, escape(clock_or_day(at)), speech())


def clock_or_day(at: datetime) -> str:
    """ "14:03" within a day, else "25 November 2026, 14:03"."""
    return clock(at) if abs(at - datetime.now(UTC)) < timedelta(hours=20) else exact(at)


def since(at: datetime) -> str:
    """ "today", "11 November" or "June 2022": as exact as anybody wants to know it."""
    told = speech()
    return _since(at.astimezone(told.zone).date(), datetime.now(told.zone).date(), told.language)


def _since(own: date, today: date, language: str) -> str:
    if own == today:
        return gettext("today")
    return _date(own, _day_and_month(language) if today - own < timedelta(days=300) else "MMMM yyyy", language)


def connected(at: datetime, *, today: date, told: Speech) -> Markup:
    """ "Since 11 November", said of a connection. ``today`` is that of the reader, who has a page of them."""
    return _connected(at.astimezone(told.zone).date(), today, told.language)


@lru_cache(maxsize=8192)
def _connected(own: date, today: date, language: str) -> Markup:
    return escape(gettext("Since %(day)s", day=_since(own, today, language)))


def since_when(at: datetime) -> Markup:
    """ "Wednesday" within the last six days, else "18 November", with the exact time on hover."""
    told = speech()
    own = at.astimezone(told.zone).date()
    days = (datetime.now(told.zone).date() - own).days
    return _time(at, escape(_date(own, "EEEE", told.language) if 0 < days < 7 else since(at)), told)


def clock(at: datetime) -> str:
    """ "14:03"."""
    return at.astimezone(speech().zone).strftime("%H:%M")


def took(length: timedelta) -> str:
    """ "1.1 s": how long a sync took, to the tenth of a second."""
    seconds = length.total_seconds()
    shown = format_decimal(max(seconds, TENTH), "#,##0.0", locale=speech().locale)
    return gettext("under %(seconds)s s", seconds=shown) if seconds < TENTH else gettext("%(seconds)s s", seconds=shown)


def _time(at: datetime, text: Markup, told: Speech) -> Markup:
    return Markup(f"{_opening(at, told.zone, told.language, False)}{text}</time>")  # noqa: S704


@lru_cache(maxsize=8192)
def _opening(at: datetime, zone: tzinfo, language: str, moves: bool) -> str:
    """The tag round a time. The same for each visit of a list until the next sync, whatever the time is called then.

    :param moves: its words hold for a while only; ``static/js/live.js`` goes on with them.
    """
    own, mark = at.astimezone(zone), " data-ago" if moves else ""
    return f'<time{mark} datetime="{own.isoformat("T", "seconds")}" title="{_exact(own, language)}">'


def _exact(own: datetime, language: str) -> str:
    """A day and a time, fit for markup: neither has a sign that means something there."""
    return f"{_whole_date(own.date(), language)}, {own.hour:02}:{own.minute:02}"


@lru_cache(maxsize=8192)
def _whole_date(own: date, language: str) -> Markup:
    return escape(_date(own, _day_and_month(language) + " yyyy", language))


def _day_and_month(language: str) -> str:
    """ "25 October" in English, "25. Oktober" in German."""
    return "d MMMM" if language == "en" else "d. MMMM"


@lru_cache(maxsize=8192)
def _date(own: date, pattern: str, language: str) -> str:
    return format_date(own, pattern, language)


@lru_cache
def _now(ahead: bool, _language: str) -> str:
    """Less than a minute away, on the one side or the other."""
    return str(escape(gettext("in a moment") if ahead else gettext("just now")))


@lru_cache(maxsize=8192)
def _counted(seconds: int, unit: Any, language: str) -> str:
    """So many seconds, which are a whole number of the unit, said in that unit."""
    return str(escape(format_timedelta(seconds, granularity=unit, threshold=inf, add_direction=True, locale=language)))
