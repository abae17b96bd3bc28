"""Numbers with their unit, and how a day gets its number, in the language of the response."""

from collections.abc import Callable
from math import isfinite

from babel.numbers import format_decimal
from babel.units import format_unit
from flask_babel import ngettext

from dashboard.records.day import Day, second
from dashboard.records.kinds import Adds, Kind
from dashboard.records.reading import RecordRow
from dashboard.web.language import gettext as _
from dashboard.web.language import speech

UNITS = {
    "kg": "mass-kilogram",
    "%": "concentr-percent",
    "mmHg": "pressure-millimeter-ofhg",
    "mg/dL": "concentr-milligram-ofglucose-per-deciliter",
}
"""What the Unicode CLDR has words for in every language, by our unit."""
IN_MINUTES = {"hours": 60, "minutes": 1}
"""Units of time: they are said in hours and minutes."""


def amount(day: Day, kind: Kind) -> str:
    """The number of a day: "71.4 kg", "8,412 steps", "7 hr 24 min", "128/82 mmHg"."""
    return said(day.value, kind, beside=day.beside)


def amount_of(record: RecordRow, kind: Kind) -> str:
    """The number of one record, said alike."""
    return said(record.value, kind, beside=second(kind, record.details))


def said(value: float | None, kind: Kind, *, beside: float | None = None) -> str:
    """A number in the kind's unit; in words, if there is none."""
    if value is None or not isfinite(value):
        return _("no number")
    if kind.unit in IN_MINUTES:
        return duration(round(value * IN_MINUTES[kind.unit]))
    number = plain(value, kind.decimals)
    if beside is not None:
        number = f"{number}/{plain(beside, kind.decimals)}"
    if kind.unit in UNITS:
        return format_unit(number, UNITS[kind.unit], "short", locale=speech().locale)
    return _OWN[kind.unit](number, abs(round(value)))


def plain(value: float, decimals: int) -> str:
    """A number without its unit."""
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    return format_decimal(value, pattern, locale=speech().locale)


def duration(minutes: int) -> str:
    """So many minutes, as "7 hr 24 min"."""
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "duration-hour")] if hours else []
    parts += [(rest, "duration-minute")] if rest or not hours else []
    return " ".join(format_unit(count, unit, "short", locale=speech().locale) for count, unit in parts)


def _steps(number: str, count: int) -> str:
    return str(ngettext("%(number)s step", "%(number)s steps", count, number=number))


def _points(number: str, count: int) -> str:
    return str(ngettext("%(number)s point", "%(number)s points", count, number=number))


def _beats(number: str, count: int) -> str:
    return str(ngettext("%(number)s beat a minute", "%(number)s beats a minute", count, number=number))


_OWN: dict[str, Callable[[str, int], str]] = {"steps": _steps, "points": _points, "beats a minute": _beats}
"""Units that only we have words for."""


def rule(kind: Kind) -> str:
    """How the records of a day become its number."""
    if kind.adds is Adds.SUM:
        return _("A day is the sum of its records. Where two services counted the same day, the higher sum stands.")
    if kind.adds is Adds.MEAN:
        return _("A day is the mean of its records.")
    return _("A day is the last of its records.")
