"""The cards of a list: up to twenty-four on a page, and most of its markup.

What all cards of a state have in common is drawn by their template once in each language; what varies is put in with
one formatting. Card by card through the template they were a third of the page (measured: 330 µs of the worker more).
"""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from flask import current_app
from markupsafe import Markup, escape

from dashboard.connections.reading import Card, State
from dashboard.pages import drawing
from dashboard.pages.accounts import account_name
from dashboard.pages.states import badge, meaning
from dashboard.pages.times import connected
from dashboard.web.language import gettext, speech
from dashboard.web.templates import part

_escaped = lru_cache(maxsize=256)(escape)
"""For the few texts that many cards share."""
VALUES = ("tile", "here", "name", "named", "account", "since", "meaning", "strip", "offer")
"""What varies among the cards of a state, by its name in the template."""
OFFERING = frozenset({State.RECONNECT, State.DELAYED, State.NEW})
"""The states in which there may be one thing to do."""


class Frame(NamedTuple):
    """What the cards of a state have in common."""

    text: str
    """The markup, with ``%s`` in place of each value. Formatting by place takes a third of the time of by name."""
    pick: Callable[[tuple[str, ...]], tuple[str, ...]]
    """From :data:`VALUES`, those of the text in its order."""


def cards(shown: Iterable[Card], root: str, *, repeated: Collection[str]) -> Markup:
    """The cards of a list. ``root`` is the list's own address. The first that needs the person has the loud button.

    :param repeated: the types of which the person has several, so that each is to be called by its account.
    """
    told, static = speech(), current_app.config["STATIC_BASE"]
    today = datetime.now(told.zone).date()
    offer = part("connections/_offer.html").offer
    loud: Card | None = None
    drawn = []
    for card in shown:
        row, type, state, act = card.row, card.type, card.state, ""
        here = f"{root}{row.id}/"
        name, named, account = _names(card, several=type.type in repeated)
        if state in OFFERING:
            loud = loud or (card if state is State.RECONNECT else None)
            act = offer(card, here, named, filled=card is loud)
        values = (
            f"{static}{_escaped(type.tile)}",
            here,
            name,
            named,
            account,
            connected(row.created_at, today=today, told=told),
            meaning(card),
            drawing.markup(card.strip, told),
            act,
        )
        frame = _frame(state, told.language)
        drawn.append(frame.text % frame.pick(values))
    return Markup("".join(drawn))  # noqa: S704  each value is markup of ours, or was escaped


def _names(card: Card, *, several: bool) -> tuple[Markup, Markup, Markup]:
    """The provider's name; the same with the account, where it takes that to tell several apart; and what stands below.

    That is the account, or what the provider brings as long as nobody needs to know which account it is.
    """
    row, name = card.row, _escaped(card.type.name)
    below = escape(row.account or gettext(card.type.brings))
    called = account_name(row.account, row.remote_account_id) if several else ""
    if not called:
        return name, name, below
    if not row.account:
        below = escape(called[0].upper() + called[1:])
    return name, Markup(f"{name}, {escape(called)}"), below  # noqa: S704


@lru_cache(maxsize=64)
def _frame(state: State, language: str) -> Frame:
    """The card of a state. ``language`` is that of the response; it is here to be told apart by."""
    marks: dict[str, Any] = {name: f"\0{place}\0" for place, name in enumerate(VALUES)}
    drawn = str(part("connections/_card.html").card(state=state.value, badge=badge(state), **marks))
    mark = re.compile("\0([0-9]+)\0")
    return Frame(mark.sub("%s", drawn.replace("%", "%%")), itemgetter(*map(int, mark.findall(drawn))))
