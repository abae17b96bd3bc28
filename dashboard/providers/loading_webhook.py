"""Read the table that says how a provider sends notices, and how they are asked for."""

from __future__ import annotations

from dashboard.providers import handshakes, table
from dashboard.providers.table import Table
from dashboard.providers.ways import Gone, PublicKeys, Signature, Subscription, Topic, Webhook

_KEYS = table.one_of("client_secret", "webhook_secret")
_CLIENT_AUTH = table.one_of("client_secret_post", "client_secret_basic", "headers")


def webhook(keys: Table | None) -> Webhook | None:
    """What the table says. None: it is not there."""
    if keys is None:
        return None
    way = Webhook(
        handshake=keys.take_or("handshake", table.one_of(*handshakes.NAMES), None),
        signature=_signature(keys.table("signature")),
        token=keys.take_or("token", table.path, None),
        secret_header=keys.take_or("secret_header", table.text, None),
        public_keys=_public_keys(keys.table("public_keys")),
        dialect=keys.take_or("dialect", table.flag, False),
        form=keys.take_or("form", table.flag, False),
        list=keys.take_or("list", table.path, ""),
        account=keys.take_or("account", table.path, ""),
        status=keys.take_or("status", table.count, 200),
        ended=keys.take_or("ended", table.tuple_of(table.conditions), ()),
        gone=tuple(_gone(entry) for entry in keys.tables("gone")),
        subscription=_subscription(keys.table("subscription")),
    )
    keys.close()
    if not way.dialect and not way.account:
        raise keys.wrong("account", "is missing; add the path of the account's id, or read notices by a dialect.")
    return way


def _signature(keys: Table | None) -> Signature | None:
    if keys is None:
        return None
    way = Signature(
        header=keys.take("header", table.text),
        algorithm=keys.take("algorithm", table.one_of("sha256", "sha1")),
        encoding=keys.take("encoding", table.one_of("hex", "base64")),
        key=keys.take("key", _KEYS),
        key_suffix=keys.take_or("key_suffix", table.text, ""),
        timestamp_header=keys.take_or("timestamp_header", table.text, None),
        timestamp=keys.take_or("timestamp", table.one_of("epoch", "epoch_ms"), "epoch"),
        fresh_seconds=keys.take_or("fresh_seconds", table.count, 300),
        style=keys.take_or("style", table.one_of("plain", "t-v1"), "plain"),
        optional=keys.take_or("optional", table.flag, False),
    )
    keys.close()
    return way


def _gone(keys: Table) -> Gone:
    gone = Gone(
        kind=keys.take("kind", table.type_key),
        id=keys.take("id", table.path),
        when=keys.take("when", table.conditions),
    )
    keys.close()
    return gone


def _public_keys(keys: Table | None) -> PublicKeys | None:
    if keys is None:
        return None
    way = PublicKeys(headers=keys.take("headers", table.tuple_of(table.text)), url=keys.take("url", table.url))
    keys.close()
    return way


def _subscription(keys: Table | None) -> Subscription | None:
    if keys is None:
        return None
    way = Subscription(
        by=keys.take("by", table.one_of("grant", "client", "operator")),
        url=keys.take("url", table.template("project")),
        body=keys.take("body", table.document("address", "secret")),
        form=keys.take_or("form", table.flag, False),
        client_auth=keys.take_or("client_auth", _CLIENT_AUTH, None),
        topics=tuple(_topic(entry) for entry in keys.tables("topics")),
        list=keys.take_or("list", table.path, ""),
        id=keys.take_or("id", table.path, "id"),
        address=keys.take_or("address", table.path, "url"),
        ends=keys.take_or("ends", table.path, None),
        active=keys.take_or("active", table.path, None),
        one_url=keys.take_or("one_url", table.template("id"), None),
        renew_url=keys.take_or("renew_url", table.template("id"), None),
        activate_url=keys.take_or("activate_url", table.url, None),
        told_secret=keys.take_or("told_secret", table.path, None),
    )
    keys.close()
    if (way.by == "client") is not (way.client_auth is not None):
        raise keys.wrong("client_auth", "goes with by = 'client', and only with it; add or remove it.")
    if ("{project}" in way.url) is not (way.by == "operator"):
        raise keys.wrong("url", "holds {project} with by = 'operator', and only with it.")
    return way


def _topic(keys: Table) -> Topic:
    topic = Topic(
        body=keys.take("body", table.text_pairs),
        scopes=keys.take_or("scopes", table.tuple_of(table.text), ()),
    )
    keys.close()
    return topic
