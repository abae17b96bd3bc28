"""Which account a consent page offers first, so that whoever just allows gets in nobody's way."""

from enum import StrEnum
from itertools import chain, count

from demo.providers.accounts import ADAS, ADAS_ENDED, CAST
from demo.providers.world import World


class Standing(StrEnum):
    """What the app has of an account at a third party."""

    FREE = "free"
    """Nothing: whoever connects it has it for themselves."""
    LIVES = "lives"
    """A grant that holds. Somebody has connected it."""
    ENDED = "ended"
    """A grant that was ended here: somebody's connection waits to be renewed with this account and no other."""


def standing(world: World, type: str, key: str) -> Standing:
    """How an account stands with the app, by the grants of it. One of the demo's that was not used yet counts."""
    known = [grant for grant in world.grants.all if (grant.type, grant.account) == (type, key)]
    if not known:
        return _seeded(type) if key == "ada" else Standing.FREE
    if any(not grant.revoked for grant in known):
        return Standing.LIVES
    return Standing.FREE if known[-1].revoked == "app" else Standing.ENDED


def _seeded(type: str) -> Standing:
    if type in ADAS:
        return Standing.LIVES
    return Standing.ENDED if type in ADAS_ENDED else Standing.FREE


def first(world: World, type: str, *, last: str) -> str:
    """The key of the account that is chosen unless the person says otherwise: of the cast, or a guest's.

    Who asks, a third party can't know. It knows the browser, like one where people stay signed in: whoever mends a
    connection in the browser where they made it just allows again. All others get an account that nobody has.

    :param last: the account that this browser chose last. Empty: none.
    """
    if last and standing(world, type, last) is Standing.ENDED:
        return last
    guests = (f"guest-{number}" for number in count(1))
    return next(key for key in chain(CAST, guests) if standing(world, type, key) is Standing.FREE)
