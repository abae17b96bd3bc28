"""How one third party differs from the next, as data: accounts, grants, revocation, limits, failures, webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Pairs = tuple[tuple[str, str], ...]
Wanted = str | bool | tuple[int, ...]
Conditions = tuple[tuple[str, Wanted], ...]
"""Paths in a JSON document and what must be there: a text (case does not matter, ``*`` stands for anything), one of
some numbers, or that it is there at all (True) or is not (False)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWay:
    """Where the provider tells whose grant it is."""

    told: str
    """``answer``: in the token's answer; ``call``: asked for at ``url``; ``claims``: in the access token, a JWT."""
    id: str
    """The path of the account's id in it."""
    name: tuple[str, ...] = ()
    """The paths of its name in the person's words, joined by a blank."""
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Where the provider tells which permissions were given."""

    told: str = "answer"
    """``answer``: the token's answer; ``callback``: the query of the way back here; ``call``: asked for at ``url``;
    ``nowhere``: what was asked for counts."""
    path: str = "scope"
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshing:
    """How long grants last, and how they are renewed (RFC 6749 section 6)."""

    given: bool = True
    """False: the provider issues no refresh token, so the end of the access token ends the grant."""
    rotates: bool | None = None
    """Whether each refresh token holds once. None: not confirmed."""
    days: int | None = None
    """How long a refresh token lasts. None: not confirmed, or without end."""
    scope: str | None = None
    """The permission without which no refresh token is issued."""
    parameters: Pairs = ()
    """What the refresh request carries besides the parameters of the standard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """How a grant is given back to the provider."""

    way: str
    """``rfc7009``: at the revocation endpoint; ``call``: one request; ``dialect``: as the type's dialect knows."""
    ends: str
    """``grant``: that grant alone; ``account``: every grant that the account gave to our client. Where it is not
    confirmed, the file says ``account``, so that nothing is cut unawares."""
    url: str | None = None
    """Of a ``call``, with ``{account_id}`` and ``{client_id}`` to fill in."""
    method: str = "POST"
    bearer: str = "header"
    """Where the access token goes: ``header``, or ``query`` as ``access_token``."""
    token: str = "refresh_token"  # noqa: S105  the name of a field, not a secret
    """Which token goes to an RFC 7009 endpoint where there are both."""
    done: tuple[int, ...] = (200, 204)
    """The statuses that confirm it."""
    confirmed: bool = True
    """False: only other people's code says that it works, so a person is better told where to check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """So many requests of all connections together in so many seconds."""

    requests: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitAnswer:
    """How the provider tells when its limit ends, besides ``Retry-After`` (RFC 9110 section 10.2.3)."""

    reset_header: str | None = None
    """One number, or one for each window of ``usage_headers``."""
    reset: str = "seconds"
    """``seconds`` from now, or ``epoch``: the moment."""
    usage_headers: Pairs = ()
    """Headers that tell the requests spent and allowed, a number for each window, separated by commas."""
    window_seconds: tuple[int, ...] = ()
    """The lengths of those windows, which end with the clock: 900 ends at each quarter of an hour of UTC."""
    about: str = "app"
    """Who is to wait: ``app``, so that no connection asks meanwhile, or ``person``, only the one that asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one of the provider's own answers means. The first rule of a file that fits is taken."""

    means: str
    """One of the codes in ``failures.py``."""
    on: tuple[str, ...] = ()
    """The calls it is about: ``code``, ``refresh``, ``revoke``, ``account``, ``data``, ``delete``,
    ``subscribe``. Empty: all."""
    status: tuple[int, ...] = ()
    body: Conditions = ()
    says: str | None = None
    """A text that the body holds, wherever it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """How a webhook call is signed: an HMAC over the body, with a secret that both sides know."""

    header: str
    algorithm: str
    """``sha256`` or ``sha1``."""
    encoding: str
    """``hex`` or ``base64``."""
    key: str = "client_secret"
    """``client_secret`` or ``webhook_secret``, as the settings call them."""
    key_suffix: str = ""
    timestamp_header: str | None = None
    """The time stands before the body in what is signed."""
    timestamp: str = "epoch"
    """``epoch`` or ``epoch_ms``; what is older than ``fresh_seconds`` is refused."""
    fresh_seconds: int = 300
    style: str = "plain"
    """``plain``, or ``t-v1``: the header is ``t=<time>,v1=<signature>``, and the text is time, dot, body."""
    optional: bool = False
    """True: sources disagree whether it is sent. What comes unsigned is a hint; a wrong signature is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeys:
    """Where the keys are with which a webhook call is signed: ECDSA over its body, as Tink writes it."""

    headers: tuple[str, ...]
    """The header of the signature; where sources disagree about its name, each of them."""
    url: str
    """A key set in Tink's JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What one subscription of several is about."""

    body: Pairs
    """What its request carries besides what all carry."""
    scopes: tuple[str, ...] = ()
    """Any of these permissions opens it. Empty: every grant does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """How notices are asked for: by POST. Those of a client are listed by GET, and each is ended by DELETE."""

    by: str
    """``grant``: for each account, with its access token; ``client``: once, with our client's credentials;
    ``operator``: once, with an access token of the operator's own."""
    url: str
    """With ``{project}`` to fill in where it is asked for by ``operator``."""
    body: Mapping[str, Any] = field(hash=False)
    """What is sent, with ``{address}`` and ``{secret}`` (our ``webhook_secret``) to fill in."""
    form: bool = False
    """It is sent as a form, not as JSON."""
    client_auth: str | None = None
    """Of ``client``: ``client_secret_post``, in the form or the query; ``client_secret_basic``; or ``headers``."""
    topics: tuple[Topic, ...] = ()
    """One request each. Empty: one request."""
    list: str = ""
    """The path of the subscriptions in the answer to GET; empty: it is an array."""
    id: str = "id"
    """The path of its id in one of them."""
    address: str = "url"
    """The path of our address in one of them."""
    ends: str | None = None
    """The path of the moment when it ends in one of them. None: it does not."""
    active: str | None = None
    """The path of a flag in one of them, false where the provider sends nothing any more."""
    one_url: str | None = None
    """The address of one, with ``{id}`` to fill in. None: ``url/{id}``."""
    renew_url: str | None = None
    """Where PUT makes one hold longer, with ``{id}`` to fill in. None: they do not end."""
    activate_url: str | None = None
    """Where POST makes an inactive one active again."""
    told_secret: str | None = None
    """The path of the secret in the answer to POST, where the provider chooses it and tells it this once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Which notices tell of a deleted record."""

    kind: str
    id: str
    when: Conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """How the provider sends notices."""

    handshake: str | None = None
    """How it proves that the address is ours, by the name of the way in ``handshakes.py``. None: it does not."""
    signature: Signature | None = None
    token: str | None = None
    """The path of a secret in the body, where that is all the proof there is."""
    secret_header: str | None = None
    """The header that holds our ``webhook_secret``, where that is the proof."""
    public_keys: PublicKeys | None = None
    """Where it is signed with the provider's own key too. An unsigned notice is a hint then."""
    dialect: bool = False
    """The type's dialect reads and checks it."""
    form: bool = False
    """The body is a form, not JSON."""
    list: str = ""
    """The path of the notices in the body; empty: the body is one, or an array of them."""
    account: str = ""
    """The path of the account's id in a notice."""
    status: int = 200
    """How a notice is answered."""
    ended: tuple[Conditions, ...] = ()
    """Notices that fit one of these say that the person withdrew their permission."""
    gone: tuple[Gone, ...] = ()
    subscription: Subscription | None = None
    """None: the operator enters our address at the provider, or how to ask for notices is not confirmed."""
