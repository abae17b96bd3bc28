"""What each mail says, as data: its templates ``templates/mail/<name>.txt`` and ``.html`` have the words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.data.mails import About


@dataclass(frozen=True, slots=True)
class Facts:
    """What a mail may be made of, as it is at the moment of sending."""

    details: Mapping[str, Any]
    """As they were queued."""
    about: About | None = None
    """The connection it is about. None: about none."""
    staff_name: str = ""
    """The member of the team whom the details name. Empty: nobody, or that is not told."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is written out in its reader's language."""

    name: str
    subject: str
    """A message of the catalogue; ``values`` fill it."""
    values: Mapping[str, Any]
    about: Mapping[str, Any]
    """What the event of its sending says: ``connection`` and ``type``."""
    stops: int | None = None
    """The connection about which a click ends such mails. None: this kind can't be stopped."""


def reconnect(facts: Facts) -> Letter:
    """A connection needs its person: only they can give a new permission.

    Details: ``provider``, its name. ``pointless_from``, an ISO date or None: the provider closes then for good.
    """
    about = facts.about
    assert about is not None, "it is about a connection"
    values = {
        "connection_id": about.id,
        "provider": facts.details["provider"],
        "account": about.account,
        "account_id": about.remote_account_id,
        "since": about.refused_at if about.failure_code == "withdrawn" else about.refusal_seen_at or about.refused_at,
        "why": about.failure_code,
        "last_sync_at": about.last_sync_at,
    }
    event = {"connection": about.id, "type": about.type}
    return Letter("reconnect", N_("%(provider)s needs you to reconnect"), values, event, stops=about.id)


def disconnected_by_support(facts: Facts) -> Letter:
    """Support ended a connection for its person. It can't be stopped: nobody may act for a person unseen.

    Details: ``connection``, its id; ``type``; ``provider``, its name; ``account`` and ``account_id`` there, each
    may be None; ``at``, when; ``reason``, as it was typed; ``staff_id``, who of the team it was.
    """
    details = facts.details
    values = {name: details[name] for name in ("provider", "account", "account_id", "reason")}
    values |= {"at": datetime.fromisoformat(details["at"]), "staff_name": facts.staff_name}
    event = {name: details[name] for name in ("connection", "type")}
    return Letter("disconnected_by_support", N_("Support has disconnected %(provider)s for you"), values, event)


LETTERS: Mapping[str, Callable[[Facts], Letter]] = {
    "reconnect": reconnect,
    "disconnected_by_support": disconnected_by_support,
}
"""By the name that stands in the row. A name, once queued, is never changed."""


def N_(text: str) -> str:  # noqa: N802  Babel looks for this name
    """Mark a message for Babel, which knows this name. It is translated where the mail is written out."""
    return text
