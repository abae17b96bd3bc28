"""Days and services as the pages of records say them."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from babel.dates import format_date
from babel.lists import format_list
from flask_babel import ngettext

from dashboard import providers
from dashboard.pages.accounts import connection_name
from dashboard.records.kinds import Kind
from dashboard.records.reading import Origins, RecordRow, SourceRow
from dashboard.web.language import gettext as _
from dashboard.web.language import speech

SHORTEST_DAY = timedelta(hours=23)
"""One on which the clock is put forward."""


def today() -> date:
    """The date where the person is, for all that they told us."""
    return datetime.now(speech().zone).date()


def has_moment(record: RecordRow, kind: Kind) -> bool:
    """Whether it is known when a record was measured, more closely than on which day.

    Where only the day is, its moment is that day's first in UTC. What a provider that tells times measured just then
    has the same moment, and a true one. Some providers tell a day by its two ends.
    """
    if record.ended_at is not None:
        return not (kind.whole_days and record.ended_at - record.measured_at >= SHORTEST_DAY)
    if kind.whole_days:
        return False
    return record.measured_at.time() != time() or _tells_times(record.type, record.kind)


def _tells_times(type: str, kind: str) -> bool:
    """Whether a provider says when it measured what it sends of a kind, and not only on which day."""
    recordings = (each for source in providers.get(type).sources for each in source.records if each.kind == kind)
    formats = {each.format for each in recordings}
    return bool(formats) and "date" not in formats


def dated(record: RecordRow, day: date) -> tuple[bool, bool]:
    """Whether the start and the end of a record are to be said with their dates, on the page of a day.

    The day is the provider's; by the reader's clock the record may lie on another. A night that ends on it may not.
    """
    zone = speech().zone
    start = record.measured_at.astimezone(zone).date()
    end = record.ended_at.astimezone(zone).date() if record.ended_at else None
    if day in (start, end):
        return False, False
    return True, end != start


def origin(record: RecordRow, origins: Origins) -> str:
    """Where a record came from: "Withings", or "Withings (account …5123)" where there are or were several."""
    return connection_name(providers.get(record.type).name, *origins.account_of(record))


def on_day(day: date) -> str:
    """ "Today", "Yesterday", "Wed, 18 November", and in other years "18 November 2025"."""
    now = today()
    if now - timedelta(days=1) <= day <= now:
        return _("Today") if day == now else _("Yesterday")
    return _date(day, "EEE, {}" if day.year == now.year else "{} yyyy", speech().language)


def on_axis(day: date) -> str:
    """ "Today", "25 October", and in other years "25 October 2025"."""
    return _("Today") if day == today() else within(day)


def within(day: date) -> str:
    """The same within a sentence: "today", "25 October", "25 October 2025"; no line ends inside it."""
    now = today()
    if day == now:
        return _("today")
    return _date(day, "{}" if day.year == now.year else "{} yyyy", speech().language).replace(" ", "\xa0")


@lru_cache(maxsize=8192)
def _date(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern.format("d MMMM" if language == "en" else "d. MMMM"), language)


def short_lived(sources: Iterable[SourceRow]) -> list[str]:
    """A sentence for each service whose terms let its records stay for a while only."""
    types = [providers.get(type) for type in dict.fromkeys(row.type for row in sources)]
    return [
        str(
            ngettext(
                "Records from %(name)s stay here for %(num)s day: %(name)s asks for that.",
                "Records from %(name)s stay here for %(num)s days: %(name)s asks for that.",
                days,
                name=type.name,
            )
        )
        for type in types
        if (days := providers.keep_days(type))
    ]


def sources_said(sources: Iterable[SourceRow]) -> str:
    """ "Fitbit, Garmin and Withings (ended)": each service once, the fullest first; what was ended says so."""
    named: dict[str, bool] = {}
    for row in sources:
        named[row.type] = named.get(row.type, False) or row.connection_id is not None
    names = [(providers.get(type).name, goes_on) for type, goes_on in named.items()]
    said = [name if goes_on else _("%(name)s (ended)", name=name) for name, goes_on in names]
    return format_list(said, locale=speech().locale)
