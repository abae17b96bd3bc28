"""Pages of a list, counted from 1 in the address."""

from flask import request

MOST = 1_000_000


def page_number(name: str = "page") -> int:
    """The page that the address asks for. What makes no sense there is as good as not said: 1."""
    value = request.args.get(name, "1")
    if not value.isascii() or not value.isdigit() or len(value) > len(str(MOST)):
        return 1
    return max(1, min(int(value), MOST))
