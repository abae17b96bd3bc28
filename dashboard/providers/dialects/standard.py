"""The standard, and the points where a dialect may differ from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.failures import NotGenuine
from dashboard.providers.grant import Answered, Client, Grant
from dashboard.providers.http import Answer
from dashboard.providers.source import Source


class Dialect:
    """Talks as the standards say. Subclasses override the points where their provider does not."""

    def unwrap(self, answer: Answer) -> Any:
        """What a good answer is about, as JSON. None: it has no body.

        :raises Unavailable: it is not as it should be.
        """
        return answer.json

    def introduce(self, type: ConnectionType, client: Client, grant: Grant, *, member_id: str) -> None:
        """Do what the provider wants once, before it hands out data.

        :param member_id: an id of ours for the person, that says nothing about them.
        :raises Failure: it did not work.
        """

    def revoke(self, type: ConnectionType, client: Client, grant: Grant, *, account_id: str | None) -> None:
        """Give a grant back, for a type whose ``revocation.way`` is ``dialect``.

        :raises Failure: it did not work.
        """
        raise NotImplementedError(f"{type.type} names no dialect that can revoke")

    def items(self, source: Source, document: Any, item: Any) -> Iterable[Any]:
        """What the recordings of a source are applied to: an item of its list, unless it must be taken apart.

        :param item: whatever the provider sent there.
        """
        return (item,)

    def read_notice(
        self, type: ConnectionType, client: Client, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Answered:
        """Check and read a webhook call, for a type whose ``webhook.dialect`` is true.

        :raises NotGenuine: it is not the provider's.
        """
        raise NotGenuine("this provider sends no notices")
