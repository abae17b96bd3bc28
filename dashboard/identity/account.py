"""What a person sees and chooses of their own account here: profile, settings and login sessions."""

from datetime import UTC, datetime

from flask import session
from werkzeug.local import LocalProxy

from dashboard.data import login_sessions, transaction, users
from dashboard.data.login_sessions import SessionRow
from dashboard.data.users import PersonRow
from dashboard.errors import NoSuchThing, NotOffered
from dashboard.events import Event, record
from dashboard.identity.login_session import LoginSession
from dashboard.identity.people import TIME_ZONES
from dashboard.who import Who

__all__ = ["LANGUAGES", "THEMES", "PersonRow", "SessionRow"]
LANGUAGES = {"en": "English", "de": "Deutsch"}
"""The languages that this site speaks, each by its own name."""
THEMES = ("light", "dark")


def profile(owner_id: int) -> PersonRow:
    """A person as the identity provider names them, with what they chose here.

    :raises NoSuchThing: their account is gone.
    """
    person = users.person(owner_id)
    if person is None:
        raise NoSuchThing("This account is gone.")
    return person


def change_settings(
    by: Who, *, time_zone: str | None, language: str | None, theme: str | None, mails_wanted: bool
) -> bool:
    """Keep what a person chose; None: no choice of theirs, so the provider's claim or the device counts.

    :param mails_wanted: whether a connection that needs them may cause a mail.
    :returns: False if all of it was chosen before; nothing changed then.
    :raises NotOffered: a zone, language or theme that there is not.
    """
    chosen = {"time_zone": time_zone, "language": language, "theme": theme}
    offered = {"time_zone": TIME_ZONES, "language": LANGUAGES, "theme": THEMES}
    for name, value in chosen.items():
        if value is not None and value not in offered[name]:
            raise NotOffered(f"There is no {name.replace('_', ' ')} {value!r}.")
    with transaction():
        before, wanted = profile(by.subject_id), chosen | {"mails_wanted": mails_wanted}
        changed = [name for name, value in wanted.items() if value != getattr(before, name)]
        if changed:
            users.change_person(by.subject_id, **wanted)
            record(Event.SETTINGS_CHANGED, by, changed=" ".join(changed))
    return bool(changed)


def sessions(owner_id: int) -> list[SessionRow]:
    """A person's open login sessions, last used first."""
    return login_sessions.sessions(owner_id, now=datetime.now(UTC))


def end_session(session_id: int, *, by: Who) -> None:
    """End one login session elsewhere. Its browser is signed out with its next request.

    :raises NoSuchThing: it has ended already, or is someone else's.
    """
    with transaction():
        ended = next((each for each in sessions(by.subject_id) if each.id == session_id), None)
        if ended is None or not login_sessions.end_session(session_id, owner_id=by.subject_id):
            raise NoSuchThing(f"There is no login session {session_id} in your account.")
        record(Event.LOGIN_ENDED, by, elsewhere=True, browser=ended.user_agent, browser_address=ended.address)


def end_other_sessions(by: Who, *, but: int) -> int:
    """End all login sessions of a person but the one they are in; how many there were."""
    with transaction():
        count = login_sessions.end_sessions(by.subject_id, but=but)
        if count:
            record(Event.LOGINS_ENDED, by, count=count)
    return count


def forget_browser() -> None:
    """The browser of this request is nobody's from now on: what its session kept is gone, and so is its cookie."""
    current = session._get_current_object() if isinstance(session, LocalProxy) else session
    assert isinstance(current, LoginSession)
    current.replaced_by(None, None)
