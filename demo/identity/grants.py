"""What the provider has given out: one client, authorization codes, access tokens. Kept in memory only."""

import hmac
import time
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oidc.core.models import AuthorizationCodeMixin

from demo.identity.people import Person

SCOPES = ("openid", "profile", "email")
CODE_SECONDS = 60
TOKEN_SECONDS = 3600


@dataclass(frozen=True)
class Client(ClientMixin):
    """The one app that may use the provider."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]

    @property
    def client_metadata(self) -> dict[str, Any]:
        """What Authlib's endpoints look up by name."""
        return {"post_logout_redirect_uris": self.post_logout_redirect_uris}

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uris[0]

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(name for name in (scope or "").split() if name in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(self.client_secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):
    """An authorization code: who signed in when, for what, and the challenge (RFC 7636) that its owner can answer."""

    person: Person
    redirect_uri: str | None
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str
    auth_time: int
    expires_at: float

    def get_redirect_uri(self) -> str | None:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time


@dataclass(frozen=True)
class AccessToken(TokenMixin):
    """What opens the userinfo endpoint."""

    person: Person
    client: Client
    scope: str
    expires_at: float

    def check_client(self, client: Client) -> bool:
        return self.client == client

    def get_scope(self) -> str:
        return self.scope

    def get_expires_in(self) -> int:
        return TOKEN_SECONDS

    def is_expired(self) -> bool:
        return self.expires_at < time.time()

    def is_revoked(self) -> bool:
        return False

    def get_user(self) -> Person:
        return self.person

    def get_client(self) -> Client:
        return self.client


class Given:
    """The codes and tokens that are still good for something."""

    def __init__(self) -> None:
        self._codes: dict[str, Code] = {}
        self._tokens: dict[str, AccessToken] = {}

    def keep_code(self, text: str, code: Code) -> None:
        """Keep a code until it is taken or expires."""
        now = time.time()
        self._codes = {text: code for text, code in self._codes.items() if code.expires_at > now} | {text: code}

    def take_code(self, text: str) -> Code | None:
        """Hand a code over, once: whoever comes second gets None, whatever the first could do with it."""
        code = self._codes.pop(text, None)
        return code if code and code.expires_at > time.time() else None

    def keep_token(self, text: str, token: AccessToken) -> None:
        """Keep an access token until it expires."""
        self._tokens = {key: kept for key, kept in self._tokens.items() if not kept.is_expired()} | {text: token}

    def token(self, text: str) -> AccessToken | None:
        """An access token, expired or not; None if it is unknown."""
        return self._tokens.get(text)
