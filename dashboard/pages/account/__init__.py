"""The account: settings, login sessions, API tokens, support, and the person's data. One module per ability."""

from dashboard.pages.account import overview, own_data, sessions, support, tokens
from dashboard.pages.account.blueprint import bp

__all__ = ["bp", "overview", "own_data", "sessions", "support", "tokens"]
