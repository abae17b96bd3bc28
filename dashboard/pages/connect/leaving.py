"""Sending a browser on to a provider."""

from collections.abc import Collection
from urllib.parse import urlsplit

from flask import render_template
from flask.typing import ResponseReturnValue

from dashboard.connections import connecting
from dashboard.pages.connect.blueprint import redirect_uri, session_id
from dashboard.providers import ConnectionType
from dashboard.web.request import who


def host(type: ConnectionType) -> str:
    """Where a person finds themselves at a provider, as the address bar says it; the name where it is not known."""
    return (urlsplit(type.oauth.authorization_endpoint).hostname if type.oauth else None) or type.name


def leave_for(
    type: ConnectionType, *, scopes: Collection[str], connection_id: int | None = None
) -> ResponseReturnValue:
    """Begin a way to a provider; a page that goes on there by itself.

    Not a redirect: a browser holds each redirect that answers a form to our ``form-action``, those of the provider on
    to hosts of its sign-in included, which nobody can list.

    :param connection_id: the connection whose grant is to be renewed. None: a new one is to be made.
    """
    url = connecting.begin(
        type.type,
        by=who,
        session_id=session_id(),
        redirect_uri=redirect_uri(type.type),
        scopes=scopes,
        connection_id=connection_id,
    )
    return render_template("connect/leaving.html", url=url, type=type)
