"""Numbers for the operator's monitoring, in the Prometheus text format or as OpenMetrics.

Each is read from the database when it is asked for, so that any process gives the same answer. None names a person.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import inf

from flask import Blueprint, Flask, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from dashboard.connections import budget, chores, due, pausing
from dashboard.connections.chores import ChoreRow
from dashboard.events import checking
from dashboard.support import counting
from dashboard.web.request import public

PREFIX = "remote_connections_"
CHECKPOINT = "checkpoint"
"""The chore that makes the checkpoints."""
Numbers = Iterator[GaugeMetricFamily]
bp = Blueprint("metrics", __name__, url_prefix="/metrics")


def init_app(app: Flask) -> None:
    """Add ``/metrics/``, which is there only if METRICS_TOKEN is set."""
    app.register_blueprint(bp)


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """All numbers, for whoever carries the token."""
    token = current_app.config["METRICS_TOKEN"]
    if not token:
        abort(404)
    if not _is_given(token):
        sentence = "The metrics need METRICS_TOKEN, in the header “Authorization: Bearer …”.\n"
        return Response(sentence, 401, {"WWW-Authenticate": 'Bearer realm="metrics"'}, mimetype="text/plain")
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(Scrape()), content_type=content_type)


def _is_given(token: str) -> bool:
    """Whether the request carries the token. It takes as long for a wrong one."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


class Scrape(Collector):
    """Reads all numbers anew. As many queries for a million connections as for ten."""

    def collect(self) -> Numbers:
        """All of them, the same names in the same order each time."""
        now = due.now()
        yield from _looks(now)
        yield from _log(now)
        yield from _work(now)
        yield from _providers(now)


def _looks(now: datetime) -> Numbers:
    counts = counting.last_hour(now)
    yield _one("support_looks_open", "Looks of support through a person's eyes that go on now.", counts.open)
    yield _one("support_looks_begun_last_hour", "Looks begun in the last hour.", counts.begun)
    yield _one(
        "support_looks_begun_by_one_last_hour",
        "The most looks that one member of staff began in the last hour.",
        counts.most_begun,
    )
    yield _one("support_looks_refused_last_hour", "Looks that were refused in the last hour.", counts.refused)
    yield _one("support_searches_last_hour", "Searches for people by support in the last hour.", counts.searched)


def _log(now: datetime) -> Numbers:
    found = checking.standing()
    yield _one("log_sequence_number", "The number of the newest event of the log.", found.seq)
    yield _one("log_proved_sequence_number", "The event up to which the log was proved.", found.proved_seq)
    yield _one(
        "log_check_age_seconds",
        "How long ago the log was last checked, however that went. +Inf: never.",
        _age(found.checked_at, now, never=inf),
    )
    yield _one("log_broken", "1 if a check found the log broken, until all of it is proved anew.", found.is_broken)


def _work(now: datetime) -> Numbers:
    waiting = due.waiting(now)
    counts = {each.kind: each.number for each in waiting}
    yield _by("kind", "work_due", "Rows that are due and that nobody holds, counted up to 10000.", counts)
    ages = {each.kind: _age(each.oldest, now, never=0) for each in waiting}
    yield _by("kind", "work_oldest_due_age_seconds", "How long the oldest of them has been due. 0: none is.", ages)
    counts = {each.kind: each.number for each in due.unfinished()}
    yield _by("kind", "work_unfinished", "Rows that are due, or to be tried again, counted up to 10000.", counts)
    yield from _chores(chores.standing(), now)


def _chores(standing: Sequence[ChoreRow], now: datetime) -> Numbers:
    done = {each.name: each.done_at for each in standing}
    yield _one(
        "log_checkpoint_age_seconds",
        "How long ago the engine made the last checkpoint of the log. +Inf: never.",
        _age(done.get(CHECKPOINT), now, never=inf),
    )
    failed = {each.name: float(each.failed) for each in standing}
    yield _by("chore", "chore_failed", "1 if the last turn of a chore failed.", failed)


def _providers(now: datetime) -> Numbers:
    words = "Connections that rest until the operator does something, by type and reason."
    paused = GaugeMetricFamily(f"{PREFIX}paused", words, labels=["type", "code"])
    for each in pausing.reasons():
        paused.add_metric([each.type, each.code or ""], each.number)
    yield paused
    left = {type: left.total_seconds() for type, left in budget.blocked(now=now).items()}
    yield _by("type", "provider_blocked_seconds", "How long yet a provider wants nobody of us to ask.", left)


def _one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, words, value)


def _by(label: str, name: str, words: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    """One number for each of a few kinds."""
    family = GaugeMetricFamily(PREFIX + name, words, labels=[label])
    for kind, value in values.items():
        family.add_metric([kind], value)
    return family


def _age(at: datetime | None, now: datetime, *, never: float) -> float:
    """In seconds, by the database's clock."""
    return never if at is None else max(0.0, (now - at).total_seconds())
