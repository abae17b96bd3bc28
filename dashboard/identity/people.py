"""People as the identity provider names them: made at the first login, brought up to date at each."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from dashboard.data import people_search
from dashboard.data import users as data
from dashboard.who import Role

PersonRow = data.PersonRow
TIME_ZONES = frozenset(available_timezones())
ROLE_SEPARATORS = str.maketrans(",;", "  ")


def arrive(claims: Mapping[str, Any], *, issuer: str, claimed_role: Role) -> data.PersonRow:
    """The person of these claims, made or brought up to date. Inside the caller's transaction.

    Everything but ``sub`` is optional by the standard (OIDC Core §5.1) and may be of the wrong type: what can't be
    used is left out, never guessed.
    """
    now = datetime.now(UTC)
    known = data.person_by_identity(issuer, str(claims["sub"]))
    values = {**_profile(claims), "claimed_role": int(claimed_role), "last_login_at": now}
    if known is None:
        user_id = data.add_person(issuer=issuer, subject=str(claims["sub"]), created_at=now, **values)
    else:
        user_id = known.id
        data.change_person(user_id, **values)
    people_search.index_person(user_id, **{name: values[name] for name in ("name", "email", "username")})
    person = data.person(user_id)
    assert person is not None
    return person


def person(user_id: int) -> data.PersonRow | None:
    """What is known of a person. None: they deleted their account. One query."""
    return data.person(user_id)


def _profile(claims: Mapping[str, Any]) -> dict[str, Any]:
    email = _text(claims, "email", 320) or ""
    username = _text(claims, "preferred_username", 200) or email
    zone = _text(claims, "zoneinfo", 64)
    return {
        "email": email,
        "username": username[:200],
        "name": (_text(claims, "name", 200) or username)[:200],
        "claimed_language": _text(claims, "locale", 35),
        "claimed_time_zone": zone if zone in TIME_ZONES else None,
    }


def _text(claims: Mapping[str, Any], name: str, length: int) -> str | None:
    value = claims.get(name)
    return one_line(value)[:length] or None if isinstance(value, str) else None


def one_line(text: str) -> str:
    """Text with single spaces, and none of the letters that show nothing but may be obeyed, as ESC in a terminal."""
    return " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())


def role_of(claims: Mapping[str, Any], *, claim: str, support: str, admin: str) -> Role:
    """The role that a claim gives: its value is a list, or words in one string. No claim named: none."""
    value = claims.get(claim) if claim else None
    if isinstance(value, str):
        value = value.translate(ROLE_SEPARATORS).split()
    values = {item for item in value if isinstance(item, str)} if isinstance(value, list) else set()
    if admin in values:
        return Role.ADMIN
    return Role.SUPPORT if support in values else Role.USER
