"""Read what a provider sends to our webhook: check whose it is, answer it, and say what it tells.

An answer says nothing of what we know. A notice that is not proved is a hint: whoever uses it confirms it by a call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson

from dashboard.providers import dialects, paths, public_keys
from dashboard.providers.clients import agreements
from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.failures import NotGenuine
from dashboard.providers.grant import Answered, Notice
from dashboard.providers.handshakes import is_verification, shaken
from dashboard.providers.signatures import has_secret, proved_by
from dashboard.providers.values import id_of
from dashboard.providers.ways import Webhook

MOST_NOTICES = 1000


def read_notice(
    type: ConnectionType,
    *,
    method: str,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> Answered:
    """What a webhook call says, and how it is answered. Nothing is asked of the provider but, once a day, its keys.

    :param now: signed calls that carry their time are good for some minutes around it.
    :raises NotGenuine: it does not come from the provider as far as it shows, or nobody can read it.
    """
    way, client = type.webhook, agreements.client(type.type)
    if way is None or client is None:
        raise NotGenuine("no notices are expected")
    headers = {name.lower(): value for name, value in headers.items()}
    if way.dialect:
        return dialects.of(type).read_notice(type, client, headers=headers, body=body, now=now)
    if way.handshake and (answered := shaken(way.handshake, client, method=method, query=query, body=body)):
        return answered
    if method != "POST":
        raise NotGenuine(f"no notice comes by {method}")
    proved = way.signature is not None and proved_by(way.signature, client, headers=headers, body=body, now=now)
    proved = has_secret(client, headers.get(way.secret_header.lower())) if way.secret_header else proved
    document = _document(way, body)
    proved = has_secret(client, paths.find(document, way.token)) if way.token else proved
    if proved and way.handshake == "verification" and is_verification(document):
        return Answered(201)
    if proved and way.public_keys:
        proved = public_keys.check(way.public_keys, type, headers=headers, body=body, now=now)
    return Answered(way.status, notices=tuple(_notices(way, document, proved=proved)))


def _document(way: Webhook, body: bytes) -> Any:
    try:
        if way.form:
            return dict(parse_qsl(body.decode("ascii"), strict_parsing=True, max_num_fields=50))
        return orjson.loads(body)
    except ValueError:
        raise NotGenuine("nobody can read it") from None


def _notices(way: Webhook, document: Any, *, proved: bool) -> Iterator[Notice]:
    """One notice an item that names an account; :func:`read_notice` has no use for others.

    :raises NotGenuine: none does, or there are too many.
    """
    found = paths.find(document, way.list) if way.list else document
    items = found if isinstance(found, list) else [found]
    if len(items) > MOST_NOTICES:
        raise NotGenuine("too many notices in one call")
    named = [(id, item) for item in items if (id := id_of(paths.find(item, way.account)))]
    if not named:
        raise NotGenuine("it names no account")
    for id, item in named:
        ended = any(paths.fits(item, conditions) for conditions in way.ended)
        yield Notice(id, proved, ended=ended, gone=tuple(_gone(way, item)))


def _gone(way: Webhook, item: Any) -> Iterator[tuple[str, str]]:
    for gone in way.gone:
        id = id_of(paths.find(item, gone.id))
        if id and paths.fits(item, gone.when):
            yield gone.kind, id
