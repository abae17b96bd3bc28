"""Grants between the vault and the provider: sealed in a row, open in the moment they are used."""

from datetime import datetime
from typing import Any, Protocol

from dashboard.data import vault
from dashboard.providers import Account, Grant


class SealedGrant(Protocol):
    """A row that holds a grant."""

    @property
    def access_token(self) -> bytes | None:
        """Sealed."""

    @property
    def refresh_token(self) -> bytes | None:
        """Sealed."""

    @property
    def access_expires_at(self) -> datetime | None:
        """When the access token ends."""


def sealed(grant: Grant) -> dict[str, Any]:
    """The columns of a grant."""
    return {
        "access_token": vault.seal(grant.access_token),
        "refresh_token": vault.seal(grant.refresh_token),
        "access_expires_at": grant.expires_at,
    }


def opened(row: SealedGrant, *, scopes: str = "", account_id: str | None = None) -> Grant:
    """The grant of a row.

    :raises Unreadable: no configured key opens it.
    """
    return Grant(
        access_token=vault.open(row.access_token) or "",
        refresh_token=vault.open(row.refresh_token),
        expires_at=row.access_expires_at,
        scopes=tuple(scopes.split()),
        account=Account(account_id) if account_id else None,
    )
