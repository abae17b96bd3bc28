"""What the third parties have given out: codes and grants, with their tokens, their ends and their rotation."""

import math
import re
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from demo.providers.accounts import KEY

SEEDED = re.compile(rf"demo-(ok|quiet|down|slow|refused)-({KEY})")
"""Tokens that are known without having been given out: ``demo-<mood>-<account>``, access and refresh alike."""


class Rotation(StrEnum):
    """What becomes of a refresh token when it is used."""

    NONE = "none"
    """There are no refresh tokens."""
    STAYS = "stays"
    """It stays as it is, and the answer has none."""
    SAME = "same"
    """It stays as it is, and the answer repeats it."""
    ONCE = "once"
    """The answer brings a new one, and the old one is spent."""
    UNTIL_USED = "until used"
    """The answer brings a new one, and the old one holds until the new access token is used, or for a grace."""


@dataclass(frozen=True)
class Rules:
    """How long a third party's tokens hold, in seconds."""

    access_seconds: int
    rotation: Rotation = Rotation.ONCE
    refresh_seconds: float = math.inf
    grace_seconds: float = math.inf
    """For UNTIL_USED: how long the old refresh token holds at most."""
    reuse_seconds: int = 0
    """A refresh with more than this left on the access token changes nothing. 0: it always renews."""
    ends_old_access: bool = False
    """Whether a refresh ends the access token before it at once."""


@dataclass
class Code:
    """An authorization code: who permits what to whom."""

    type: str
    account: str
    scopes: list[str]
    redirect_uri: str
    ends_at: float
    challenge: str = ""
    method: str = ""
    offline: bool = True
    """Whether a refresh token comes with it."""


@dataclass
class Grant:
    """What a person permits the app. Times are seconds since 1970 by the third party's clock."""

    type: str
    account: str
    scopes: list[str]
    mood: str = "ok"
    access: dict[str, float] = field(default_factory=dict)
    """The access tokens and when each ends."""
    refresh: dict[str, float] = field(default_factory=dict)
    """The refresh tokens that can be used and when each ends."""
    waiting: dict[str, list[str]] = field(default_factory=dict)
    """By access token: the older tokens that end as soon as it is used."""
    spent: list[str] = field(default_factory=list)
    """Tokens that were good once."""
    revoked: str = ""
    """Who ended it: ``app`` or ``person``. Empty: nobody."""
    given_at: float = 0

    def newest(self) -> tuple[str, str | None]:
        """The tokens that were given out last."""
        return next(reversed(self.access)), next(reversed(self.refresh), None)


class Grants:
    """All codes and grants of all third parties."""

    def __init__(self) -> None:
        self.codes: dict[str, Code] = {}
        self.all: list[Grant] = []

    def of(self, type: str, account: str | None = None) -> list[Grant]:
        """The grants at a third party that nobody ended, of one account or of all."""
        wanted = (grant for grant in self.all if grant.type == type and not grant.revoked)
        return [grant for grant in wanted if account in (None, grant.account)]

    def take_code(self, type: str, text: str, now: float) -> Code | None:
        """Hand over a code, once: whoever comes second gets None, whatever the first could do with it."""
        code = self.codes.get(text)
        if code is None or code.type != type:
            return None
        del self.codes[text]
        return code if code.ends_at > now else None

    def give(self, grant: Grant, rules: Rules, now: float) -> None:
        """Add a grant with its first tokens."""
        grant.given_at = now
        self.all.append(grant)
        self._add_tokens(grant, rules, now)

    def find(self, type: str, token: str, rules: Rules, now: float, scopes: list[str]) -> Grant | None:
        """The grant of a token, whatever has become of it. A seeded token becomes a grant at its first use."""
        for grant in self.all:
            if grant.type == type and (token in grant.access or token in grant.refresh or token in grant.spent):
                return grant
        seeded = SEEDED.fullmatch(token)
        if not seeded:
            return None
        grant = Grant(type, seeded[2], scopes, mood=seeded[1], given_at=now)
        grant.access[token] = now + rules.access_seconds
        if rules.rotation is not Rotation.NONE:
            grant.refresh[token] = math.inf
        if grant.mood == "refused":
            grant.revoked = "person"
        self.all.append(grant)
        return grant

    def use(self, grant: Grant, access_token: str) -> list[str]:
        """An access token was used: what it replaced ends, and is the answer."""
        ended = grant.waiting.pop(access_token, [])
        for old in ended:
            grant.access.pop(old, None)
            grant.refresh.pop(old, None)
        grant.spent += ended
        return ended

    def renew(self, grant: Grant, refresh_token: str, rules: Rules, now: float) -> None:
        """Spend a refresh token by the rules; the newest tokens are the answer."""
        ends_at = max(grant.access.values(), default=0)
        if rules.reuse_seconds and ends_at - now > rules.reuse_seconds:
            return
        before = [*grant.access, *grant.refresh]
        if rules.ends_old_access:
            grant.spent += grant.access
            grant.access.clear()
        if rules.rotation is Rotation.ONCE:
            del grant.refresh[refresh_token]
            grant.spent.append(refresh_token)
        if rules.rotation is Rotation.UNTIL_USED:
            grant.refresh = {token: min(end, now + rules.grace_seconds) for token, end in grant.refresh.items()}
        self._add_tokens(grant, rules, now)
        if rules.rotation is Rotation.UNTIL_USED:
            grant.waiting[next(reversed(grant.access))] = before

    def _add_tokens(self, grant: Grant, rules: Rules, now: float) -> None:
        grant.access[secrets.token_hex(20)] = now + rules.access_seconds
        repeats = rules.rotation in (Rotation.STAYS, Rotation.SAME) and grant.refresh
        if rules.rotation is not Rotation.NONE and not repeats:
            grant.refresh[secrets.token_hex(20)] = now + rules.refresh_seconds

    def as_json(self) -> list[dict[str, Any]]:
        """The grants, to be kept in a file; JSON knows no infinity."""
        return [
            vars(grant) | {"refresh": {token: min(end, 1e12) for token, end in grant.refresh.items()}}
            for grant in self.all
        ]
