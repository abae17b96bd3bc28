"""JWT access tokens of the identity provider (RFC 9068): good ones, and each way in which one is bad."""

import base64
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from dashboard.identity import issuer_keys
from dashboard.identity.api_tokens import READ
from dashboard.identity.issuer_keys import InvalidToken, IssuerKeys, ProviderDown
from tests import factories
from tests.api.conftest import Issuer, Program, trust
from tests.conftest import Queries
from tests.servers.openid_provider import OpenIDProvider

SELF = "/v7.1/user/self/"
SECOND = RSAKey.generate_key(2048, {"kid": "second"})


@pytest.fixture
def ada(issuer: Issuer) -> Any:
    """Ada, who has signed in here before."""
    return factories.User(issuer=issuer.url, subject="ada", language="de")


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def ask(app: Flask, token: str, method: str = "GET", path: str = SELF) -> Any:
    return Program(app, token=token).ask(method, path)


def test_a_good_token_opens_its_person_s_data(app: Flask, issuer: Issuer, ada: Any) -> None:
    row = factories.Connection(user=ada)
    token = issuer.access_token(ada)

    assert ask(app, token).json["id"] == str(ada.id)
    assert ask(app, token, path="/v7.1/remoteconnection/").json["total_count"] == 1
    assert ask(app, token, "DELETE", f"/v7.1/remoteconnection/{row.id}/").status_code == 204
    assert issuer.key_requests == 1


def test_it_costs_one_query_as_a_token_of_ours_does(app: Flask, issuer: Issuer, ada: Any, queries: Queries) -> None:
    token = issuer.access_token(ada)
    with queries:
        ask(app, token, path="/v7.1/remoteconnection/?offset=0")

    assert len(queries) == 2, queries


@pytest.mark.parametrize(
    "changed",
    [
        {"typ": "application/at+jwt"},
        {"typ": "AT+JWT"},
        {"aud": ["https://other.example/", "http://localhost:8000/v7.1/"]},
        {"jti": None, "client_id": None},
    ],
)
def test_what_the_standard_leaves_open_is_taken(app: Flask, issuer: Issuer, ada: Any, changed: dict[str, Any]) -> None:
    assert ask(app, issuer.access_token(ada, **changed)).status_code == 200


def test_a_name_of_null_is_none(app: Flask, issuer: Issuer, ada: Any) -> None:
    _, body, _ = issuer.access_token(ada).split(".")
    claims = json.loads(base64.urlsafe_b64decode(f"{body}==")) | {"sid": None}

    token = jwt.encode({"alg": "RS256", "kid": issuer.key.kid, "typ": "at+jwt"}, claims, issuer.key)

    assert ask(app, token).status_code == 200


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -20), ("iat", 20)])
def test_clocks_may_differ_a_little(app: Flask, issuer: Issuer, ada: Any, claim: str, seconds: int) -> None:
    assert ask(app, issuer.access_token(ada, **{claim: int(time.time()) + seconds})).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"typ": "logout+jwt"},
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "https://other.example/"},
        {"aud": "remote-connections"},
        {"aud": []},
        {"aud": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": float("nan")},
        {"iat": int(time.time()) + 3600},
        {"iat": None},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"sub": 7},
        {"sub": "ada\0"},
        {"sub": "someone-who-never-came"},
        {"act": {"sub": "a-service"}},
        {"kid": "unknown"},
        {"kid": None},
    ],
)
def test_a_claim_or_header_that_does_not_fit_is_refused(
    app: Flask, issuer: Issuer, ada: Any, changed: dict[str, Any]
) -> None:
    issuer.published.append(SECOND.as_dict(private=False))

    answer = ask(app, issuer.access_token(ada, **changed))

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_person_who_never_came_is_told_to_sign_in_once(app: Flask, issuer: Issuer) -> None:
    answer = ask(app, issuer.access_token(factories.User.build(subject="new")))

    assert answer.json["errors"] == ["This person is not known here yet. They must sign in to the dashboard once."]


def test_another_issuer_s_person_of_the_same_name_is_someone_else(app: Flask, issuer: Issuer) -> None:
    other = factories.User(issuer="https://other.example", subject="ada")

    assert ask(app, issuer.access_token(other)).status_code == 401


def test_a_signature_by_another_key_is_refused(app: Flask, issuer: Issuer, ada: Any) -> None:
    forger = RSAKey.generate_key(2048, {"kid": "first"})

    assert ask(app, issuer.access_token(ada, key=forger)).status_code == 401


def test_a_changed_claim_breaks_the_signature(app: Flask, issuer: Issuer, ada: Any) -> None:
    eve = factories.User(issuer=issuer.url, subject="eve")
    head, _, signature = issuer.access_token(eve).split(".")
    _, hers, _ = issuer.access_token(ada).split(".")

    assert ask(app, f"{head}.{hers}.{signature}").status_code == 401


def test_a_token_without_a_signature_is_refused(app: Flask, issuer: Issuer, ada: Any) -> None:
    head, body, _ = issuer.access_token(ada).split(".")
    none = encoded(json.dumps({"alg": "none", "typ": "at+jwt"}).encode())

    assert ask(app, f"{none}.{body}.").status_code == 401
    assert ask(app, f"{head}.{body}.").status_code == 401
    assert issuer.key_requests <= 1


@pytest.mark.parametrize("secret", ["client secret", "public key"])
def test_a_symmetric_signature_is_refused_whatever_its_secret(
    app: Flask, issuer: Issuer, ada: Any, secret: str
) -> None:
    known = {"client secret": app.config["OIDC_CLIENT_SECRET"].encode(), "public key": issuer.key.as_pem(private=False)}
    head = encoded(json.dumps({"alg": "HS256", "kid": "first", "typ": "at+jwt"}).encode())
    body = issuer.access_token(ada).split(".")[1]
    signature = encoded(hmac.digest(known[secret], f"{head}.{body}".encode(), "sha256"))
    issuer.published.append({"kty": "oct", "kid": "first", "k": encoded(known[secret])})

    assert ask(app, f"{head}.{body}.{signature}").status_code == 401


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (RSAKey.generate_key(2048, {"kid": "rsa"}), "PS256"),
        (ECKey.generate_key("P-256", {"kid": "ec"}), "ES256"),
        (OKPKey.generate_key("Ed25519", {"kid": "ed"}), "Ed25519"),
    ],
)
def test_other_asymmetric_algorithms_are_taken(app: Flask, issuer: Issuer, ada: Any, key: Any, alg: str) -> None:
    issuer.published.append(key.as_dict(private=False))

    assert ask(app, issuer.access_token(ada, key=key, alg=alg)).status_code == 200


def test_a_key_for_encryption_or_of_an_unknown_kind_is_passed_over(app: Flask, issuer: Issuer, ada: Any) -> None:
    issuer.published[:0] = [{"kty": "AKP", "kid": "x"}, {"kty": "EC", "crv": "none"}]
    secret = RSAKey.generate_key(2048, {"kid": "enc", "use": "enc"})
    issuer.published.append(secret.as_dict(private=False))

    assert ask(app, issuer.access_token(ada)).status_code == 200
    signing = RSAKey.import_key(secret.as_dict(private=True) | {"use": "sig"})
    assert ask(app, issuer.access_token(ada, key=signing)).status_code == 401


@pytest.mark.parametrize(("scope", "status"), [(READ, 200), ("openid profile", 403), (None, 403), (["x"], 403)])
def test_scopes_are_ours_or_nothing(app: Flask, issuer: Issuer, ada: Any, scope: Any, status: int) -> None:
    token = issuer.access_token(ada, scope=scope)

    assert ask(app, token).status_code == status
    assert ask(app, token, "DELETE", "/v7.1/remoteconnection/1/").status_code == 403


def test_a_new_key_is_found_and_unknown_ones_ask_the_issuer_once_only(app: Flask, issuer: Issuer, ada: Any) -> None:
    assert ask(app, issuer.access_token(ada)).status_code == 200
    fresh = RSAKey.generate_key(2048, {"kid": "fresh"})
    issuer.published = [fresh.as_dict(private=False)]

    assert ask(app, issuer.access_token(ada, key=fresh)).status_code == 200
    for _ in range(5):
        assert ask(app, issuer.access_token(ada, kid="made-up")).status_code == 401
    assert issuer.key_requests == 2


def test_while_the_issuer_is_down_the_answer_says_so(app: Flask, issuer: Issuer, ada: Any) -> None:
    issuer.up = False

    answer = ask(app, issuer.access_token(ada))

    assert answer.status_code == 503
    assert "identity provider" in answer.json["errors"][0]
    assert int(answer.headers["Retry-After"]) > 0


def test_keys_are_fetched_anew_after_an_hour_and_kept_while_the_issuer_is_down() -> None:
    first, second = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("first", "second"))
    answers: list[Any] = [[first], ProviderDown(), [second], ProviderDown()]

    def fetch() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    now = [0.0]
    keys = IssuerKeys(fetch, clock=lambda: now[0])
    hour = issuer_keys.KEEP_SECONDS

    def at(moment: float, kid: str) -> Any:
        now[0] = moment
        return keys.with_id(kid).keys

    assert at(0, "first") == [first]
    assert at(hour - 1, "first") == [first]
    assert at(hour, "first") == [first]
    with pytest.raises(InvalidToken):
        at(hour + issuer_keys.FAILURE_SECONDS, "first")
    later = hour + issuer_keys.FAILURE_SECONDS + issuer_keys.MISS_SECONDS
    with pytest.raises(InvalidToken):
        at(later - 1, "third")
    with pytest.raises(ProviderDown):
        at(later, "third")
    assert at(later, "second") == [second]
    assert answers == []


def test_an_issuer_that_hangs_holds_one_thread_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer_keys, "WAIT_SECONDS", 0.05)
    asked, over, now = Event(), Event(), [0.0]

    def fetch() -> Any:
        asked.set()
        over.wait(10)
        now[0] += 10
        raise ProviderDown

    keys = IssuerKeys(fetch, clock=lambda: now[0])
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(keys.with_id, "made-up")
        asked.wait(10)
        for _ in range(3):
            with pytest.raises(ProviderDown):
                keys.with_id("made-up")
        assert not first.done(), "nobody waited for it"
        over.set()
        assert isinstance(first.exception(), ProviderDown)
    asked.clear()
    with pytest.raises(ProviderDown):
        keys.with_id("made-up")
    assert not asked.is_set(), "it is left in peace for a while, from the end of the last try on"


def test_a_token_of_a_real_provider_works(
    app: Flask, openid_provider: OpenIDProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(app, monkeypatch, openid_provider.issuer)
    ada = factories.User(issuer=openid_provider.issuer, subject="ada")
    audience = app.config["OIDC_API_AUDIENCE"]

    token = openid_provider.access_token("ada", resource=audience, scope=READ)
    elsewhere = openid_provider.access_token("ada", resource="https://other.example/v7.1/", scope=READ)

    assert ask(app, token).json["id"] == str(ada.id)
    assert ask(app, token, "DELETE", "/v7.1/remoteconnection/1/").status_code == 403
    assert ask(app, elsewhere).status_code == 401
