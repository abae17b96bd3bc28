"""What data cannot say about a provider: one small module each, named by ``dialect`` in its type's file."""

from __future__ import annotations

from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.dialects.garmin import Garmin
from dashboard.providers.dialects.polar import Polar
from dashboard.providers.dialects.standard import Dialect
from dashboard.providers.dialects.withings import Withings

_STANDARD = Dialect()
_BY_NAME: dict[str, Dialect] = {"garmin": Garmin(), "polar": Polar(), "withings": Withings()}
NAMES = tuple(_BY_NAME)


def of(type: ConnectionType) -> Dialect:
    """The dialect of a type; most speak the standard."""
    return _BY_NAME[type.dialect] if type.dialect else _STANDARD
