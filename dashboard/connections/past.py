"""What became of the connections that the log of a person's activity names."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from dashboard.data import connections, revocations
from dashboard.data.connections import NamedRow as Living
from dashboard.data.revocations import RevocationRow as Ending

__all__ = ["Ending", "Living", "Past", "read"]


@dataclass(frozen=True, slots=True)
class Past:
    """The connections that are there still, by id, and how far the ends of the others are."""

    living: dict[int, Living]
    endings: dict[int, Ending]
    repeated: frozenset[str] = frozenset()
    """The types of which there are or were several, by key: each is to be called by its account."""

    def known(self, connection_id: int) -> Living | Ending | None:
        """A connection, there or ended, with its type and account. None: nothing is known of it any more."""
        return self.living.get(connection_id) or self.endings.get(connection_id)

    def type_of(self, connection_id: int) -> str | None:
        """The type of a connection, there or ended. None: nothing is known of it any more."""
        known = self.known(connection_id)
        return known.type if known else None


def read(connection_ids: Collection[int], *, owner_id: int, accounts: bool = True) -> Past:
    """What became of connections of an owner. Two queries, whatever their number; what isn't theirs is left out.

    :param accounts: tell several of a type apart by their accounts. False: these are not the reader's business.
    """
    if not connection_ids:
        return Past({}, {})
    endings = revocations.revocations(connection_ids, owner_id=owner_id)
    living = connections.named(connection_ids, types={each.type for each in endings}, owner_id=owner_id)
    types = Counter([each.type for each in living] + [each.type for each in endings])
    repeated = frozenset(type for type, number in types.items() if accounts and number > 1)
    return Past({each.id: each for each in living}, {each.connection_id: each for each in endings}, repeated)
