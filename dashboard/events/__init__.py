"""What happened: the closed list of names, the one way to write and read them, and the proof that none was changed."""

from dashboard.events.erasure import erase
from dashboard.events.log import Happened, activity, during, everything_on, record
from dashboard.events.names import Event, Outcome

__all__ = [
    "Event",
    "Happened",
    "Outcome",
    "activity",
    "during",
    "erase",
    "everything_on",
    "record",
]
