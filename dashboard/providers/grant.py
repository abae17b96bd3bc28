"""What passes between us and a third party: client, grant, account, records. No secret is in a ``repr``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Client:
    """Us, as a provider knows us (RFC 6749 section 2.3), from the operator's settings."""

    id: str
    secret: str = field(repr=False)
    webhook_secret: str = field(default="", repr=False)
    """What the provider signs its notices with, or sends along, where that is not the client's secret. Empty: none."""
    subscription_key: str = field(default="", repr=False)
    """What some providers want beside the token on every data call. Empty: none."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account at the provider."""

    id: str
    """In the provider's words: it tells accounts apart."""
    name: str | None = None
    """In the person's words, mail or name. None: the provider told none."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person permitted: the tokens, how long they hold, what they open."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    """None: the provider gives none; a refresh answer without one keeps the old."""
    expires_at: datetime | None = None
    """When the access token ends, aware UTC. None: the provider told nothing."""
    scopes: tuple[str, ...] | None = None
    """What was granted, as the provider spells it. None: it told nothing, so what was asked for counts."""
    account: Account | None = None
    """None where it is not known, as after a refresh."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One record as a provider sent it, in our kinds and units (``records/kinds.py``)."""

    kind: str
    provider_id: str
    """Unique for the connection and kind: what is sent twice is stored once, and a correction replaces it."""
    measured_at: datetime
    """Aware UTC; of what took a while, its start."""
    day: date
    """The day it counts for where the person was."""
    value: float | None = None
    """In the kind's unit. None: the record is not one number."""
    ended_at: datetime | None = None
    details: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    """What else is worth keeping: few, small, named by us."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a source of records."""

    facts: tuple[Fact, ...]
    cursor: str | None
    """Where the next call goes on, within this sync or in the next one. None: as before."""
    more: bool
    """Another page is there now."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a provider's webhook said about one account."""

    account_id: str
    proved: bool
    """Signed, or otherwise known to come from the provider. False: a hint, to be confirmed by a call."""
    ended: bool = False
    """The person withdrew their permission at the provider, or left it."""
    facts: tuple[Fact, ...] = ()
    """Records that came along, from a provider that pushes."""
    gone: tuple[tuple[str, str], ...] = ()
    """Kind and provider's id of records that were deleted there."""
    permissions: tuple[str, ...] | None = None
    """What is shared from now on, where a person changed that at the provider. None: it says nothing of it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a webhook call said, and how it is answered."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    notices: tuple[Notice, ...] = ()
