"""The work there is: what is due, and for each kind the domain function that does one piece of it.

Both engines walk this table. A piece may be done twice, or by two processes at once: the function takes its row by a
lease, and the outcome is that of one run.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from flask import Flask

from dashboard import mail
from dashboard.connections import due, holding, revoking, syncing
from dashboard.jobs import chores

SLACK = timedelta(seconds=1)
log = logging.getLogger(__name__)


class Piece(NamedTuple):
    """One piece of work: a row, by its kind and key."""

    kind: str
    id: int | str


WORK: Mapping[str, Callable[[Any], object]] = {
    "sync": syncing.sync,
    "revocation": revoking.revoke,
    "mail": mail.send,
    "chore": chores.do,
}


def waiting(*, limit: int) -> list[Piece]:
    """What is due now and held by nobody: the chores, which are few and the clock's, then the other kinds in turns.

    In turns, because a thousand late syncs must not hold up a revocation or a mail.

    :param limit: of each kind so many at most, those that wait longest.
    """
    now = due.now()
    kinds: dict[str, list[Piece]] = defaultdict(list)
    for each in due.due(now, limit=limit):
        kinds[each.kind].append(Piece(*each))
    in_turns = chain.from_iterable(zip_longest(*kinds.values()))
    return [*(Piece("chore", name) for name in chores.due_now(now)), *filter(None, in_turns)]


def is_now(at: datetime) -> bool:
    """Whether what becomes due at a moment is due now, by a clock that need not be the database's."""
    return at <= datetime.now(UTC) + SLACK


def do(app: Flask, piece: Piece) -> None:
    """Do one piece in an app context of its own.

    What it raises is logged with the piece's name and goes no further: its row is due again once its lease has run
    out, or when whoever raised it said.
    """
    try:
        with app.app_context():
            WORK[piece.kind](piece.id)
    except Exception:
        log.exception("The %s %s failed; it is tried again.", *piece)


def hand_back(app: Flask, begun: Collection[Piece]) -> None:
    """Hand back the leases of what this process has begun and can't finish, so that others need not wait for them.

    What spends a refresh token or travels as a mail right now keeps its lease: it must not be begun twice.
    """
    with app.app_context():
        count = sum(holding.hand_back(piece.kind, piece.id) for piece in begun if isinstance(piece.id, int))
    log.warning("Stopped with work under way: %d of it, of which %d was handed back.", len(begun), count)
