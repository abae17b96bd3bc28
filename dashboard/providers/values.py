"""Values that come from outside, made safe to keep: ids and words of one line."""

from __future__ import annotations

from typing import Any

LONGEST_ID = 200


def id_of(value: Any) -> str | None:
    """An id as a text of at most 200 printable letters. None: it is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value)
    return text if 0 < len(text) <= LONGEST_ID and text.isprintable() else None


def one_line(text: str) -> str:
    """A text on one line, without what cannot be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
