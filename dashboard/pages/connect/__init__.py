"""Connecting: what there is, the way to a provider, and how each way back ends."""

from dashboard.pages.connect import callback, views, waiting
from dashboard.pages.connect.blueprint import bp

__all__ = ["bp", "callback", "views", "waiting"]
