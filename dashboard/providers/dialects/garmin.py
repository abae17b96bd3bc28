"""Garmin: records come by themselves, in one body by their kind, beside withdrawals and changed permissions.

Agreeing public clients, above all the-momentum/open-wearables, backend/app/services/providers/garmin.
"""

from __future__ import annotations

import hmac
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import orjson

from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.dialects.standard import Dialect
from dashboard.providers.facts import facts_of
from dashboard.providers.failures import NotGenuine, Unavailable
from dashboard.providers.grant import Answered, Client, Fact, Notice
from dashboard.providers.values import id_of

MOST_ROWS = 20_000
ENDED, PERMISSIONS = "deregistrations", "userPermissionsChange"
log = logging.getLogger(__name__)


class Garmin(Dialect):
    """Its pushes. None is signed; a header names our client, and nobody else knows the address."""

    def read_notice(
        self, type: ConnectionType, client: Client, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Answered:
        """Read a push. What comes without the header is a hint."""
        named = headers.get("garmin-client-id")
        if named is not None and not hmac.compare_digest(named.encode(), client.id.encode()):
            raise NotGenuine("it is for another client")
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise NotGenuine("nobody can read it") from None
        if not isinstance(document, dict):
            raise NotGenuine("it is no object")
        notices = tuple(_notices(type, document, proved=named is not None))
        if not notices:
            raise NotGenuine("it names no account")
        return Answered(200, notices=notices)


def _notices(type: ConnectionType, document: dict[str, Any], *, proved: bool) -> Iterator[Notice]:
    """One for each account and matter; an account without a record in its rows, as one with new kinds, is told too.

    Rows that nobody can read are left out: beside them stand those of others, which Garmin sends once.
    """
    facts: dict[str, list[Fact]] = defaultdict(list)
    for source in type.sources:
        for account_id, rows in _by_account(document.get(source.list)).items():
            with suppress(Unavailable):  # it is in the log
                facts[account_id] += facts_of(source.records, rows, what=f"{type.type} {source.name}")
    for account_id, found in facts.items():
        yield Notice(account_id, proved, facts=tuple(found))
    for account_id, rows in _by_account(document.get(PERMISSIONS)).items():
        permissions = _permissions(max(rows, key=_changed_at))
        if permissions is not None:
            yield Notice(account_id, proved, permissions=permissions)
    for account_id in _by_account(document.get(ENDED)):
        yield Notice(account_id, proved, ended=True)


def _by_account(rows: Any) -> dict[str, list[Any]]:
    """The rows of a list by the account they name."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and (account_id := id_of(row.get("userId"))):
            found[account_id].append(row)
    if sum(map(len, found.values())) > MOST_ROWS:
        raise NotGenuine("too many rows in one call")
    return found


def _changed_at(row: Mapping[str, Any]) -> float:
    found = row.get("changeTimeInSeconds")
    return float(found) if isinstance(found, int | float) else 0.0


def _permissions(row: Mapping[str, Any]) -> tuple[str, ...] | None:
    """What is shared from now on. An empty list means nothing, and is no list left out. None: nobody can read it."""
    found = row.get("permissions")
    if isinstance(found, list) and all(map(_is_name, found)):
        return tuple(found)
    log.warning("garmin: left out permissions that are none")
    return None


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 100 and value.isprintable()
