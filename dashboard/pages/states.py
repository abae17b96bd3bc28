"""What a connection's state means, in words: one to three plain sentences, never more than is known."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from flask import current_app
from markupsafe import Markup, escape

from dashboard import providers
from dashboard.connections.reading import Card, State
from dashboard.pages.times import ago_to, since_when
from dashboard.web.language import N_, Speech, speech
from dashboard.web.language import gettext as _
from dashboard.web.templates import part

_plain = lru_cache(maxsize=1024)(escape)
"""A sentence without markup. The same few come again and again."""
WORDS = {
    State.RECONNECT: N_("Needs you"),
    State.DELAYED: N_("Delayed"),
    State.QUIET: N_("Quiet"),
    State.NEW: N_("New"),
    State.SYNCING: N_("Syncing"),
    State.HEALTHY: N_("Working"),
    State.PAUSED: N_("On us"),
    State.RETIRED: N_("Closed by the provider"),
}
REASONS = {
    "not_imported": N_("Its permission was not part of the import."),
    "withdrawn": N_("You withdrew its permission at %(name)s."),
    "refused": N_("%(name)s refuses our access."),
    "code_refused": N_("%(name)s did not take the answer that it had sent you back with."),
    "access_expired": N_("The access to %(name)s has run out."),
    "not_shared": N_("%(name)s is not sharing anything with us: allow it in your account there."),
    "membership_ended": N_("%(name)s sends nothing without a membership, and yours there has ended."),
    "no_profile": N_("Your account at %(name)s has no profile yet: set one up there."),
    "consents_missing": N_("%(name)s waits for your consent: open its app or site, and agree there."),
    "too_many_grants": N_("%(name)s counts too many accesses of this site: remove old ones in your account there."),
    "rate_limited": N_("%(name)s asks us to wait."),
    "timeout": N_("%(name)s did not answer in time."),
    "unreachable": N_("%(name)s can’t be reached."),
    "server_error": N_("%(name)s has a fault of its own."),
    "odd_answer": N_("%(name)s sent something we can’t read."),
    "too_large": N_("%(name)s sent more at once than we take."),
    "client_refused": N_("%(name)s refuses this site as a whole, not you."),
    "not_approved": N_("%(name)s has not approved this site yet."),
    "unreadable_token": N_("We can’t open what %(name)s gave us to get in with."),
    "broken": N_("Something here went wrong, and it is our fault."),
    "no_credentials": N_("This site has no agreement with %(name)s at the moment."),
}
OTHER_REASON = N_("%(name)s is not answering.")


def state_word(state: State) -> str:
    """A state in a word or two."""
    return _(WORDS[state])


def badge(state: State) -> Markup:
    """A state as its part draws it: shape, word, colour. Drawn once in each language."""
    return _badge(state, speech().language)


@lru_cache
def _badge(state: State, _language: str) -> Markup:
    return Markup(part("parts/state.html").state(state))  # noqa: S704


def reason(code: str | None, name: str) -> str:
    """Why a sync failed or rests, in a sentence; ``name`` is the provider's."""
    return _(REASONS.get(code or "", OTHER_REASON), name=name)


def moves(card: Card) -> bool:
    """Whether a sync is under way or next in line, so that there is soon something new to see."""
    if card.state in {State.RECONNECT, State.PAUSED, State.RETIRED}:
        return False
    at = card.row.next_sync_at
    return card.state is State.SYNCING or (at is not None and at <= datetime.now(UTC))


def meaning(card: Card) -> Markup:
    """What its state means for this connection."""
    return Markup(meaning_to(speech(), card))  # noqa: S704  markup of ours


def meaning_to(told: Speech, card: Card) -> str:
    """The same as plain text that is markup, for who puts it into more and has many to tell."""
    return _MEANINGS[card.state](card, told)


def _reconnect(card: Card, _told: Speech) -> str:
    row = card.row
    if row.failure_code in {"not_imported", "withdrawn"} or row.refused_at is None:
        why: str = _plain(reason(row.failure_code, card.type.name))
    else:
        why = _("Refuses our access since %(when)s.", when=since_when(row.refused_at))
    return " ".join([why, _plain(_("Reconnect to go on; nothing is lost."))])


def _delayed(card: Card, told: Speech) -> str:
    row = card.row
    why = reason(row.failure_code, card.type.name) if row.failure_count else _("The usual sync did not happen.")
    said: list[str] = [_plain(why)]
    if row.next_sync_at and row.next_sync_at > datetime.now(UTC):
        said.append(_("Next try %(when)s.", when=ago_to(told, row.next_sync_at)))
    elif row.next_sync_at:
        said.append(_plain(_("The next try is in line.")))
    if row.last_sync_at:
        said.append(_("Last sync %(when)s.", when=ago_to(told, row.last_sync_at)))
    return " ".join(said)


def _quiet(card: Card, told: Speech) -> str:
    at = card.row.last_record_at
    if at is None:
        said: str = _plain(_("Connected, but nothing has come yet."))
    else:
        said = _("Connected, but the last new record came %(when)s.", when=ago_to(told, at))
    return " ".join([said, _plain(_(card.type.quiet_hint))])


def _new(card: Card, told: Speech) -> str:
    at = card.row.next_sync_at
    if not providers.may_ask(card.type):
        said: str = _plain(_("%(name)s sends what is new by itself; nothing has come yet.", name=card.type.name))
    elif at is not None and at > datetime.now(UTC):
        said = _("The first sync comes %(when)s.", when=ago_to(told, at))
    else:
        said = _plain(_("The first sync is next in line."))
    return " ".join([_("Connected %(when)s.", when=ago_to(told, card.row.created_at)), said])


def _syncing(card: Card, told: Speech) -> str:
    at, count = card.row.sync_started_at, card.row.progress_count
    if at is None:
        said: str = _plain(_("Reading what is new."))
    else:
        said = _("Reading what is new; started %(when)s.", when=ago_to(told, at))
    if not count:
        return said
    words = told.catalogue.ngettext("%(num)d record so far.", "%(num)d records so far.", count)
    return " ".join([said, _plain(words % {"num": count})])


def _healthy(card: Card, told: Speech) -> str:
    assert card.row.last_sync_at is not None, "what never synced is new"
    return _("Synced %(when)s", when=ago_to(told, card.row.last_sync_at))


def _paused(card: Card, told: Speech) -> str:
    return _resting(card.row.failure_code, card.type.name, current_app.config["OPERATOR_NAME"], told.language)


@lru_cache(maxsize=256)
def _resting(code: str | None, name: str, operator: str, _language: str) -> Markup:
    on_it = _("%(operator)s is on it; you need do nothing.", operator=operator or _("The operator"))
    return escape(f"{reason(code, name)} {on_it}")


def _retired(card: Card, told: Speech) -> str:
    successor = card.type.successor
    return _closed(card.type.name, successor and providers.get(successor).name, told.language)


@lru_cache(maxsize=256)
def _closed(name: str, successor: str | None, _language: str) -> Markup:
    said = [_("%(name)s has closed this service for good. What it sent stays here.", name=name)]
    if successor:
        said.append(_("%(name)s takes its place.", name=successor))
    return escape(" ".join(said))


_MEANINGS: dict[State, Callable[[Card, Speech], str]] = {
    State.RECONNECT: _reconnect,
    State.DELAYED: _delayed,
    State.QUIET: _quiet,
    State.NEW: _new,
    State.SYNCING: _syncing,
    State.HEALTHY: _healthy,
    State.PAUSED: _paused,
    State.RETIRED: _retired,
}
