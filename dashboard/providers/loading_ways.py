"""Read the tables that say how to talk to a provider: account, grants, revocation, limits, failures, webhook."""

from __future__ import annotations

from typing import Any

from dashboard.providers import failures, loading_webhook, table
from dashboard.providers.table import Table
from dashboard.providers.ways import (
    AccountWay,
    Granted,
    LimitAnswer,
    RateLimit,
    Refreshing,
    Revocation,
    Rule,
)

CALLS = ("code", "refresh", "revoke", "account", "data", "delete", "subscribe")


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
        "webhook": loading_webhook.webhook(keys.table("webhook")),
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
        about=keys.take_or("about", table.one_of("app", "person"), "app"),
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
