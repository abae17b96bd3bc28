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

from dashboard import providers
from dashboard.connections.reading import Card, State
from dashboard.pages import drawing
from dashboard.pages.accounts import account_name
from dashboard.pages.states import badge, meaning_to
from dashboard.pages.times import connected
from dashboard.web.language import gettext, speech
from dashboard.web.templates import part

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
        row, state, act = card.row, card.state, ""
        here = f"{root}{row.id}/"
        tile, name = _provider(row.type, static)
        named, account = _names(card, name, several=row.type in repeated)
        if state in OFFERING:
            loud = loud or (card if state is State.RECONNECT else None)
            act = offer(card, here, Markup(named), filled=card is loud)  # noqa: S704  of what was escaped
        values = (
            tile,
            here,
            name,
            named,
            account,
            connected(row.created_at, today=today, told=told),
            meaning_to(told, card),
            drawing.markup(card.strip, told),
            act,
        )
        frame = _frame(state, told.language)
        drawn.append(frame.text % frame.pick(values))
    return Markup("".join(drawn))  # noqa: S704  each value is markup of ours, or was escaped


@lru_cache(maxsize=256)
def _provider(key: str, static: str) -> tuple[str, str]:
    """The address of a provider's tile, and its name, both as markup."""
    type = providers.get(key)
    return escape(static + type.tile), escape(type.name)


def _names(card: Card, name: str, *, several: bool) -> tuple[str, str]:
    """The provider's name with the account, where it takes that to tell several apart; and what stands below it.

    That is the account, or what the provider brings as long as nobody needs to know which account it is.
    """
    row = card.row
    if row.account:
        below = escape(row.account)
        return f"{name}, {below}" if several else name, below
    called = account_name(None, row.remote_account_id) if several else ""
    if not called:
        return name, escape(gettext(card.type.brings))
    return f"{name}, {escape(called)}", escape(called[0].upper() + called[1:])


@lru_cache(maxsize=64)
def _frame(state: State, language: str) -> Frame:
    """The card of a state. ``language`` is that of the response; it is here to be told apart by."""
    marks: dict[str, Any] = {name: f"\0{place}\0" for place, name in enumerate(VALUES)}
    drawn = str(part("connections/_card.html").card(state=state.value, badge=badge(state), **marks))
    mark = re.compile("\0([0-9]+)\0")
    return Frame(mark.sub("%s", drawn.replace("%", "%%")), itemgetter(*map(int, mark.findall(drawn))))
