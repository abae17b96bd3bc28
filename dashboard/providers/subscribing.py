"""Ask a provider for notices: for each grant, or once for our client. How stands in ``webhook.subscription``."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from dashboard.providers import dialects, paths, times
from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.failures import ClientRefused, Unavailable
from dashboard.providers.grant import Client, Grant
from dashboard.providers.http import Answer, call
from dashboard.providers.judging import judge
from dashboard.providers.oauth import client_of
from dashboard.providers.values import id_of
from dashboard.providers.ways import Subscription, Topic

RENEW_BEFORE = timedelta(days=10)
"""A subscription that ends so soon is renewed."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who may ask a provider for what our client may not."""

    project: str
    """What the provider calls our client's home."""
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One subscription, as the provider lists it."""

    id: str
    address: str
    topic: tuple[tuple[str, str], ...] = ()
    """Which of the type's topics it is about, as its body. Empty: there are none."""
    ends_at: datetime | None = None
    active: bool = True
    """False: the provider sends nothing any more."""


def by(type: ConnectionType) -> str | None:
    """Who asks for a type's notices: ``grant``, ``client`` or ``operator``. None: nobody can by a call."""
    way = type.webhook.subscription if type.webhook else None
    return way.by if way else None


def topics(type: ConnectionType, scopes: Collection[str]) -> tuple[Topic, ...]:
    """What these permissions let us be told of, where notices are asked for with each grant."""
    return tuple(each for each in _way(type).topics if not each.scopes or not set(each.scopes).isdisjoint(scopes))


def subscribe_grant(type: ConnectionType, grant: Grant, topic: Topic, *, address: str) -> None:
    """Ask for notices about a grant's account. Safe to repeat.

    :raises Failure: there will be none.
    """
    way, client = _way(type), client_of(type)
    told = _filled(way.body, client, address) | dict(topic.body)
    answer = call(type, "POST", way.url, access_token=grant.access_token, **_sent(way, told))
    judge(type, "data", answer)
    dialects.of(type).unwrap(answer)


def listed(type: ConnectionType, *, operator: Operator | None = None) -> tuple[Subscribed, ...]:
    """The subscriptions of our client.

    :param operator: who asks, where it is not our client.
    :raises Failure: they are not told.
    """
    way = _way(type)
    document = _ask(type, "GET", _url(way, operator), operator).json
    found = paths.find(document, way.list) if way.list else document
    if found is None and isinstance(document, dict):
        found = []
    if not isinstance(found, list):
        raise Unavailable("that is no list of subscriptions", code="odd_answer")
    return tuple(one for item in found if (one := _subscribed(way, item)))


def subscribe(type: ConnectionType, *, address: str, operator: Operator | None = None) -> str | None:
    """Ask for what is missing of our client's notices, at an address of ours. Safe to repeat.

    The provider calls that address before it answers.

    :returns: the secret that notices will be signed with, where the provider chose it; it tells it this once.
    :raises Failure: some or all of it is not subscribed.
    """
    way, client = _way(type), client_of(type)
    if not client.webhook_secret and not way.told_secret:
        raise ClientRefused("no webhook secret is set", code="no_credentials")
    ours = [each for each in listed(type, operator=operator) if each.address == address]
    if way.activate_url and any(not each.active for each in ours):
        _ask(type, "POST", way.activate_url, operator)
    secret = None
    for topic in way.topics or (Topic(body=()),):
        if topic.body in [each.topic for each in ours]:
            continue
        told = _filled(way.body, client, address) | dict(topic.body)
        answer = _ask(type, "POST", _url(way, operator), operator, told)
        secret = id_of(paths.find(answer.json, way.told_secret)) if way.told_secret else None
    return secret


def unsubscribe(type: ConnectionType, subscribed: Subscribed, *, operator: Operator | None = None) -> None:
    """End a subscription of our client.

    :raises Failure: it was not confirmed.
    """
    way = _way(type)
    url = (way.one_url or f"{way.url}/{{id}}").replace("{id}", quote(subscribed.id, safe="/"))
    _ask(type, "DELETE", url, operator)


def renew_due(type: ConnectionType, *, address: str, now: datetime) -> int:
    """Renew those of our client's subscriptions at an address that end soon; how many.

    :raises Failure: the rest was not renewed.
    """
    way = _way(type)
    if not way.renew_url:
        return 0
    ours = [each for each in listed(type) if each.address == address and each.ends_at is not None]
    ending = [each for each in ours if each.ends_at and each.ends_at <= now + RENEW_BEFORE]
    for each in ending:
        _ask(type, "PUT", way.renew_url.replace("{id}", quote(each.id, safe="")), None)
    return len(ending)


def _way(type: ConnectionType) -> Subscription:
    assert type.webhook, "ask `by` first"
    assert type.webhook.subscription, "ask `by` first"
    return type.webhook.subscription


def _url(way: Subscription, operator: Operator | None) -> str:
    return way.url.replace("{project}", quote(operator.project, safe="")) if operator else way.url


def _filled(body: Any, client: Client, address: str) -> Any:
    """The body of a type's file with what we know filled in."""
    if isinstance(body, str):
        return body.replace("{address}", address).replace("{secret}", client.webhook_secret)
    if isinstance(body, Mapping):
        return {name: _filled(value, client, address) for name, value in body.items()}
    return [_filled(value, client, address) for value in body] if isinstance(body, list) else body


def _sent(way: Subscription, told: Mapping[str, Any]) -> dict[str, Any]:
    return {"form": told} if way.form else {"json": told}


def _ask(
    type: ConnectionType, method: str, url: str, operator: Operator | None, told: Mapping[str, Any] | None = None
) -> Answer:
    """Ask as our client, or as the operator. :raises Failure: the answer is not good."""
    way, client = _way(type), client_of(type)
    asked: dict[str, Any] = {} if told is None else _sent(way, told)
    secrets = [client.secret] + ([client.webhook_secret] if client.webhook_secret else [])
    if operator is not None:
        asked["access_token"] = operator.access_token
    elif way.client_auth == "client_secret_basic":
        both = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}".encode()
        asked["headers"] = {"Authorization": f"Basic {base64.b64encode(both).decode()}"}
    elif way.client_auth == "headers":
        asked["headers"] = {"x-client-id": client.id, "x-client-secret": client.secret}
    else:
        ours = {"client_id": client.id, "client_secret": client.secret}
        asked = {"form": ours | asked["form"]} if "form" in asked else {"parameters": ours}
    answer = call(type, method, url, secrets=secrets, **asked)
    judge(type, "subscribe", answer)
    return answer


def _subscribed(way: Subscription, item: Any) -> Subscribed | None:
    """A subscription of a list. None: it can't be read."""
    if not isinstance(item, dict):
        return None
    id, address = id_of(paths.find(item, way.id)), paths.find(item, way.address)
    if id is None or not isinstance(address, str):
        return None
    topic = next((each.body for each in way.topics if all(item.get(name) == value for name, value in each.body)), ())
    active = paths.find(item, way.active) is not False if way.active else True
    return Subscribed(id, address, topic, _moment(paths.find(item, way.ends)) if way.ends else None, active)


def _moment(value: Any) -> datetime | None:
    """A moment as RFC 3339 writes it. None: it is none."""
    try:
        return times.moment(value, "iso_utc", UTC)
    except times.Unreadable:
        return None
