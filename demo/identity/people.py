"""Who can sign in: the five of the cast, and anybody else by mail address."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CAST_FILE = Path(__file__).with_name("cast.json")
SCOPES = {
    "profile": ("name", "given_name", "family_name", "locale", "zoneinfo", "roles"),
    "email": ("email", "email_verified"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One person, by the names of the OpenID Connect claims. ``sub`` never changes, ``email`` is how they sign in."""

    sub: str
    name: str
    given_name: str
    family_name: str
    email: str
    locale: str
    zoneinfo: str
    roles: tuple[str, ...] = ()
    email_verified: bool = True

    def claims(self, scope: str) -> dict[str, Any]:
        """The claims that these scopes (separated by spaces) open; ``sub`` always."""
        opened = [claim for name in scope.split() for claim in SCOPES.get(name, ())]
        known = asdict(self)
        return {"sub": self.sub, **{claim: known[claim] for claim in opened if known[claim] != ""}}


def _read_cast() -> dict[str, Person]:
    entries: dict[str, dict[str, Any]] = json.loads(CAST_FILE.read_text())
    return {sub: Person(sub, **{**entry, "roles": tuple(entry["roles"])}) for sub, entry in entries.items()}


CAST = _read_cast()
"""The people of the demo by their ``sub``: Ada, Ben, Cleo, Dora (support), Emil (admin)."""


def by_mail(mail: str) -> Person:
    """The person with this address. A new address is a new person, the same one each time."""
    mail = mail.strip().lower()
    known = {person.email: person for person in CAST.values()}
    return known.get(mail) or _newcomer(mail)


def _newcomer(mail: str) -> Person:
    words = [word.capitalize() for word in re.split(r"[._-]+", mail.partition("@")[0]) if word]
    return Person(
        sub=hashlib.sha256(mail.encode()).hexdigest()[:24],
        name=" ".join(words) or mail,
        given_name=words[0] if words else "",
        family_name=" ".join(words[1:]),
        email=mail,
        locale="en-GB",
        zoneinfo="Europe/London",
    )
