"""The records: what was imported, by kind and day, in pictures, and as files."""

from dashboard.pages.records import downloads, views
from dashboard.pages.records.blueprint import bp

__all__ = ["bp", "downloads", "views"]
