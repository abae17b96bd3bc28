"""How tests look through a person's eyes: by the form, as a browser without JavaScript does; and how time passes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from dashboard.data import db, transaction, users
from dashboard.data.events import EventEntry, EventPersonal
from dashboard.data.support_accesses import SupportAccess
from dashboard.events import Event
from tests.conftest import Browser

REASON = "Fitbit stopped, reconnect loops"


def form_with(page: Any, name: str) -> Any:
    """The form of a page that has this field."""
    return next(form for form in page.forms.values() if name in form.fields)


def form_to(page: Any, action: str) -> Any:
    """The form of a page that goes to this address."""
    return next(form for form in page.forms.values() if form.action == action)


def look_form(browser: Browser, user: Any) -> Any:
    """The form that begins a look, filled in."""
    form = form_with(browser.get(f"/support/users/{user.id}/look/"), "reason")
    form["reason"] = REASON
    return form


def look(browser: Browser, user: Any, *, reason: str = REASON, ticket: str = "") -> Any:
    """Begin a look; the page that it lands on."""
    form = look_form(browser, user)
    form["reason"], form["ticket"] = reason, ticket
    return form.submit(status=303).follow()


def forged_look(browser: Browser, user: Any, *, status: int = 403) -> Any:
    """A look begun by a request that no page offered, with a good token."""
    token = form_with(browser.get("/support/"), "csrf_token")["csrf_token"].value
    sent = {"reason": REASON, "csrf_token": token}
    return browser.post(f"/support/users/{getattr(user, 'id', user)}/look/", sent, status=status)


def token_of(page: Any) -> str:
    """The CSRF token of a page."""
    return str(page.html.select_one("input[name=csrf_token]")["value"])


def banner(page: Any) -> str:
    """What the banner says; empty: there is none."""
    found = page.html.select_one("aside.watch")
    return " ".join(found.text.split()) if found else ""


def h1(page: Any) -> str:
    """The heading of a page."""
    return str(page.html.h1.text).strip()


def change(user: Any, **values: Any) -> None:
    """Change a person behind the app's back, as a command or another browser of theirs does."""
    with transaction():
        users.change_person(user.id, **values)


def accesses() -> list[Any]:
    """All accesses, the oldest first: ``(id, actor_id, subject_id, ended_at, end_why)``."""
    columns = (getattr(SupportAccess, name) for name in ("id", "actor_id", "subject_id", "ended_at", "end_why"))
    return list(db.session.execute(select(*columns).order_by(SupportAccess.id)))


def run_out() -> None:
    """Let the time of all accesses be over."""
    with transaction():
        then = datetime.now(UTC) - timedelta(seconds=1)
        db.session.execute(update(SupportAccess).values(expires_at=then))


def happened(event: Event) -> list[Any]:
    """The events of a name, the oldest first, as ``(why, access, sub, act, outcome, text)``."""
    columns = [getattr(EventEntry, name) for name in ("why", "access", "sub", "act", "outcome")]
    statement = select(*columns, EventPersonal.text).outerjoin(
        EventPersonal, (EventPersonal.chain == EventEntry.chain) & (EventPersonal.seq == EventEntry.seq)
    )
    return list(db.session.execute(statement.where(EventEntry.action == event.value).order_by(EventEntry.seq)))
