"""The cards of a list: up to twenty-four on a page, and most of its markup.

What all cards of a state have in common is drawn by their template once in each language; what varies is put in with
one formatting. Card by card through the template they were a third of the page (measured: 330 µs of the worker more).
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from dashboard.connections.reading import Card, State
from dashboard.pages.drawing import svg
from dashboard.pages.states import badge, meaning
from dashboard.pages.times import connected
from dashboard.web.language import gettext, speech
from dashboard.web.templates import part

_escaped = lru_cache(maxsize=256)(escape)
"""For the few texts that many cards share."""
VALUES = ("tile", "here", "name", "account", "since", "meaning", "strip", "offer")
"""What varies among the cards of a state, by its name in the template."""
OFFERING = frozenset({State.RECONNECT, State.DELAYED, State.NEW})
"""The states in which there may be one thing to do."""


def cards(shown: Iterable[Card], root: str) -> Markup:
    """The cards of a list. ``root`` is the list's own address. The first that needs the person has the loud button."""
    language, static, offer = (
        speech().language,
        current_app.config["STATIC_BASE"],
        part("connections/_offer.html").offer,
    )
    loud: Card | None = None
    drawn = []
    for card in shown:
        row, type, state, act = card.row, card.type, card.state, ""
        here = f"{root}{row.id}/"
        if state in OFFERING:
            loud = loud or (card if state is State.RECONNECT else None)
            act = offer(card, here, filled=card is loud)
        drawn.append(
            _frame(state, language).format(
                tile=f"{static}{_escaped(type.tile)}",
                here=here,
                name=_escaped(type.name),
                account=escape(row.account or gettext(type.brings)),
                since=connected(row.created_at),
                meaning=meaning(card),
                strip=svg(card.strip),
                offer=act,
            )
        )
    return Markup("".join(drawn))  # noqa: S704  each value is markup of ours, or was escaped


@lru_cache(maxsize=64)
def _frame(state: State, language: str) -> str:
    """The card of a state as a format of :data:`VALUES`. ``language`` is that of the response, to be told apart by."""
    marks: dict[str, Any] = {name: f"\0{name}\0" for name in VALUES}
    drawn = str(part("connections/_card.html").card(state=state.value, badge=badge(state), **marks))
    return re.sub("\0([a-z]+)\0", r"{\1}", drawn.replace("{", "{{").replace("}", "}}"))
