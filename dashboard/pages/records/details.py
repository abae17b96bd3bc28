"""What else a provider said of a record, in words: the names are ours, from the files of the types."""

from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any, NamedTuple

import orjson
from babel.units import format_unit

from dashboard.pages.records.amounts import duration, plain, said
from dashboard.pages.records.sports import sport
from dashboard.records.kinds import KINDS
from dashboard.records.reading import RecordRow
from dashboard.web.language import N_, speech
from dashboard.web.language import gettext as _

NAMES = ("name", "sport")
"""What a record is called: the name that it was given, which stays as it is, before its sport."""


class Word(NamedTuple):
    """How a detail is called, and how its value is said."""

    label: str
    value: Callable[[Any], str]


def _unit(name: str, *, decimals: int = 0, divide_by: float = 1.0) -> Callable[[float], str]:
    """A number in a unit of the Unicode CLDR."""
    return lambda value: format_unit(plain(value / divide_by, decimals), name, "short", locale=speech().locale)


def _beats(value: float) -> str:
    return said(value, KINDS["heart_rate"])


def _seconds(value: float) -> str:
    return duration(round(value / 60))


def _number(value: float) -> str:
    return plain(value, 0 if float(value).is_integer() else 1)


NUMBERS = {
    "distance_m": Word(N_("Distance"), _unit("length-kilometer", decimals=1, divide_by=1000)),
    "climb_m": Word(N_("Climb"), _unit("length-meter")),
    "energy_kcal": Word(N_("Energy"), _unit("energy-kilocalorie")),
    "average_power_w": Word(N_("Mean power"), _unit("power-watt")),
    "average_heart_rate": Word(N_("Mean heart rate"), _beats),
    "max_heart_rate": Word(N_("Highest heart rate"), _beats),
    "resting_heart_rate": Word(N_("Resting heart rate"), _beats),
    "heart_rate": Word(N_("Heart rate"), _beats),
    "heart_rate_variability_ms": Word(N_("Heart rate variability"), _unit("duration-millisecond")),
    "light_seconds": Word(N_("Light sleep"), _seconds),
    "deep_seconds": Word(N_("Deep sleep"), _seconds),
    "rem_seconds": Word(N_("REM sleep"), _seconds),
    "awake_seconds": Word(N_("Awake"), _seconds),
    "score": Word(N_("Score"), _number),
    "strain": Word(N_("Strain"), _number),
}
"""By their names in ``details``, in the order of pages."""
TEXTS = {"intensity": N_("Intensity"), "trend": N_("Trend"), "source": N_("Measured during")}
"""The provider's own words, as it spells them."""
KNOWN = frozenset({*NAMES, *NUMBERS, *TEXTS, "nap", *(kind.beside for kind in KINDS.values() if kind.beside)})
"""All that pages have words for. The files of a download hold the rest too."""


def called(record: RecordRow) -> str:
    """What a record is called, as "Morning run" or "Rowing". Empty: it has no name."""
    told = orjson.loads(record.details)
    name, kind_of_sport = (told.get(each) if isinstance(told.get(each), str) else "" for each in NAMES)
    return str(name) or sport(str(kind_of_sport))


def details(record: RecordRow) -> list[str]:
    """What else is known of a record, as "Distance: 5.2 km"."""
    return list(_said(orjson.loads(record.details)))


def _said(told: dict[str, Any]) -> Iterator[str]:
    if told.get("nap") is True:
        yield _("A nap")
    for name, word in NUMBERS.items():
        value = told.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
            yield _pair(word.label, word.value(value))
    for name, label in TEXTS.items():
        value = told.get(name)
        if isinstance(value, str) and value:
            yield _pair(label, value.replace("_", " "))


def _pair(label: str, value: str) -> str:
    return _("%(name)s: %(value)s", name=_(label), value=value)
