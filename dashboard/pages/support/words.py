"""What support reads of a case, in words: why a connection fails, its grant, its next try, and how a look ended."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from dashboard.connections.reading import Card, State
from dashboard.pages.states import reason
from dashboard.pages.times import clock, exact
from dashboard.support.case import GrantRow, OwnedRunRow, PastRow
from dashboard.support.consent import Chosen, Consent
from dashboard.support.search import FoundBy
from dashboard.support.why import Why
from dashboard.web.language import N_
from dashboard.who import Role

FILTERS = (
    "cause", "failed_when", "grant_end", "next_try", "run_outcome", "asked_by", "look_end", "look_minutes", "found_by",
    "role_word", "may_look",
)  # fmt: skip

OF_THE_PERSON = {
    "withdrawn": N_("The person withdrew its permission at %(name)s."),
    "not_shared": N_("%(name)s is not sharing anything with us: the person has to allow it in their account there."),
    "membership_ended": N_("%(name)s sends nothing without a membership, and the person’s has ended."),
    "no_profile": N_("The person’s account at %(name)s has no profile yet."),
    "consents_missing": N_("%(name)s waits for the person’s consent in its app or on its site."),
    "too_many_grants": N_("%(name)s counts too many accesses of this site in the person’s account."),
    "client_refused": N_("%(name)s refuses this site as a whole, not the person."),
}
"""What the person reads as “you”, said to staff; by code. Of all other codes both read the same."""


def cause(card: Card) -> str:
    """Why a connection is in its state; the code and the time stand beside it."""
    return _CAUSES[card.state](card)


def failed_when(card: Card) -> datetime | None:
    """Since when, or when last, what the code says is so. None: nothing failed."""
    row = card.row
    return row.refused_at or row.paused_at or row.failed_at


def grant_end(card: Card, grant: GrantRow | None) -> str:
    """Until when the grant lasts, as far as it is known."""
    if grant is None or not grant.is_there:
        return str(_("no grant here"))
    if card.row.refused_at is not None:
        return str(_("refused"))
    if grant.renews_itself and card.state is State.RETIRED:
        return str(_("not renewed any more"))
    if grant.access_expires_at is None:
        return str(_("no end known"))
    if grant.renews_itself and grant.access_expires_at <= datetime.now(UTC):
        return str(_("renewed with the next sync"))
    if grant.renews_itself:
        return str(_("renewed before %(time)s", time=clock_or_day(grant.access_expires_at)))
    return clock_or_day(grant.access_expires_at)


def next_try(card: Card) -> str:
    """When the next sync is due."""
    at = card.row.next_sync_at
    if card.state is State.SYNCING:
        return str(_("after this run"))
    if card.state is State.RECONNECT:
        return str(_("none, waits for the person"))
    if at is None or card.state is State.RETIRED:
        return str(_("none due"))
    return clock_or_day(at) if at > datetime.now(UTC) else str(_("now, in line"))


def run_outcome(run: OwnedRunRow) -> str:
    """How a run ended."""
    words = {
        "records": _("New records"),
        "nothing": _("Nothing new"),
        "refused": _("Access refused"),
    }
    return str(words.get(run.outcome, _("Failed")))


def asked_by(why: str) -> str:
    """Who asked for a sync."""
    words = {
        "schedule": _("by itself"),
        "connect": _("after connecting"),
        "person": _("asked for by the person"),
        "support": _("asked for by support"),
        "webhook": _("after a notice of the provider"),
    }
    return str(words.get(why, why))


def look_end(access: PastRow) -> str:
    """How a look ended; empty: it goes on."""
    if access.runs:
        return ""
    if access.end_why is None:
        return str(_("Its time was over.") if access.login_lives else _("Ended with the login of the member of staff."))
    ends = {
        Why.BY_ACTOR: _("Ended by the member of staff."),
        Why.LOGOUT: _("Ended with the login of the member of staff."),
        Why.SESSION_GONE: _("Ended with the login of the member of staff."),
        Why.BY_PERSON: _("Ended by the person."),
        Why.EXPIRED: _("Its time was over."),
    }
    return str(ends.get(Why(access.end_why), _("Ended because it was no longer allowed.")))


def look_minutes(access: PastRow) -> int:
    """How long a look took, in begun minutes; of one that goes on, so far."""
    until = access.ended_at or min(access.expires_at, access.now)
    return max(1, round((until - access.started_at).total_seconds() / 60))


def found_by(by: FoundBy) -> str:
    """What of a person matched."""
    words = {
        FoundBy.USER_ID: _("by the user id"),
        FoundBy.CONNECTION_ID: _("by a connection’s id"),
        FoundBy.MAIL: _("by the mail address"),
        FoundBy.ACCOUNT: _("by an account at a provider"),
        FoundBy.NAME: _("by the name"),
        FoundBy.USERNAME: _("by the user name"),
    }
    return str(words[by])


def role_word(role: Role) -> str:
    """A role; empty for what most people have."""
    words = {Role.USER: "", Role.SUPPORT: str(_("Support")), Role.ADMIN: str(_("Administrator"))}
    return words[role]


def may_look(chosen: Chosen) -> str:
    """Whether the person lets support look, and who decided so."""
    if chosen.setting is Consent.ASK and chosen.pass_until is not None:
        return str(_("until %(time)s", time=clock_or_day(chosen.pass_until)))
    words = {Consent.ALWAYS: _("yes"), Consent.ASK: _("not now: only with a pass"), Consent.NEVER: _("no")}
    by_default = "" if chosen.by_person else str(_(" (this site’s default)"))
    return str(words[chosen.setting]) + by_default


def reason_for_staff(code: str | None, name: str) -> str:
    """Why a try failed, in a sentence that calls nobody but the person so; ``name`` is the provider's."""
    return str(_(OF_THE_PERSON[code], name=name)) if code in OF_THE_PERSON else reason(code, name)


def _reason(card: Card) -> str:
    return reason_for_staff(card.row.failure_code, card.type.name)


def _tries(card: Card) -> str:
    if not card.row.failure_count:
        return str(_("The usual sync did not happen."))
    tries = ngettext("%(num)s try failed.", "%(num)s tries failed.", card.row.failure_count)
    return f"{_reason(card)} {tries}"


def _refused(card: Card) -> str:
    if card.row.failure_code in {"not_imported", "withdrawn"}:
        return _reason(card)
    return str(_("%(name)s refused our access.", name=card.type.name))


def _quiet(card: Card) -> str:
    if card.row.last_record_at is None:
        return str(_("Syncs succeed, but nothing has come yet."))
    return str(_("Syncs succeed; the last new record came on %(time)s.", time=clock_or_day(card.row.last_record_at)))


def _syncing(card: Card) -> str:
    if card.row.sync_started_at is None:
        return str(_("A sync is under way."))
    return str(_("A sync is under way since %(time)s.", time=clock_or_day(card.row.sync_started_at)))


def _synced(card: Card) -> str:
    assert card.row.last_sync_at is not None  # else it were new
    return str(_("Synced at %(time)s.", time=clock_or_day(card.row.last_sync_at)))


def clock_or_day(at: datetime) -> str:
    """ "14:03" today, else day and time."""
    return clock(at) if exact(at).rpartition(",")[0] == exact(datetime.now(UTC)).rpartition(",")[0] else exact(at)


_CAUSES: dict[State, Callable[[Card], str]] = {
    State.RECONNECT: _refused,
    State.DELAYED: _tries,
    State.QUIET: _quiet,
    State.NEW: lambda _card: str(_("Connected, the first sync is in line.")),
    State.SYNCING: _syncing,
    State.HEALTHY: _synced,
    State.PAUSED: _reason,
    State.RETIRED: lambda card: str(_("%(name)s has closed this service for good.", name=card.type.name)),
}
