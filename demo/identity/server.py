"""The protocol: OpenID Connect's authorization code flow with PKCE, by the provider side of Authlib."""

import re
import time
from collections.abc import Callable
from typing import Any, ClassVar

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode, UserInfoEndpoint
from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from flask import Flask, session
from joserfc.jwk import KeySet, RSAKey

from demo.identity.grants import CODE_SECONDS, SCOPES, TOKEN_SECONDS, AccessToken, Client, Code, Given
from demo.identity.keys import Keys
from demo.identity.people import Person


def build(app: Flask, issuer: str, client: Client, keys: Keys) -> tuple[AuthorizationServer, IssuerParameter]:
    """The server of this app, and what adds ``iss`` to its answers (RFC 9207)."""
    given = Given()
    find_client: dict[str, Client] = {client.client_id: client}
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"authorization_code": TOKEN_SECONDS}
    server = Server(app, query_client=find_client.get, save_token=_token_keeper(given))
    server.register_grant(_code_grant(given), [IDToken(issuer, keys), S256()])
    server.register_endpoint(UserInfo(resource_protector=_protector(given)))
    server.register_endpoint(_sign_out_endpoint(keys))
    issuer_parameter = Issuer(issuer)
    server.register_extension(issuer_parameter)
    return server, issuer_parameter


class Server(AuthorizationServer):
    """Authlib's, with a page instead of a crash: it quotes the ``response_type``, and refuses to quote a quote."""

    def get_authorization_grant(self, request: OAuth2Request) -> Any:
        if not re.fullmatch(r"[a-z_ ]*", request.payload.response_type or ""):
            raise InvalidRequestError("The response_type is not supported.")
        return super().get_authorization_grant(request)


class S256(CodeChallenge):
    """PKCE (RFC 7636), required of everybody, and never ``plain``."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar[list[str]] = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is required: send code_challenge with code_challenge_method=S256.")
        super().validate_code_challenge(grant, redirect_uri)


class IDToken(OpenIDCode):
    """Adds the ID token, with all claims that the scopes open."""

    def __init__(self, issuer: str, keys: Keys) -> None:
        super().__init__(require_nonce=False)
        self._issuer = issuer
        self._keys = keys

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """Never: checking it is the app's part, and a page that is loaded again sends it again."""
        return False

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self._keys.signing_key

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        return {"alg": "RS256", "kid": self._keys.signing_key.kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self._issuer, "aud": client.client_id}

    def generate_user_info(self, user: Person, scope: str) -> dict[str, Any]:
        return user.claims(scope)


class UserInfo(UserInfoEndpoint):
    """The same claims, for an access token."""

    def generate_user_info(self, user: Person, scope: str) -> dict[str, Any]:
        return user.claims(scope)


class Issuer(IssuerParameter):
    """Names us in each answer of the authorization endpoint."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer


def _code_grant(given: Given) -> type[AuthorizationCodeGrant]:
    """The grant as a class, since Authlib makes one per request."""

    class Grant(AuthorizationCodeGrant):
        @staticmethod
        def validate_authorization_redirect_uri(request: OAuth2Request, client: Client) -> str:
            uri = request.payload.redirect_uri or client.get_default_redirect_uri()
            if not client.check_redirect_uri(uri):
                raise InvalidRequestError("The redirect_uri is not registered.")
            return uri

        def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
            data = request.payload.data
            challenge = {name: data[name] for name in ("code_challenge", "code_challenge_method")}
            given.keep_code(
                code,
                Code(
                    person=request.user,
                    redirect_uri=request.payload.redirect_uri,
                    scope=request.scope,
                    nonce=data.get("nonce"),
                    auth_time=session["signed_in_at"],
                    expires_at=time.time() + CODE_SECONDS,
                    **challenge,
                ),
            )

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return given.take_code(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            """It is gone already: taking it was the only use of it."""

        def authenticate_user(self, authorization_code: Code) -> Person:
            return authorization_code.person

    return Grant


def _token_keeper(given: Given) -> Callable[[dict[str, Any], OAuth2Request], None]:
    def keep(token: dict[str, Any], request: OAuth2Request) -> None:
        expires_at = time.time() + token["expires_in"]
        given.keep_token(
            token["access_token"], AccessToken(request.user, request.client, token.get("scope", ""), expires_at)
        )

    return keep


def _protector(given: Given) -> ResourceProtector:
    class Validator(BearerTokenValidator):
        def authenticate_token(self, token_string: str) -> AccessToken | None:
            return given.token(token_string)

    protector = ResourceProtector()
    protector.register_token_validator(Validator())
    return protector


def _sign_out_endpoint(keys: Keys) -> type[EndSessionEndpoint]:
    class SignOut(EndSessionEndpoint):
        def get_server_jwks(self) -> KeySet:
            return keys.key_set()

        def get_algorithms(self) -> list[str]:
            return ["RS256"]

        def end_session(self, end_session_request: EndSessionRequest) -> None:
            session.clear()

    return SignOut


def metadata(issuer: str) -> dict[str, Any]:
    """The discovery document (OpenID Connect Discovery 1.0 §3, RFC 8414, RFC 9207)."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "end_session_endpoint": f"{issuer}/sign-out",
        "jwks_uri": f"{issuer}/keys",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "name", "given_name", "family_name",
            "email", "email_verified", "locale", "zoneinfo", "roles",
        ],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }  # fmt: skip
