"""What varies from card to card, handed to the template in one go: a page has up to twenty-four."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from markupsafe import Markup

from dashboard.connections.reading import Card
from dashboard.pages.drawing import svg
from dashboard.pages.states import badge, meaning
from dashboard.pages.times import connected
from dashboard.web.language import gettext


class Told(NamedTuple):
    """A card and what it says of itself, in the order of its template."""

    card: Card
    state: str
    tile: str
    """A path below ``static/``."""
    here: str
    """The address of the connection's page."""
    name: str
    account: str
    """Whose account it is at the provider; what the type brings where that is not known."""
    since: str
    badge: Markup
    meaning: Markup
    strip: Markup


def told(cards: Iterable[Card], root: str) -> Iterator[Told]:
    """The cards of a list, told in the language of the response. ``root`` is the list's own address."""
    for card in cards:
        row, type = card.row, card.type
        yield Told(
            card,
            card.state.value,
            type.tile,
            f"{root}{row.id}/",
            type.name,
            row.account or gettext(type.brings),
            connected(row.created_at),
            badge(card.state),
            meaning(card),
            svg(card.strip),
        )
