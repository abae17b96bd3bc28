"""Making an API token on a page: its person sees it once, on the page after the form, and nobody ever again.

Between the two requests it waits sealed in the login session, for ten minutes at most.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from flask import session

from dashboard.data import Unreadable, transaction, users, vault
from dashboard.errors import NoSuchThing, NotOffered
from dashboard.identity import api_tokens
from dashboard.who import Who

KEY = "api_token_to_show"
WAITS_FOR = timedelta(minutes=10)
SAME_FORM = timedelta(minutes=1)
NAME_LENGTH = 100


def make_token(by: Who, *, name: str, scopes: Collection[str], days: int | None) -> bool:
    """Make a token and keep it for :func:`take_token`. False: the same form came twice, and nothing was made now.

    A form counts as sent twice when it names a token that is less than a minute old.

    :param days: how long it works. None: until it is revoked.
    :raises NotOffered: the name is empty or too long, or no scope is among ours.
    """
    if not 0 < len(name) <= NAME_LENGTH:
        raise NotOffered(f"A token's name has 1 to {NAME_LENGTH} characters.")
    if not set(scopes) & set(api_tokens.SCOPES):
        raise NotOffered(f"A token needs a scope: {' or '.join(api_tokens.SCOPES)}.")
    with transaction():
        if not users.hold_person(by.subject_id):
            raise NoSuchThing("This account is gone.")
        if _just_made(by.subject_id, name):
            return False
        token = api_tokens.make(by, name=name, scopes=scopes, days=days)
    session[KEY] = {"sealed": vault.seal(token), "until": datetime.now(UTC) + WAITS_FOR}
    return True


def take_token() -> str | None:
    """The token that was just made, out of the session. None: there is none, or it was shown or waited too long."""
    kept = session.pop(KEY, None)
    if kept is None or kept["until"] <= datetime.now(UTC):
        return None
    try:
        return vault.open(kept["sealed"])
    except Unreadable:
        return None


def _just_made(owner_id: int, name: str) -> bool:
    since = datetime.now(UTC) - SAME_FORM
    return any(each.name == name and each.created_at > since for each in api_tokens.tokens(owner_id))
