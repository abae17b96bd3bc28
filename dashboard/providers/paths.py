"""Find values in a JSON document by a path such as ``body.measures.0.value``, and check conditions on them."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from dashboard.providers.ways import Conditions, Wanted


def find(document: Any, path: str) -> Any:
    """The first value at a path that is not null; None if there is none. An empty path is the document itself."""
    return next((value for value in every(document, path) if value is not None), None)


def every(document: Any, path: str) -> Iterator[Any]:
    """All values at a path: where it meets a list and names no place in it, it goes on in each member.

    A list in a list is no such member: it has no names, and may be nested without end.
    """
    name, _, rest = path.partition(".")
    if not name:
        yield document
    elif isinstance(document, dict):
        if name in document:
            yield from every(document[name], rest)
    elif isinstance(document, list):
        if name.isdigit():
            yield from every(document[int(name)], rest) if int(name) < len(document) else ()
        else:
            for member in document:
                yield from every(member, path) if not isinstance(member, list) else ()


def fits(document: Any, conditions: Conditions) -> bool:
    """Whether all conditions hold."""
    return all(_fits(list(every(document, path)), wanted) for path, wanted in conditions)


def _fits(values: list[Any], wanted: Wanted) -> bool:
    there = [value for value in values if value not in (None, "", False)]
    if isinstance(wanted, bool):
        return bool(there) is wanted
    if isinstance(wanted, tuple):
        return any(type(value) is int and value in wanted for value in there)
    texts = (str(value).casefold() for value in there if isinstance(value, str | int))
    return any(fnmatchcase(text, wanted.casefold()) for text in texts)
