"""The diagnosis of a case as plain text for a ticket: ids, states, codes and times in UTC; no name, no secret."""

from datetime import UTC, datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from dashboard.connections.reading import Card, State
from dashboard.pages.states import state_word
from dashboard.pages.support.words import failed_when
from dashboard.pages.words import provider_name
from dashboard.support.case import Case, Ending, GrantRow, MailFate

IN_ORDER = frozenset({State.HEALTHY, State.SYNCING})


def text(case: Case) -> str:
    """Who, when, and a line each: connections that are not in order, ends that nobody confirmed, the last mails."""
    cards = case.page.cards
    told = [each for each in cards if each.state not in IN_ORDER]
    lines = [_head(case), *(_line(each, case.grant(each)) for each in told)]
    if rest := case.page.total - len(told):
        unseen = case.page.total - len(cards)
        lines.append(_others(rest, unseen, case))
    lines += [_ending(each) for each in case.endings]
    if not case.subject.person.mails_wanted:
        lines.append(str(_("No mails wanted.")))
    lines += [_mail(each) for each in case.mails]
    return "\n".join(lines)


def _head(case: Case) -> str:
    count = ngettext("%(num)s connection", "%(num)s connections", case.page.total)
    return str(_("User %(id)s, %(count)s, %(time)s", id=case.subject.person.id, count=count, time=_utc(case.read_at)))


def _others(rest: int, unseen: int, case: Case) -> str:
    if not unseen:
        return ngettext("%(num)s other: in order.", "%(num)s others: in order.", rest)
    states = ", ".join(f"{state_word(state)} {count}" for state, count in sorted(case.page.states.items()))
    return str(_("All, by state: %(states)s.", states=states))


def _line(card: Card, grant: GrantRow | None) -> str:
    row = card.row
    facts = [f"{card.type.name} {card.id}: {state_word(card.state)}"]
    if row.failure_code:
        at = failed_when(card)
        facts.append(f"{row.failure_code} {_utc(at)}" if at else row.failure_code)
    if row.failure_count:
        facts.append(ngettext("%(num)s failed try", "%(num)s failed tries", row.failure_count))
    facts.append(_fact(_("last sync"), row.last_sync_at))
    facts.append(_fact(_("last record"), row.last_record_at))
    facts.append(_fact(_("next try"), row.next_sync_at))
    if grant is not None:
        facts.append(_fact(_("access ends"), grant.access_expires_at) if grant.is_there else str(_("no grant here")))
    return "; ".join(facts)


def _ending(ending: Ending) -> str:
    at, connection = _utc(ending.queued_at), f"{provider_name(ending.type)} {ending.connection_id}"
    facts = [str(_("%(connection)s: ended %(time)s, not confirmed", connection=connection, time=at))]
    if ending.failure_code:
        facts.append(f"{ending.failure_code} {_utc(ending.tried_at)}" if ending.tried_at else ending.failure_code)
    if ending.failure_count:
        facts.append(ngettext("%(num)s failed try", "%(num)s failed tries", ending.failure_count))
    given_up = ending.given_up_at
    facts.append(_fact(_("given up"), given_up) if given_up else _fact(_("next try"), ending.due_at))
    return "; ".join(facts)


def _mail(mail: MailFate) -> str:
    facts = [_("Mail %(name)s, %(type)s %(id)s", name=mail.name, type=provider_name(mail.type), id=mail.connection_id)]
    facts.append(_fact(_("queued"), mail.queued_at))
    if mail.sent_at or mail.next_try_at:
        facts.append(_fact(_("sent"), mail.sent_at) if mail.sent_at else _fact(_("next try"), mail.next_try_at))
    else:
        facts.append(_("not sent"))
    facts += [mail.failure_code] if mail.failure_code else []
    return "; ".join(str(each) for each in facts)


def _fact(name: str, at: datetime | None) -> str:
    return f"{name} {_utc(at) if at else '-'}"


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
