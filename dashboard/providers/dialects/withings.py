"""Withings: everything is HTTP 200 with a status of its own, measures come in groups, revoking is signed.

developer.withings.com, Public Health Data API; as copied in api-evangelist/withings, openapi/_original.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.dialects.standard import Dialect
from dashboard.providers.failures import AccessExpired, Failure, Unavailable
from dashboard.providers.grant import Client, Grant
from dashboard.providers.http import Answer, call
from dashboard.providers.judging import judge
from dashboard.providers.source import Source

NONCE_URL = "https://wbsapi.withings.net/v2/signature"
PROBE_URL = "https://wbsapi.withings.net/v2/user"
log = logging.getLogger(__name__)


class Withings(Dialect):
    """Its envelope, its measure groups, its signed revocation."""

    def unwrap(self, answer: Answer) -> Any:
        """What stands under ``body`` where ``status`` is 0; no other status is a success."""
        document = answer.json
        if not isinstance(document, dict) or type(document.get("status")) is not int:
            raise Unavailable("no status", said=answer.said, code="odd_answer")
        if document["status"] != 0:
            raise Unavailable(said=f"status {document['status']}: {answer.said}", code="server_error")
        return document.get("body")

    def items(self, source: Source, document: Any, item: Any) -> Iterable[Any]:
        """A group of measures as one item: ``type1`` and so on with the value ``value * 10^unit``."""
        if source.name != "measures" or not isinstance(item, dict) or not isinstance(item.get("measures"), list):
            return (item,)
        values = {f"type{each['type']}": _value(each) for each in item["measures"] if _is_measure(each)}
        zone = document.get("timezone") if isinstance(document, dict) else None
        return ({**item, "timezone": zone, **values},)

    def revoke(self, type: ConnectionType, client: Client, grant: Grant, *, account_id: str | None) -> None:
        """Ask for a nonce, then revoke with it; both are signed by the client's secret, neither carries a token.

        :raises AccessExpired: it was not confirmed, and the access token is not accepted any more.
        :raises Failure: it was not confirmed.
        """
        if not account_id:
            raise Unavailable("the account is not known", code="odd_answer")
        timestamp = str(int(datetime.now(UTC).timestamp()))
        got = self._signed(type, client, NONCE_URL, {"action": "getnonce", "timestamp": timestamp})
        nonce = got.get("nonce") if isinstance(got, dict) else None
        if not isinstance(nonce, str):
            raise Unavailable("no nonce", code="odd_answer")
        assert type.oauth
        form = {"action": "revoke", "nonce": nonce}
        try:
            self._signed(type, client, type.oauth.token_endpoint, form, userid=account_id)
        except Unavailable:
            self._probe(type, grant)
            raise

    def _probe(self, type: ConnectionType, grant: Grant) -> None:
        """See whether there is anything left to revoke: how Withings says that there is not is not confirmed.

        :raises AccessExpired: the access token is not accepted; if no refresh mends that, the grant is over.
        """
        found = call(type, "POST", PROBE_URL, form={"action": "getdevice"}, access_token=grant.access_token)
        try:
            judge(type, "data", found)
        except AccessExpired:
            raise
        except Failure as failure:
            log.info("withings: the grant could not be probed: %s", failure)

    def _signed(self, type: ConnectionType, client: Client, url: str, form: dict[str, str], **more: str) -> Any:
        """Send a form signed over its values and our client's id, in the order of their names."""
        signed = {**form, "client_id": client.id}
        text = ",".join(signed[name] for name in sorted(signed))
        signature = hmac.new(client.secret.encode(), text.encode(), "sha256").hexdigest()
        found = call(type, "POST", url, form={**signed, **more, "signature": signature}, secrets=[client.secret])
        judge(type, "revoke", found)
        return self.unwrap(found)


def _is_measure(measure: Any) -> bool:
    return isinstance(measure, dict) and all(type(measure.get(name)) is int for name in ("type", "value", "unit"))


def _value(measure: Mapping[str, int]) -> float | None:
    """Withings writes 72.345 kg as 72345 * 10^-3."""
    power = measure["unit"]
    return measure["value"] * 10.0**power if -12 <= power <= 12 else None
