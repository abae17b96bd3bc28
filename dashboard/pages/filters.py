"""What the filter of a list offers, and the options of a select."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from dashboard.connections.reading import CardPage, Order, State, Wanted
from dashboard.pages.states import state_word
from dashboard.web.language import N_, speech
from dashboard.web.language import gettext as _

Choice = tuple[str, str]
"""A value and its label."""
ORDERS = {
    Order.URGENT: N_("Urgent"),
    Order.LAST_SYNC: N_("Last sync"),
    Order.NAME: N_("Name"),
    Order.NEWEST: N_("Newest"),
}


class Choices(NamedTuple):
    """What one may choose from to see some of the cards, or all in another order."""

    states: list[Choice]
    types: list[Choice]
    orders: list[Choice]


def choices(page: CardPage, wanted: Wanted) -> Choices:
    """What is there to choose: only states and types that some connection has, and the state that was chosen."""
    states, orders = _words(speech().language)
    return Choices(
        states=[choice for choice in states if choice[0] in page.states or choice[0] is wanted.state],
        types=[(type.type, type.name) for type in page.types],
        orders=orders,
    )


@lru_cache
def _words(_language: str) -> tuple[list[Choice], list[Choice]]:
    """All states and all orders in the language of the response, which is here to be told apart by."""
    return [(state, state_word(state)) for state in State], [(order, _(label)) for order, label in ORDERS.items()]


def options(offered: Iterable[Choice], chosen: str | None = None) -> Markup:
    """The options of a select, one a line. The least markup of a page by its look, and once a tenth of its cost."""
    return Markup("\n".join([_option(value, label, value == chosen) for value, label in offered]))  # noqa: S704


@lru_cache(maxsize=512)
def _option(value: str, label: str, chosen: bool) -> str:
    return f'<option value="{escape(value)}"{" selected" if chosen else ""}>{escape(label)}</option>'
