"""The doctor on the log: whether it is whole, as far as it was checked."""

from collections.abc import Iterator
from datetime import timedelta

from dashboard.commands.findings import Finding, hint, ok, trouble
from dashboard.commands.plain import moment
from dashboard.connections import due
from dashboard.events import checking

LATE = timedelta(hours=3)
"""A check is due each hour."""
VERIFY = "flask --app wsgi audit verify"


def log() -> Iterator[Finding]:
    """Whether a check found the log broken, and whether there was one at all lately."""
    found = checking.standing()
    if found.is_broken:
        said = f"BROKEN at event {found.broken_seq}, check {found.broken_check}."
        yield trouble(
            "log", f"{said} Find out what was changed, and by whom; it counts as broken until {VERIFY} proves it."
        )
    elif found.checked_at is None:
        yield hint("log", f"it was never proved here. The engine does it each hour; at once: {VERIFY}")
    elif found.checked_at < due.now() - LATE:
        yield trouble("log", f"it was proved last at {moment(found.checked_at)}: the engine should do it each hour.")
    else:
        yield ok("log", f"proved up to event {found.proved_seq} of {found.seq}, last at {moment(found.checked_at)}")
