"""Support: finding a person, reading the case, looking through their eyes. One module per ability."""

from dashboard.pages.support import case, log, look, over, search
from dashboard.pages.support.blueprint import bp

__all__ = ["bp", "case", "log", "look", "over", "search"]
