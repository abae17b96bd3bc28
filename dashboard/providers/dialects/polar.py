"""Polar: data flows only after a person was registered, once, under an id of ours.

polarofficial/accesslink-example-python, accesslink/endpoints/users.py.
"""

from __future__ import annotations

from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.dialects.standard import Dialect
from dashboard.providers.failures import Unavailable
from dashboard.providers.grant import Client, Grant
from dashboard.providers.http import call
from dashboard.providers.judging import judge

USERS_URL = "https://www.polaraccesslink.com/v3/users"


class Polar(Dialect):
    """Its registration."""

    def introduce(self, type: ConnectionType, client: Client, grant: Grant, *, member_id: str) -> None:
        """Register the person. Whoever is registered already stays so (409)."""
        answer = call(type, "POST", USERS_URL, access_token=grant.access_token, json={"member-id": member_id})
        if answer.status != 409:
            judge(type, "account", answer)
        elif not self._is_registered(type, grant):
            raise Unavailable("our id for the person belongs to another account there", code="odd_answer")

    def _is_registered(self, type: ConnectionType, grant: Grant) -> bool:
        """Whether the 409 was about this account, and not about our id: then there is a profile, not 204."""
        assert grant.account
        answer = call(type, "GET", f"{USERS_URL}/{grant.account.id}", access_token=grant.access_token)
        judge(type, "account", answer)
        return answer.status == 200
