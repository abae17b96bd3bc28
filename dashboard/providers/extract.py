"""A Babel extraction method for the words in type files.

In the mapping file of ``pybabel extract``::

    [extractors]
    types = dashboard.providers.extract:extract

    [types: dashboard/providers/types/*.toml]

``dashboard`` must be importable: ``python -m babel.messages.frontend extract``, from the root, sees to that.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO

from dashboard.providers.connection_type import WORDS

_ASSIGNMENT = re.compile(rf"\s*({'|'.join(sorted(WORDS))})\s*=")


def extract(
    fileobj: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, object]
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Every word of one type file that a person reads: line (from 1), None, text, and no comments.

    The key stands first on its line; the value may run over several. Comments in type files are facts and sources for
    maintainers, so none is passed on, and the arguments besides the file have no effect.

    :raises tomllib.TOMLDecodeError: the file is not TOML.
    """
    lines = fileobj.read().decode("utf-8").split("\n")
    tomllib.loads("\n".join(lines))
    at = 0
    while at < len(lines):
        found = _ASSIGNMENT.match(lines[at])
        if found is None:
            at += 1
            continue
        message, end = _value(lines, at, found[1])
        yield at + 1, None, message, []
        at = end


def _value(lines: list[str], start: int, key: str) -> tuple[str, int]:
    """The text assigned on a line, and the line after its end. TOML itself says where a value ends."""
    for end in range(start + 1, len(lines) + 1):
        try:
            return str(tomllib.loads("\n".join(lines[start:end]))[key]), end
        except tomllib.TOMLDecodeError:
            continue
    raise AssertionError(f"{key} on line {start + 1} has no end, though the file is TOML")
