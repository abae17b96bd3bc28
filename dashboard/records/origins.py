"""Which account records came from, where a person has or had several of one type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from dashboard.data.record_reading import OriginRow, RecordRow


@dataclass(frozen=True, slots=True)
class Origins:
    """A person's connections of the types of some records, those that were ended too."""

    living: dict[int, OriginRow] = field(default_factory=dict)
    """By the connection's id."""
    ended: dict[tuple[str, str], OriginRow] = field(default_factory=dict)
    """By type and the account's id at the provider; of several ends of one account the last."""
    repeated: frozenset[str] = frozenset()
    """The types of which there are or were several accounts, by key: each is to be called by its account."""

    @classmethod
    def of(cls, rows: Iterable[OriginRow]) -> Origins:
        """Made of the connections that are there, and then those that were ended, the newest last."""
        found = cls()
        accounts: dict[str, set[str | int | None]] = {}
        for row in rows:
            if row.connection_id is not None:
                found.living[row.connection_id] = row
            elif row.remote_account_id is not None:
                found.ended[row.type, row.remote_account_id] = row
            accounts.setdefault(row.type, set()).add(row.remote_account_id or row.connection_id)
        return replace(found, repeated=frozenset(type for type, known in accounts.items() if len(known) > 1))

    def account_of(self, record: RecordRow) -> tuple[str | None, str | None]:
        """The name and the id of the account at the provider. None: alone of its type, or not known."""
        if record.type not in self.repeated:
            return None, None
        if record.connection_id is not None:
            row = self.living.get(record.connection_id)  # None: it went between the queries
        else:
            row = self.ended.get((record.type, record.remote_account_id or ""))
        return (row.account, row.remote_account_id) if row else (None, record.remote_account_id)
