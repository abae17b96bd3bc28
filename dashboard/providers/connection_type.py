"""What a third party is, as data: one ``ConnectionType`` per file in ``types/``.

The words (``brings``, the copies, ``quiet_hint``, the labels of scopes) are English message ids. Whoever shows
them passes them through gettext; ``extract.py`` hands them to Babel. A name is a proper name and is not translated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from dashboard.providers.source import Source
from dashboard.providers.ways import (
    AccountWay,
    Granted,
    LimitAnswer,
    Pairs,
    RateLimit,
    Refreshing,
    Revocation,
    Rule,
    Webhook,
)

WORDS = frozenset({
    "brings", "intro_copy_heading", "intro_copy_body", "disconnect_copy", "disconnect_confirm", "disconnect_cancel",
    "quiet_hint", "label",
})  # fmt: skip
"""The keys of a type file whose text a person reads in their own language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One permission that a person can give, as the provider spells it and in plain words."""

    name: str
    label: str
    optional: bool = False
    """True: a connection works without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the provider's terms say about imported records, as far as it is confirmed."""

    may_keep_records: bool = True
    """False: nothing may be kept after a disconnect, so the person is not offered to keep it."""
    keep_days: int | None = None
    """Days that a record may be kept while connected. None: no limit is known."""
    url: str | None = None
    """Where the terms stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthEndpoints:
    """The provider as an OAuth 2.0 authorization server; names as in RFC 8414 section 2 and RFC 7591 section 2."""

    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str | None = None
    """Only where it follows RFC 7009. None: the provider has a way of its own, or none."""
    introspection_endpoint: str | None = None
    token_endpoint_auth_method: str | None = None
    """``client_secret_basic`` or ``client_secret_post``. None: not confirmed."""
    revocation_endpoint_auth_method: str | None = None
    """As above, or ``none``: the token alone is enough. None: as at the token endpoint."""
    code_challenge_methods_supported: tuple[str, ...] = ()
    """PKCE (RFC 7636). Empty: not known to be supported."""
    scope_separator: str = " "
    """A space by RFC 6749 section 3.3; some providers expect a comma."""
    authorization_parameters: Pairs = ()
    """What the authorization request carries besides the parameters of the standard."""
    token_parameters: Pairs = ()
    """What both token requests carry besides the parameters of the standard."""
    sends_scopes: bool = True
    """False: permissions are chosen at the provider, and the authorization request has no ``scope``."""
    code_seconds: int | None = None
    """How long an authorization code lasts. None: not confirmed."""
    access_token_seconds: int | None = None
    """How long an access token lasts where its answer does not say. None: not confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionType:
    """One kind of connection. Its facts and their sources stand in ``types/<type>.toml``."""

    id: int
    """The API's ``{pk}``: never changed, never reused. 0 for a type that has no file any more."""
    type: str
    """The key that a connection's ``type`` names."""
    name: str
    recorder_type_key: str
    """The key of recorders of this type: on the original service, the type's own key."""
    brings: str
    """What arrives, in a few words for a card: "Steps, sleep, heart rate"."""
    intro_copy_heading: str
    intro_copy_body: str
    disconnect_copy: str
    disconnect_confirm: str
    disconnect_cancel: str
    quiet_hint: str
    """What to do when syncs succeed and bring nothing new."""
    quiet_after_days: int
    """Days without a new record after which a connection counts as quiet."""
    sync_interval_hours: int
    """Hours within which a healthy connection has synced."""
    can_pull: bool = True
    """False: the provider only pushes, so "sync now" cannot be offered."""
    scopes: tuple[Scope, ...] = ()
    terms: Terms = Terms()
    oauth: OAuthEndpoints | None = None
    """None: not confirmed, or closed."""
    dialect: str | None = None
    """The module in ``dialects/`` for what data cannot say. None: the standard is enough."""
    account: AccountWay | None = None
    """None: not confirmed, so it cannot be connected."""
    granted: Granted = field(default_factory=Granted)
    refreshing: Refreshing = field(default_factory=Refreshing)
    revocation: Revocation | None = None
    """None: no way is known; the person removes the app at the provider."""
    rate_limits: tuple[RateLimit, ...] = ()
    limit_answer: LimitAnswer = field(default_factory=LimitAnswer)
    failures: tuple[Rule, ...] = ()
    sources: tuple[Source, ...] = ()
    data_headers: Pairs = ()
    """What each data call carries besides the access token, with ``{subscription_key}`` to fill in."""
    webhook: Webhook | None = None
    """None: the provider sends no notices, or how is not confirmed."""
    retired_on: date | None = None
    """The day from which the provider's API is known or announced to be closed for good."""
    successor: str | None = None
    """Key of the type that replaces a retired one."""
    removal_url: str | None = None
    """Where a person removes the app at the provider themselves. None: no source confirms a page, or it has a
    ``removal_template``."""
    removal_template: str | None = None
    """The same with ``{client_id}`` and ``{account_id}`` to fill in."""
    known: bool = True
    """False: no file describes this key any more; the words are general."""

    def retired(self, on: date) -> bool:
        """Whether the provider has closed this API by that day."""
        return self.retired_on is not None and self.retired_on <= on

    def scope_label(self, name: str) -> str:
        """The plain words for a granted scope, as a message id; the scope's own name if no label is known."""
        return next((scope.label for scope in self.scopes if scope.name == name), name)

    @property
    def connectable(self) -> bool:
        """Whether enough is known to connect it: where to agree, how our client authenticates, whose account it is."""
        endpoints = self.oauth
        return endpoints is not None and endpoints.token_endpoint_auth_method is not None and self.account is not None

    @property
    def hosts(self) -> frozenset[str]:
        """Every host that the file names to be talked to. No request of this type goes anywhere else."""
        urls = [self.oauth.token_endpoint, self.oauth.revocation_endpoint] if self.oauth else []
        urls += [each.url for each in (self.account, self.granted, self.revocation) if each]
        urls += [source.url for source in self.sources]
        if self.webhook and self.webhook.public_keys:
            urls.append(self.webhook.public_keys.url)
        if self.webhook and (way := self.webhook.subscription):
            urls += [way.url, way.one_url, way.renew_url, way.activate_url]
        return frozenset(urlsplit(url).netloc for url in urls if url)

    @property
    def tile(self) -> str:
        """Path below ``static/`` of the logo. It stands on dark grounds and on light ones."""
        return f"tiles/{self._tile_name}.svg"

    @property
    def tile_light(self) -> str:
        """Path below ``static/`` of the logo in a deeper tone, made for light grounds only."""
        return f"tiles/{self._tile_name}-light.svg"

    @property
    def _tile_name(self) -> str:
        return self.type if self.known else "unknown"
