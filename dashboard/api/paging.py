"""``limit`` and ``offset`` of a collection, and the ids of items, read strictly."""

from flask import request

from dashboard.api.errors import BadParameters
from dashboard.api.hal import FIRST_PAGE, Page

MOST_ITEMS = 100
MOST_64_BIT = 2**63 - 1


def wanted_page() -> Page:
    """The page that the query asks for. Other parameters are ignored.

    :raises BadParameters: a number is malformed or out of bounds; it is named.
    """
    if not request.args:
        return FIRST_PAGE
    limit = _number("limit", FIRST_PAGE.limit, least=1, most=MOST_ITEMS)
    offset = _number("offset", FIRST_PAGE.offset, least=0, most=MOST_64_BIT)
    wrong = [each for each in (limit, offset) if isinstance(each, str)]
    if isinstance(limit, str) or isinstance(offset, str):
        raise BadParameters(wrong)
    return Page(limit, offset)


def read_id(pk: str) -> int | None:
    """A 64-bit id as a link spells it. None: no item can have such an id."""
    if not (pk.isascii() and pk.isdigit() and len(pk) <= 19) or pk != str(int(pk)):
        return None
    return int(pk) if int(pk) <= MOST_64_BIT else None


def _number(name: str, default: int, *, least: int, most: int) -> int | str:
    """A whole number of the query, or the sentence that says what is wrong with it."""
    value = request.args.get(name)
    if value is None:
        return default
    if value.isascii() and value.isdigit() and len(value) <= 19 and least <= int(value) <= most:
        return int(value)
    return f"{name} must be a whole number from {least} to {most}."
