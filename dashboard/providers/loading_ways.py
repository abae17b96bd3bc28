"""Read the tables that say how to talk to a provider: account, grants, revocation, limits, failures, webhook."""

from __future__ import annotations

from typing import Any

from dashboard.providers import failures, handshakes, table
from dashboard.providers.table import Table
from dashboard.providers.ways import (
    AccountWay,
    Gone,
    Granted,
    LimitAnswer,
    RateLimit,
    Refreshing,
    Revocation,
    Rule,
    Signature,
    Webhook,
)

CALLS = ("code", "refresh", "revoke", "account", "data", "delete")
_KEYS = table.one_of("client_secret", "webhook_secret")


def ways(keys: Table) -> dict[str, Any]:
    """What the tables say, by the names of the fields of a ``ConnectionType``; what is not there has its default."""
    return {
        "account": _account(keys.table("account")),
        "granted": _granted(keys.table("granted")),
        "refreshing": _refreshing(keys.table("refresh")),
        "revocation": _revocation(keys.table("revocation")),
        "rate_limits": tuple(_rate_limit(entry) for entry in keys.tables("rate_limits")),
        "limit_answer": _limit_answer(keys.table("limit_answer")),
        "failures": tuple(_rule(entry) for entry in keys.tables("failures")),
        "webhook": _webhook(keys.table("webhook")),
    }


def _account(keys: Table | None) -> AccountWay | None:
    if keys is None:
        return None
    way = AccountWay(
        told=keys.take("told", table.one_of("answer", "call", "claims")),
        id=keys.take("id", table.path),
        name=keys.take_or("name", table.tuple_of(table.path), ()),
        url=keys.take_or("url", table.url, None),
    )
    keys.close()
    _url_where_called(keys, way.told, way.url)
    return way


def _granted(keys: Table | None) -> Granted:
    if keys is None:
        return Granted()
    way = Granted(
        told=keys.take("told", table.one_of("answer", "callback", "call", "nowhere")),
        path=keys.take_or("path", table.path, "scope"),
        url=keys.take_or("url", table.url, None),
    )
    keys.close()
    _url_where_called(keys, way.told, way.url)
    return way


def _url_where_called(keys: Table, told: str, url: str | None) -> None:
    if (told == "call") is not (url is not None):
        raise keys.wrong("url", "goes with told = 'call', and only with it; add or remove it.")


def _refreshing(keys: Table | None) -> Refreshing:
    if keys is None:
        return Refreshing()
    way = Refreshing(
        given=keys.take_or("given", table.flag, True),
        rotates=keys.take_or("rotates", table.flag, None),
        days=keys.take_or("days", table.count, None),
        scope=keys.take_or("scope", table.text, None),
        parameters=keys.take_or("parameters", table.text_pairs, ()),
    )
    keys.close()
    return way


def _revocation(keys: Table | None) -> Revocation | None:
    if keys is None:
        return None
    way = Revocation(
        way=keys.take("way", table.one_of("rfc7009", "call", "dialect")),
        ends=keys.take("ends", table.one_of("grant", "account")),
        url=keys.take_or("url", table.template("account_id", "client_id"), None),
        method=keys.take_or("method", table.one_of("GET", "POST", "DELETE"), "POST"),
        bearer=keys.take_or("bearer", table.one_of("header", "query"), "header"),
        token=keys.take_or("token", table.one_of("refresh_token", "access_token"), "refresh_token"),
        done=keys.take_or("done", table.tuple_of(table.count), (200, 204)),
        confirmed=keys.take_or("confirmed", table.flag, True),
    )
    keys.close()
    if (way.way == "call") is not (way.url is not None):
        raise keys.wrong("url", "goes with way = 'call', and only with it; add or remove it.")
    return way


def _rate_limit(keys: Table) -> RateLimit:
    limit = RateLimit(requests=keys.take("requests", table.count), seconds=keys.take("seconds", table.count))
    keys.close()
    return limit


def _limit_answer(keys: Table | None) -> LimitAnswer:
    if keys is None:
        return LimitAnswer()
    way = LimitAnswer(
        reset_header=keys.take_or("reset_header", table.text, None),
        reset=keys.take_or("reset", table.one_of("seconds", "epoch"), "seconds"),
        usage_headers=keys.take_or("usage_headers", table.text_pairs, ()),
        window_seconds=keys.take_or("window_seconds", table.tuple_of(table.count), ()),
    )
    keys.close()
    return way


def _rule(keys: Table) -> Rule:
    rule = Rule(
        means=keys.take("means", table.one_of(*failures.CODES)),
        on=keys.take_or("on", table.tuple_of(table.one_of(*CALLS)), ()),
        status=keys.take_or("status", table.tuple_of(table.count), ()),
        body=keys.take_or("body", table.conditions, ()),
        says=keys.take_or("says", table.text, None),
    )
    keys.close()
    if not (rule.status or rule.body or rule.says):
        raise keys.wrong("means", "fits every answer; say which: `status`, `body` or `says`.")
    return rule


def _webhook(keys: Table | None) -> Webhook | None:
    if keys is None:
        return None
    way = Webhook(
        handshake=keys.take_or("handshake", table.one_of(*handshakes.NAMES), None),
        signature=_signature(keys.table("signature")),
        token=keys.take_or("token", table.path, None),
        secret_header=keys.take_or("secret_header", table.text, None),
        dialect=keys.take_or("dialect", table.flag, False),
        form=keys.take_or("form", table.flag, False),
        list=keys.take_or("list", table.path, ""),
        account=keys.take_or("account", table.path, ""),
        status=keys.take_or("status", table.count, 200),
        ended=keys.take_or("ended", table.tuple_of(table.conditions), ()),
        gone=tuple(_gone(entry) for entry in keys.tables("gone")),
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
