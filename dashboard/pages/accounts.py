"""Which account at a provider a connection stands for, in words: several of one type are told apart by it."""

from dashboard.web.language import gettext

WHOLE, END = 6, 4
"""An id of at most so many letters is shown as it is; of a longer one so many of its last."""


def account_name(account: str | None, account_id: str | None) -> str:
    """What to call an account within a sentence: "ada@posteo.example", or "account …5123". Empty: nothing is known.

    :param account: its name in the person's words. None: its provider told none.
    :param account_id: its id at the provider. None: it was imported, and never connected here.
    """
    if account or not account_id:
        return account or ""
    short = account_id if len(account_id) <= WHOLE else f"…{account_id[-END:]}"
    return gettext("account %(id)s", id=short)


def connection_name(provider: str, account: str | None, account_id: str | None) -> str:
    """A connection among others of its type: "Withings (account …5123)"; the mere name where no account is known."""
    name = account_name(account, account_id)
    return gettext("%(provider)s (%(account)s)", provider=provider, account=name) if name else provider
