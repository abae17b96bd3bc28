"""Asking providers to tell us what is new. Where they tell it of each account, they are asked as a sync ends.

What is not asked for, or lost, costs nothing but time: syncs go on by the clock.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from dashboard import providers
from dashboard.connections import budget
from dashboard.connections.budget import Spent
from dashboard.connections.importing import Work
from dashboard.connections.refreshing import hold_on
from dashboard.data import clock, syncs, transaction
from dashboard.providers import subscribing
from dashboard.providers.failures import Failure

AGAIN = timedelta(days=7)
"""How long an account's subscription is relied on: a provider that could not reach us for some hours drops it."""
log = logging.getLogger(__name__)


class Addresses:
    """Where providers reach us. Nowhere, until :meth:`use`."""

    def __init__(self) -> None:
        self._of: Callable[[str], str | None] = lambda _: None

    def use(self, of: Callable[[str], str | None]) -> None:
        """Take the addresses into use.

        :param of: the address for a type's notices. None: no provider can call it.
        """
        self._of = of

    def of(self, type: str) -> str | None:
        """The address for a type's notices. None: no provider can call it."""
        return self._of(type)


addresses = Addresses()


def keep(work: Work) -> None:
    """Ask for notices about the account of a sync that went well, if that was never done or is long ago.

    A provider that refuses is asked again by the next sync.

    :raises LeaseLost: the rest is somebody else's.
    """
    now, held = clock.now(), work.held
    address = addresses.of(held.type)
    relied_on = held.subscribed_at is not None and now - held.subscribed_at < AGAIN
    if address is None or relied_on or subscribing.by(work.type) != "grant":
        return
    try:
        for topic in subscribing.topics(work.type, held.scopes.split()):
            hold_on(held.id, key=held.lease_key)
            budget.spend(work.type)
            subscribing.subscribe_grant(work.type, work.grant, topic, address=address)
    except (Failure, Spent) as failure:
        log.info("%s sends no notices about connection %d yet: %s", held.type, held.id, failure)
        return
    with transaction():
        hold_on(held.id, key=held.lease_key)
        syncs.note(held.id, subscribed_at=now)


def renew(*, now: datetime) -> None:
    """Renew the subscriptions of our clients that end soon. What fails is tried again the next time."""
    for type in providers.all_types():
        address = addresses.of(type.type)
        if address is None or subscribing.by(type) != "client" or not providers.available(type, now.date()):
            continue
        try:
            subscribing.renew_due(type, address=address, now=now)
        except Failure as failure:
            log.warning("the notices of %s could not be renewed: %s", type.type, failure)
