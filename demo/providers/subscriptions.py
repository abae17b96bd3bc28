"""Who is told what is new: subscriptions for one account or for the whole app, and how far each was told."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.providers.accounts import number
from demo.providers.grants import Grant
from demo.providers.life import Event, What

if TYPE_CHECKING:
    from demo.providers.oauth import OAuthParty

HOUR = 3600


@dataclass
class Subscription:
    """One address that wants to be told. Times are seconds since 1970 by the third party's clock."""

    type: str
    id: str
    url: str
    account: str = ""
    """Whose news. Empty: everybody's who gave the app a grant."""
    events: list[str] = field(default_factory=list)
    """The notices that are wanted, by the third party's names. Empty: all."""
    about: dict[str, str] = field(default_factory=dict)
    """What else was said as it was asked for."""
    ends_at: float = math.inf
    told: dict[str, float] = field(default_factory=dict)
    """By account and kind: up to when its news were told."""
    made_at: float = 0


class Subscriptions:
    """All of them, at all third parties."""

    def __init__(self) -> None:
        self.all: list[Subscription] = []
        self._count = 0

    def of(self, type: str, account: str | None = None) -> list[Subscription]:
        """Those at a third party: all, or those of one account alone."""
        return [each for each in self.all if each.type == type and account in (None, each.account)]

    def add(self, subscription: Subscription) -> Subscription:
        """Add one, in the place of one that is the same."""
        same = (subscription.type, subscription.url, subscription.account, subscription.events)
        self.all = [each for each in self.all if (each.type, each.url, each.account, each.events) != same]
        self.all.append(subscription)
        return subscription

    def new_id(self, type: str) -> str:
        """A number that none had before."""
        self._count += 1
        return str(number(type, "subscription", self._count, len(self.all), digits=6))

    def end(self, type: str, *, id: str = "", account: str = "") -> int:
        """End one by its id, or those of an account; how many."""
        before = len(self.all)
        self.all = [
            each
            for each in self.all
            if each.type != type or not ((id and each.id == id) or (account and each.account == account))
        ]
        return before - len(self.all)

    def as_json(self) -> list[dict[str, object]]:
        """All of them, to be kept in a file; JSON knows no infinity."""
        return [vars(each) | {"ends_at": min(each.ends_at, 1e12)} for each in self.all]


def news(at: "OAuthParty") -> Iterator[tuple[Subscription, str, str]]:
    """What subscriptions are to be told now: address, account, notice. It counts as told then."""
    for each in at.world.subscriptions.of(at.type):
        if each.ends_at <= at.now:
            continue
        for grant in _grants(at, each):
            wanted = {what: event for what, event in at.tells.items() if not each.events or event in each.events}
            told = [event for what, event in wanted.items() if _is_new(at, each, grant, what)]
            yield from ((each, grant.account, event) for event in dict.fromkeys(told))


def _grants(at: "OAuthParty", subscription: Subscription) -> list[Grant]:
    """One grant for each account that the subscription is about."""
    grants = at.world.grants.of(at.type, subscription.account or None)
    return [grant for grant in {grant.account: grant for grant in grants}.values() if grant.mood == "ok"]


def _is_new(at: "OAuthParty", subscription: Subscription, grant: Grant, what: What) -> bool:
    """Whether something is known since the last time. The sums of a day, which always grow, are new by the hour."""
    since = max(subscription.told.get(f"{grant.account} {what}", subscription.made_at), grant.given_at)
    events = at.world.events(grant, what, at.world.moment(at.type))
    known = max((_known(event) for event in events), default=0)
    if known <= since:
        return False
    subscription.told[f"{grant.account} {what}"] = known
    return True


def _known(event: Event) -> float:
    known = event.known_at.timestamp()
    return known - known % HOUR if event.what is What.DAY and not event.by_hand else known
