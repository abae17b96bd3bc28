"""Forms from elsewhere are refused: a token in every form, masked anew per response against BREACH.

Flask-WTF's token is the same text in every response; together with compression and reflected input it could be read
out. So the token here is XORed with a fresh pad each time it is written (as Django does it).
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request, session
from markupsafe import Markup

View = TypeVar("View", bound=Callable[..., Any])
LENGTH = 32
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignForm(Exception):
    """The form was not ours, or is from before the last login."""


def init_app(app: Flask) -> None:
    """Check every unsafe request; give templates ``csrf_field()``."""
    app.before_request(_check)
    app.jinja_env.globals["csrf_field"] = csrf_field


def csrf_field() -> Markup:
    """The hidden field for a form. The page that carries it must not be cached, which no page of ours may."""
    return Markup(f'<input type="hidden" name="csrf_token" value="{masked_token()}">')  # noqa: S704  base64 only


def masked_token() -> str:
    """This session's token under a fresh pad."""
    if "csrf_token" not in session:
        session["csrf_token"] = urlsafe_b64encode(secrets.token_bytes(LENGTH)).decode()
    pad = secrets.token_bytes(LENGTH)
    return urlsafe_b64encode(pad + _xor(pad, urlsafe_b64decode(session["csrf_token"]))).decode()


def exempt(view: View) -> View:
    """Mark a view that asks for other proof (a program's token or signature), or asks :func:`what_is_wrong` itself."""
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view


def _check() -> None:
    if request.method in SAFE or request.endpoint is None:
        return
    if getattr(current_app.view_functions.get(request.endpoint), "csrf_exempt", False):
        return
    if complaint := what_is_wrong():
        raise ForeignForm(complaint)


def what_is_wrong() -> str | None:
    """Why the form of this request is not ours; None: it is."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return "sent from another site"
    return None if _matches(request.form.get("csrf_token", "")) else "token missing or stale"


def _matches(sent: str) -> bool:
    try:
        raw = urlsafe_b64decode(sent.encode("ascii"))
    except (NotBase64, ValueError):
        return False
    if len(raw) != 2 * LENGTH or "csrf_token" not in session:
        return False
    return secrets.compare_digest(_xor(raw[:LENGTH], raw[LENGTH:]), urlsafe_b64decode(session["csrf_token"]))


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(len(left))
