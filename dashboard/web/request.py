"""What is known of every request: its id, where it came from, who asks, and whether a stranger may."""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, cast

from flask import Flask, Request, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.local import LocalProxy
from werkzeug.routing import IntegerConverter, Map

from dashboard import identity
from dashboard.errors import Refused
from dashboard.identity.login_session import WITHOUT_SESSION
from dashboard.support import access, ending, gate, policy
from dashboard.web.webhooks import PREFIX
from dashboard.who import Origin, Who

View = TypeVar("View", bound=Callable[..., Any])
ALPHABET = b"23456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = bytes(ALPHABET[byte % len(ALPHABET)] for byte in range(256))
"""The letter for each random byte."""
who = cast(Who, LocalProxy(lambda: g.who))
"""Actor and subject of this request; views read the subject only."""


class HoldsNul(Refused):
    """The path, the query or the form holds a NUL: nobody types one, and PostgreSQL stores none."""

    def __init__(self) -> None:
        super().__init__("A parameter holds a NUL.")


class KeyConverter(IntegerConverter):
    """``<key:…>`` in a route: a key of a table. A number that no table can hold is no address of ours."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=1, max=2**63 - 1)


def init_app(app: Flask) -> None:
    """Name every request, and let nobody past who is not signed in, unless the view says :func:`public`."""
    app.url_map.converters["key"] = KeyConverter
    app.before_request(_name_request)
    app.before_request(_ask_who)
    app.before_request(_refuse_nul)
    app.after_request(_note_look)
    app.after_request(_say_request_id)


def public(view: View) -> View:
    """Mark a view that a stranger may open. Everything else asks for a login."""
    view.public = True  # type: ignore[attr-defined]
    return view


def origin() -> Origin:
    """Where this request came from, for the record."""
    number = None if _no_session() else getattr(session, "id", None)
    return Origin(g.request_id, request.remote_addr or "", request.user_agent.string[:400], session_id=number)


def safe_next(path: str | None) -> str:
    """A path of ours to go on to, or the start page: a next never leaves the site.

    Browsers read a backslash as a slash and drop tabs and line breaks, so anything but plain path letters is refused.
    """
    if path and re.fullmatch(r"/(?![/\\])[\w\-./~%?=&+:,@]*", path, re.ASCII):
        return path
    return url_for("connections.index")


def _name_request() -> None:
    letters = secrets.token_bytes(8).translate(LETTERS).decode()
    g.request_id = f"{letters[:4]}-{letters[4:]}"


def _ask_who() -> ResponseReturnValue | None:
    """Resolve actor and subject, once and first; then see whether this route is open to them."""
    actor = None if _no_session() else identity.actor()
    g.looking = None
    if actor is not None:
        _resolve(actor)
    view = request.url_rule and app_view(request.endpoint)
    if view is None or getattr(view, "public", False):
        return None
    if getattr(session, "unreadable", False):
        raise ServiceUnavailable
    if actor is None:
        return redirect(url_for("login.index", next=safe_next(_wanted())), 303)
    return None


def _wanted() -> str | None:
    """Where to go on after login: the page that was asked for, or that of the form that was sent, if it has one."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    takes_get = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    return request.path if takes_get else None


def _refuse_nul() -> None:
    """A parameter that no database can look for is refused once, before any view.

    :raises HoldsNul: there is one.
    """
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # looked up once, not six times
    if asked.url_rule is None:
        return  # no view: nothing reads it
    query, path = asked.query_string, asked.path
    if b"%00" in query or b"\0" in query or "\0" in path:
        raise HoldsNul
    if asked.method in {"GET", "HEAD"} or path.startswith(PREFIX):
        return  # what is sent to the prefix is signed as it stands, so nobody parses it before its reader
    if any("\0" in each for pair in asked.form.items(multi=True) for each in pair):
        raise HoldsNul


def _no_session() -> bool:
    return request.path.startswith(WITHOUT_SESSION)


def _resolve(actor: identity.Actor) -> None:
    """Set ``g.who`` and, while support looks, ``g.looking`` (for the banner) and ``g.eyes`` (whose pages these are).

    A way out takes the overlay off by itself: it must first see whether its form is ours, which the new session no
    longer tells. It finds ``g.over``.

    :raises access.AccessOver: the look has ended; its overlay is off the session by then.
    """
    try:
        g.who, g.looking = access.resolve(actor, origin=origin(), settings=current_app.config)
    except access.AccessOver as over:
        own = Who(actor.id, actor.id, origin())
        if request.endpoint not in policy.WAYS_OUT:
            ending.take_off(replace(own, access_id=over.access_id), why=over.why)
            raise
        g.who, g.over = own, over
        return
    if g.looking is None:
        return
    ground = policy.ground(request.endpoint)
    if ground is policy.Ground.OWN:
        g.who = Who(actor.id, actor.id, origin())
    elif ground in {policy.Ground.LOOK, policy.Ground.ACT}:
        g.eyes = g.looking
    gate.check(ground, request.method, by=g.who, route=request.endpoint or "", prefetch=is_prefetch())


def is_prefetch() -> bool:
    """Whether a browser asks before anybody wanted to see the page."""
    return "prefetch" in request.headers.get("Sec-Purpose", "")


def app_view(endpoint: str | None) -> Callable[..., Any] | None:
    """The view function behind an endpoint of the current app."""
    return current_app.view_functions.get(endpoint or "")


def _say_request_id(response: Any) -> Any:
    response.headers.add("X-Request-Id", g.get("request_id", ""))
    return response


def _note_look(response: Any) -> Any:
    """Write down each page that support looked at: what was shown, a form that came back included."""
    if g.get("eyes") and response.status_code in {200, 422} and request.method in {"GET", "POST"}:
        gate.note_look(g.who, route=request.endpoint or "", key=next(iter((request.view_args or {}).values()), ""))
    return response
