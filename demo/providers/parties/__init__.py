"""Every simulated third party, one module for each dialect."""

from demo.providers.oauth import OAuthParty
from demo.providers.parties.fitbit import Fitbit
from demo.providers.parties.garmin import Garmin
from demo.providers.parties.google_health import GoogleHealth
from demo.providers.parties.oura import Oura
from demo.providers.parties.polar import Polar
from demo.providers.parties.standard import Concept2, Coros, Dexcom
from demo.providers.parties.strava import Strava
from demo.providers.parties.suunto import Suunto
from demo.providers.parties.wahoo import Wahoo
from demo.providers.parties.whoop import Whoop
from demo.providers.parties.withings import Withings

ALL: tuple[type[OAuthParty], ...] = (
    Concept2, Coros, Dexcom, Fitbit, Garmin, GoogleHealth, Oura, Polar, Strava, Suunto, Wahoo, Whoop, Withings,
)  # fmt: skip
"""By name."""
