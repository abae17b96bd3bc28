"""What became of the connections that the log of a person's activity names."""

from collections.abc import Collection
from dataclasses import dataclass

from dashboard.data import connections, revocations
from dashboard.data.revocations import RevocationRow as Ending

__all__ = ["Ending", "Past", "read"]


@dataclass(frozen=True, slots=True)
class Past:
    """The connections that are there still, by id with their type, and how far the ends of the others are."""

    living: dict[int, str]
    endings: dict[int, Ending]

    def type_of(self, connection_id: int) -> str | None:
        """The type of a connection, there or ended. None: nothing is known of it any more."""
        ending = self.endings.get(connection_id)
        return self.living.get(connection_id) or (ending.type if ending else None)


def read(connection_ids: Collection[int], *, owner_id: int) -> Past:
    """What became of connections of an owner. Two queries, whatever their number; what isn't theirs is left out."""
    if not connection_ids:
        return Past({}, {})
    endings = revocations.revocations(connection_ids, owner_id=owner_id)
    living = connections.types_of(connection_ids, owner_id=owner_id)
    return Past(living, {each.connection_id: each for each in endings})
