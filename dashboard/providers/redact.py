"""What a provider said, for people to read: short, on one line, and free of anything that opens a door."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from dashboard.providers.values import one_line

LONGEST = 200
HIDDEN = "…"
_TOKEN_LIKE = re.compile(r"[A-Za-z0-9_~+=%.-]{20,}")
_WORDS = ("error_description", "error", "message", "errorMessage", "title", "detail", "code", "status")
"""Where providers put their words, the best first."""
DEEPEST = 8
"""So deep in a document words are looked for: no provider puts them deeper, and one may be nested without end."""


def said(document: Any, text: str, *, secrets: Collection[str] = ()) -> str:
    """The words of an answer, at most 200 characters.

    :param document: the answer as JSON; None if it is none.
    :param text: the answer as text, for one that is plain text; a page of HTML says nothing.
    :param secrets: what is hidden wherever it stands. What looks like a token is hidden too.
    """
    words = _words(document) if document is not None else ("" if text.lstrip().startswith("<") else text)
    return hide(words, secrets)


def hide(text: str, secrets: Collection[str]) -> str:
    """A text on one line without the secrets and whatever looks like a token, at most 200 characters."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _TOKEN_LIKE.sub(_hide_token, text)
    line = one_line(text)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + HIDDEN


def _hide_token(found: re.Match[str]) -> str:
    """Hide it if it mixes letters and digits as a token does, or is longer than any word."""
    text = found[0]
    mixed = any(letter.isdigit() for letter in text) and any(letter.isalpha() for letter in text)
    return HIDDEN if mixed or len(text) > 40 else text


def _words(document: Any, depth: int = 0) -> str:
    """The words of an error document, whatever its shape: RFC 6749's, or one with a list of errors."""
    if isinstance(document, str):
        return document
    if depth == DEEPEST:
        return ""
    if isinstance(document, list):
        return "; ".join(filter(None, (_words(each, depth + 1) for each in document[:3])))
    if not isinstance(document, Mapping):
        return ""
    found = [_words(document[key], depth + 1) for key in _WORDS if document.get(key)]
    if _is_list(document.get("errors")):
        found.append(" ".join(filter(None, (_error(each, depth + 1) for each in document["errors"][:3]))))
    return ": ".join(dict.fromkeys(filter(None, found)))


def _error(error: Any, depth: int) -> str:
    """One of a list of errors; Strava's have no words but resource, field and code."""
    if not isinstance(error, Mapping):
        return _words(error, depth)
    parts = (error.get(key) for key in ("resource", "field", "code", "errorType", "message"))
    return " ".join(part for part in parts if isinstance(part, str) and part)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
