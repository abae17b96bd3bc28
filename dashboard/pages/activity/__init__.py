"""What happened to the person's account, newest first, day by day."""

from dashboard.pages.activity.views import bp

__all__ = ["bp"]
