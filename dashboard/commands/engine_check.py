"""The doctor on the engine: does somebody keep the clock, is the work done that is due, and what waits for you."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import current_app

from dashboard import providers
from dashboard.commands.findings import Finding, hint, ok, trouble
from dashboard.commands.plain import moment
from dashboard.connections import chores, due, pausing
from dashboard.connections.chores import ChoreRow
from dashboard.errors import Refused

LATE = timedelta(minutes=15)
"""What has been due for so long should have been done."""
MANY = 1000


def engine() -> Iterator[Finding]:
    """Whether workers run where there should be some, what became of the chores, and what waits too long."""
    standing, now = chores.standing(), due.now()
    if not standing:
        yield hint("engine", f"it has never run here. {_start()}")
        return
    yield from _workers()
    late = [each for each in standing if each.due_at < now - LATE]
    if late:
        yield trouble(
            "engine", f"“{late[0].name}” was due at {moment(late[0].due_at)}: nobody keeps the clock. {_start()}"
        )
    for each in standing:
        if each.failed:
            yield trouble("engine", f"“{each.name}” failed at {moment(each.failed_at)}; the log of the app says why.")
    if not late:
        yield ok("engine", f"the clock is kept; last checkpoint of the log: {_last(standing)}")
    yield from _overdue(now)


def _workers() -> Iterator[Finding]:
    """Where the engine is in processes of its own, whether one runs."""
    running: Any = current_app.extensions["engine"]  # doors don't import each other
    try:
        count = running.workers_alive()
    except Refused as error:
        yield trouble("engine", str(error))
        return
    if count == 0:
        yield trouble("engine", f"no worker gives a sign of life. {_start()}")
    elif count is not None:
        yield ok("engine", f"{count} worker{'' if count == 1 else 's'} at work")


def _overdue(now: datetime) -> Iterator[Finding]:
    waiting = due.due(now - LATE, limit=MANY)
    if not waiting:
        return
    count = f"{len(waiting)} or more" if len(waiting) >= MANY else str(len(waiting))
    minutes = int(LATE.total_seconds() // 60)
    yield trouble(
        "engine",
        f"{count} {'piece' if len(waiting) == 1 else 'pieces'} of work due for over {minutes} minutes, "
        f"{waiting[0].kind} {waiting[0].id} first. {_start()} If it runs: more ENGINE_THREADS or workers.",
    )


def paused() -> Iterator[Finding]:
    """Each type with connections that rest until the operator does something."""
    for each in pausing.paused():
        many = "1 connection is" if each.number == 1 else f"{each.number} connections are"
        words = f"{many} paused ({', '.join(each.codes)}). {each.remedy}"
        if providers.get(each.type).connectable:
            yield trouble(each.type, f"{words} They go on by themselves within about an hour.")
        else:
            yield hint(each.type, words)


def _start() -> str:
    if current_app.config["ENGINE"] == "workers":
        return "Start one: flask --app wsgi worker."
    return "It runs in the web processes under gunicorn, or by: flask --app wsgi worker."


def _last(standing: list[ChoreRow]) -> str:
    return moment(next((each.done_at for each in standing if each.name == "checkpoint"), None))
