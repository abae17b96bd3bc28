"""The log in the auditor's words: each action, and who and where."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from dashboard.events import Event, Outcome
from dashboard.support.auditing import Logged, Party

ACTIONS = {
    Event.LOGIN_STARTED: _l("Signed in"),
    Event.LOGIN_ENDED: _l("Signed out"),
    Event.LOGIN_ENDED_BY_PROVIDER: _l("Signed out by the identity provider"),
    Event.LOGINS_ENDED: _l("Ended other login sessions"),
    Event.CONNECTION_IMPORTED: _l("Imported a connection"),
    Event.CONNECTION_ENDED: _l("Disconnected"),
    Event.SYNC_REQUESTED: _l("Asked for a sync"),
    Event.CONNECTION_MADE: _l("Connected"),
    Event.CONNECTION_RENEWED: _l("Renewed a connection"),
    Event.CONNECTION_REFUSED: _l("A provider ended our access"),
    Event.REVOCATION_CONFIRMED: _l("A provider confirmed the end"),
    Event.REVOCATION_GIVEN_UP: _l("A provider could not be told of the end"),
    Event.MAIL_SENT: _l("A mail was sent"),
    Event.MAILS_STOPPED: _l("Stopped mails about a connection"),
    Event.MAILS_RESUMED: _l("Asked for mails about a connection again"),
    Event.TOKEN_MADE: _l("Made an API token"),
    Event.TOKEN_REVOKED: _l("Revoked an API token"),
    Event.SETTINGS_CHANGED: _l("Changed settings"),
    Event.DATA_DOWNLOADED: _l("Downloaded their data"),
    Event.ACCOUNT_DELETED: _l("Deleted an account"),
    Event.ROLE_GRANTED: _l("Gave a role"),
    Event.ROLE_REVOKED: _l("Took a role"),
    Event.ACCESS_STARTED: _l("Began a look"),
    Event.ACCESS_VIEWED: _l("Looked at a page"),
    Event.ACCESS_REFUSED: _l("Was refused by support’s rules"),
    Event.ACCESS_ENDED: _l("Ended a look"),
    Event.USER_SEARCHED: _l("Searched for a person"),
    Event.CASE_READ: _l("Read a case"),
    Event.SUPPORT_SETTING_CHANGED: _l("Chose when support may look"),
    Event.SUPPORT_PASS_GIVEN: _l("Gave support a pass for a day"),
    Event.SUPPORT_PASS_WITHDRAWN: _l("Took back support’s pass"),
    Event.LOG_STARTED: _l("The log began"),
    Event.LOG_READ: _l("Read the log"),
    Event.LOG_EXPORTED: _l("Exported the log"),
    Event.LOG_PRUNED: _l("Deleted old entries of the log"),
    Event.PERSON_ERASED: _l("Erased a person from the log"),
}


def action_word(event: Event | None) -> str:
    """An action in plain words; its code stands beside it."""
    return str(ACTIONS[event]) if event else str(_("Something that this version can’t name"))


def party_word(party: Party | None) -> str:
    """Somebody of whom the log speaks: the name, or what is left of one."""
    if party is None:
        return str(_("nobody named"))
    if party.is_system:
        return str(_("the system"))
    if party.user_id is None:
        return str(_("%(name)s (account erased)", name=party.name)) if party.name else str(_("erased"))
    return party.name or str(party.user_id)


def party_key(party: Party | None) -> str:
    """What the filter finds somebody by. Empty: nobody can be found."""
    if party is None:
        return ""
    return party.ref if party.user_id is None else str(party.user_id)


def outcome_word(logged: Logged) -> str:
    """How it went, with the cause as a code. Empty: as it should, and there is no more to say."""
    words = {Outcome.SUCCESS: "", Outcome.REFUSED: str(_("Refused")), Outcome.FAILED: str(_("Failed"))}
    outcome = words.get(Outcome(logged.outcome), "") if logged.outcome in set(Outcome) else logged.outcome
    return ": ".join(each for each in (outcome, logged.why) if each)


def detail_lines(logged: Logged) -> list[str]:
    """What else was written down, name and value."""
    about = [f"{logged.on[0]} {logged.on[1]}"] if logged.on else []
    told_apart = {"reason", "ticket"} if logged.event is Event.ACCESS_STARTED else set()
    named = {name: value for name, value in logged.details.items() if name not in told_apart and value != ""}
    return about + [f"{name} {_plain(value)}" for name, value in named.items()]


def _plain(value: object) -> str:
    return {True: str(_("yes")), False: str(_("no"))}[value] if isinstance(value, bool) else str(value)
