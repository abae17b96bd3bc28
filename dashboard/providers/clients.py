"""The operator's agreements: which types have credentials here, and which terms of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.providers.grant import Client


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the operator set for one type (``<TYPE>_…``)."""

    client: Client | None = None
    """None: no credentials, so the type is not available here."""
    keep_days: int | None = None
    """How long records may be kept by an agreement of the operator's own; 0: as long as the person likes. None: as the
    type's terms say."""
    may_keep_records: bool | None = None
    """Whether they may stay after a disconnect, by such an agreement. None: as the type's terms say."""


class Agreements:
    """All of them, by the key of the type. Empty until :meth:`use`."""

    def __init__(self) -> None:
        self._by_type: Mapping[str, Agreement] = {}
        self._simulated = ""

    def use(self, by_type: Mapping[str, Agreement], *, simulated: str = "") -> None:
        """Take agreements into use.

        :param simulated: the address of simulated third parties, for the local demo and for tests. Every address of a
            provider is then asked for there: ``https://host/path`` becomes ``<simulated>/host/path``.
        """
        self._by_type = by_type
        self._simulated = simulated.rstrip("/")

    def of(self, type: str) -> Agreement:
        """The agreement on a type; an empty one where the operator set nothing."""
        return self._by_type.get(type, Agreement())

    def client(self, type: str) -> Client | None:
        """Our client at a type's provider. None: no credentials."""
        return self.of(type).client

    def address(self, url: str) -> str:
        """Where a provider's address is really asked for."""
        return f"{self._simulated}/{url.removeprefix('https://')}" if self._simulated else url


agreements = Agreements()
