"""Who has an account at the third parties: a few people by name, and anybody else by a key."""

import hashlib
import uuid
from dataclasses import dataclass

KEY = r"[a-z0-9][a-z0-9+._@-]{0,60}"
DOMAIN = "posteo.example"
"""What a key looks like, and where those have their mail whose key is no address."""

HOUR_EAST = 1
"""Everybody lives one hour east of Greenwich, all year, so that local and universal time are told apart."""


@dataclass(frozen=True)
class Account:
    """An account at every third party. The key never changes; the ids follow from it."""

    key: str
    first_name: str
    last_name: str
    mail: str
    days: int = 90
    """For how many days it has records, counted back from today."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


CAST = {
    account.key: account
    for account in (
        Account("ada", "Ada", "Lovelace", "ada.lovelace@posteo.example"),
        Account("second", "Ada", "Byron", "ada.byron@northlake.example", days=40),
        Account("lin", "Lin", "Newcomer", "lin@posteo.example", days=1),
    )
}
"""Whom a consent page offers: somebody, their other account, and one that was opened today."""


ADAS = dict.fromkeys(("coros", "garmin", "google_health", "polar", "suunto", "withings"), "ok") | {
    "oura": "quiet", "strava": "down",
}  # fmt: skip
"""Where the demo's Ada has connected the account ``ada`` at the start, and it lives, with the mood of her grant: see
``demo/people.py``."""
ADAS_ENDED = frozenset({"whoop"})
"""Where she has it too, but it was ended there, so that she has something to reconnect."""


def account_of(key: str) -> Account:
    """The account of a key; the same one each time. ``cleo-7`` has the mail ``cleo+7@posteo.example``; a key that is an
    address is its mail."""
    if key in CAST:
        return CAST[key]
    first, _, rest = key.partition("@")[0].partition("-")
    mail = key if "@" in key else f"{first}+{rest}@{DOMAIN}".replace("+@", "@")
    days = 2 if first == "cleo" else Account.days  # two hundred of hers are read at the first start of the demo
    return Account(key, first.capitalize(), rest.capitalize(), mail, days)


def number(*names: object, digits: int = 9) -> int:
    """A number of so many digits for these names; the same one each time."""
    low = 10 ** (digits - 1)
    return low + int.from_bytes(_digest(*names)[:12]) % (9 * low)


def uid(*names: object) -> str:
    """A UUID for these names; the same one each time."""
    return str(uuid.UUID(bytes=_digest(*names)[:16], version=4))


def hexadecimal(*names: object, length: int = 32) -> str:
    """So many hexadecimal digits for these names; the same ones each time."""
    return _digest(*names).hex()[:length]


def _digest(*names: object) -> bytes:
    return hashlib.sha256("\0".join(str(each) for each in names).encode()).digest()
