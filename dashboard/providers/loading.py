"""Read the type files: strictly, so that a slip in one is an error that names it, never a wrong page."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from dashboard.providers import dialects, loading_sources, loading_ways, table
from dashboard.providers.connection_type import ConnectionType, OAuthEndpoints, Scope, Terms
from dashboard.providers.table import InvalidType, Table

_CLIENT_AUTH = table.one_of("client_secret_basic", "client_secret_post")
_REVOCATION_AUTH = table.one_of("client_secret_basic", "client_secret_post", "none")


def load(folder: Path) -> tuple[ConnectionType, ...]:
    """Every ``*.toml`` of a folder, in the order of their names.

    :raises InvalidType: a file, or the files together, are wrong.
    """
    types = [_read(path) for path in sorted(folder.glob("*.toml"))]
    if not types:
        raise InvalidType(str(folder), "*.toml", "holds no type file; add one, or install the package whole.")
    for key in ("id", "name"):
        _refuse_repeated(types, key)
    _refuse_lost_successors(types)
    return tuple(sorted(types, key=lambda one: one.name.casefold()))


def _read(path: Path) -> ConnectionType:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidType(path.name, "the file", f"is not TOML in UTF-8; correct it: {error}.") from error
    keys = Table(path.name, values)
    found = _connection_type(keys)
    keys.close()
    if found.type != path.stem:
        raise keys.wrong("type", f"must be the name of the file; write {path.stem!r}, or rename the file.")
    if found.successor and not found.retired_on:
        raise keys.wrong("successor", "needs `retired_on`; add the date, or remove the successor.")
    _refuse_contradictions(keys, found)
    return found


def _refuse_contradictions(keys: Table, found: ConnectionType) -> None:
    """What each table alone cannot be wrong about."""
    names = [scope.name for scope in found.scopes]
    wanted = [("refresh.scope", found.refreshing.scope)]
    wanted += [(f"sources[{place}].scopes", name) for place, one in enumerate(found.sources, 1) for name in one.scopes]
    way = found.webhook.subscription if found.webhook else None
    wanted += [("webhook.subscription.topics", name) for topic in (way.topics if way else ()) for name in topic.scopes]
    for key, name in wanted:
        if name and name not in names:
            raise keys.wrong(key, f"names the scope {name!r}, which is not among [[scopes]]; correct it, or add it.")
    if found.revocation and found.revocation.way == "rfc7009" and not (found.oauth and found.oauth.revocation_endpoint):
        raise keys.wrong(
            "revocation.way", "is rfc7009, which needs oauth.revocation_endpoint; add it, or say how else."
        )
    if found.revocation and found.revocation.way == "dialect" and not found.dialect:
        raise keys.wrong("revocation.way", "is dialect, and none is named; add `dialect`, or say how else.")


def _connection_type(keys: Table) -> ConnectionType:
    return ConnectionType(
        id=keys.take("id", table.count),
        type=keys.take("type", table.type_key),
        name=keys.take("name", table.text),
        recorder_type_key=keys.take("recorder_type_key", table.type_key),
        brings=keys.take("brings", table.text),
        intro_copy_heading=keys.take("intro_copy_heading", table.text),
        intro_copy_body=keys.take("intro_copy_body", table.text),
        disconnect_copy=keys.take("disconnect_copy", table.text),
        disconnect_confirm=keys.take("disconnect_confirm", table.text),
        disconnect_cancel=keys.take("disconnect_cancel", table.text),
        quiet_hint=keys.take("quiet_hint", table.text),
        quiet_after_days=keys.take("quiet_after_days", table.count),
        sync_interval_hours=keys.take("sync_interval_hours", table.count),
        can_pull=keys.take_or("can_pull", table.flag, True),
        retired_on=keys.take_or("retired_on", table.day, None),
        successor=keys.take_or("successor", table.type_key, None),
        removal_url=keys.take_or("removal_url", table.url, None),
        removal_template=keys.take_or("removal_template", table.template("client_id", "account_id"), None),
        dialect=keys.take_or("dialect", table.one_of(*dialects.NAMES), None),
        scopes=_scopes(keys),
        terms=_terms(keys.table("terms")),
        oauth=_oauth(keys.table("oauth")),
        data_headers=keys.take_or("data_headers", table.text_pairs, ()),
        sources=loading_sources.sources(keys),
        **loading_ways.ways(keys),
    )


def _scopes(keys: Table) -> tuple[Scope, ...]:
    scopes: list[Scope] = []
    for entry in keys.tables("scopes"):
        scope = Scope(
            name=entry.take("name", table.text),
            label=entry.take("label", table.text),
            optional=entry.take_or("optional", table.flag, False),
        )
        entry.close()
        if any(scope.name == other.name for other in scopes):
            raise entry.wrong("name", f"{scope.name!r} is there twice; keep one.")
        scopes.append(scope)
    return tuple(scopes)


def _terms(keys: Table | None) -> Terms:
    if keys is None:
        return Terms()
    terms = Terms(
        may_keep_records=keys.take_or("may_keep_records", table.flag, True),
        keep_days=keys.take_or("keep_days", table.count, None),
        url=keys.take_or("url", table.url, None),
    )
    keys.close()
    return terms


def _oauth(keys: Table | None) -> OAuthEndpoints | None:
    if keys is None:
        return None
    endpoints = OAuthEndpoints(
        authorization_endpoint=keys.take("authorization_endpoint", table.url),
        token_endpoint=keys.take("token_endpoint", table.url),
        revocation_endpoint=keys.take_or("revocation_endpoint", table.url, None),
        introspection_endpoint=keys.take_or("introspection_endpoint", table.url, None),
        token_endpoint_auth_method=keys.take_or("token_endpoint_auth_method", _CLIENT_AUTH, None),
        revocation_endpoint_auth_method=keys.take_or("revocation_endpoint_auth_method", _REVOCATION_AUTH, None),
        code_challenge_methods_supported=keys.take_or(
            "code_challenge_methods_supported", table.tuple_of(table.one_of("S256", "plain")), ()
        ),
        scope_separator=keys.take_or("scope_separator", table.one_of(" ", ","), " "),
        authorization_parameters=keys.take_or("authorization_parameters", table.text_pairs, ()),
        token_parameters=keys.take_or("token_parameters", table.text_pairs, ()),
        sends_scopes=keys.take_or("sends_scopes", table.flag, True),
        code_seconds=keys.take_or("code_seconds", table.count, None),
        access_token_seconds=keys.take_or("access_token_seconds", table.count, None),
    )
    keys.close()
    return endpoints


def _refuse_repeated(types: Sequence[ConnectionType], key: str) -> None:
    """An id or a name belongs to one type only."""
    first: dict[object, str] = {}
    for one in types:
        value = getattr(one, key)
        holder = first.setdefault(value, one.type)
        if holder != one.type:
            raise InvalidType(f"{one.type}.toml", key, f"{value!r} belongs to {holder}.toml; choose another.")


def _refuse_lost_successors(types: Sequence[ConnectionType]) -> None:
    """A successor is another type that has a file."""
    keys = {one.type for one in types}
    for one in types:
        if one.successor and (one.successor == one.type or one.successor not in keys):
            raise InvalidType(
                f"{one.type}.toml", "successor", f"there is no other type {one.successor!r}; name one that has a file."
            )
