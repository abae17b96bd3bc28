"""Checkpoints: what the chain came to at a moment, told to the outside. Only that shows a chain that was cut or redone.

They are kept in no table: whoever can change the log could change them there.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import requests

from dashboard.data import chain, in_transaction
from dashboard.data.chain import Head
from dashboard.data.events import CHAIN, microseconds
from dashboard.errors import Refused
from dashboard.events.payload import canonical

TYPE = "audit.checkpoint"
TIMEOUT_SECONDS = 10
_LOGGED = re.compile(r".*? (?:DEBUG|INFO|WARNING|ERROR|CRITICAL) (\S+): ")
"""A line of the log as far as it says who logged it, with whatever the journal sets before."""
log = logging.getLogger(__name__)


class NotDelivered(Refused):
    """The webhook did not take a checkpoint."""

    status = 502


class NoCheckpoint(Refused):
    """A file that is to hold checkpoints has none."""

    status = 422


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chain at a moment."""

    chain: int
    seq: int
    """The last event. 0: there is none yet."""
    hash: str
    """Its hash, in hex."""
    count: int
    """How many events the table holds up to there; less than ``seq`` once some were pruned."""
    at: int
    """Microseconds since 1970 in UTC, by the database's clock."""

    def line(self) -> str:
        """As one line of JSON."""
        fields = {name: getattr(self, name) for name in ("chain", "seq", "hash", "count", "at")}
        return canonical({"type": TYPE, **fields})


def checkpoint(*, webhook: str = "") -> Checkpoint:
    """Take a checkpoint and tell it to the log of the app, and to a webhook.

    To be done every hour, also when nothing happened: a missing hour is a sign of its own. One query.

    :param webhook: the address that gets it by POST. Empty: nobody.
    :raises NotDelivered: the webhook did not take it. In the log it is.
    """
    head = chain.head()
    taken = of(head, seq=head.seq, hash=head.hash)
    tell(taken, webhook=webhook)
    return taken


def of(head: Head, *, seq: int, hash: bytes) -> Checkpoint:
    """The chain up to one of its events, as a checkpoint of now."""
    return Checkpoint(CHAIN, seq, hash.hex(), seq - head.base_seq, microseconds(head.now))


def tell(taken: Checkpoint, *, webhook: str) -> None:
    """Tell a checkpoint to the outside.

    :raises NotDelivered: the webhook did not take it.
    """
    log.info("%s", taken.line())
    if not webhook:
        return
    assert not in_transaction(), "nobody outside is called while a lock is held"
    headers = {"Content-Type": "application/json"}
    try:
        answer = requests.post(
            webhook, data=taken.line(), headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
    except requests.RequestException as error:
        # Not its text, which holds the address: that may carry a secret.
        raise NotDelivered(f"The webhook can't be reached ({type(error).__name__}).") from None
    if not 200 <= answer.status_code < 300:
        raise NotDelivered(f"The webhook answered with {answer.status_code}.")


def checkpoints(lines: Iterable[str]) -> list[Checkpoint]:
    """The checkpoints in a file: lines of JSON, or the app's own log, whose other lines are passed over.

    :raises NoCheckpoint: there is none.
    """
    found = [each for line in lines for each in _in_line(line)]
    if not found:
        raise NoCheckpoint("The file holds no checkpoint.")
    return found


def _in_line(line: str) -> Iterator[Checkpoint]:
    """What a line says, if nobody else's words can stand in it: it is bare, or this module's own in the log."""
    before, brace, after = line.partition("{")
    logged = _LOGGED.match(before)
    if before.strip() and not (logged and logged[1] == __name__ and logged.end() == len(before)):
        return
    try:
        said = json.loads(brace + after)
    except ValueError:
        return
    if isinstance(said, dict) and said.get("type") == TYPE:
        yield _read(said)


def _read(said: dict[str, Any]) -> Checkpoint:
    numbers = [said.get(name) for name in ("chain", "seq", "count", "at")]
    hash = said.get("hash")
    if not all(type(each) is int for each in numbers) or not isinstance(hash, str) or len(hash) != 64:
        raise NoCheckpoint("A checkpoint in the file is damaged.")
    chain_number, seq, count, at = (int(each or 0) for each in numbers)
    return Checkpoint(chain_number, seq, hash, count, at)
