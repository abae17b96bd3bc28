"""Settings that are wrong alone: the start says of each what it must be, in one sentence that tells no secret."""

from pathlib import Path

import pytest

import config
from tests.test_settings import SERVED

SECRET = "hidden"
PORT = "names a port that is no whole number from 1 to 65535"
RATE = "is a number and a time, such as 600 per minute"
HOSTS = "has names of hosts, comma-separated, without https:// or a path"
STORAGE = "is memory://, redis://user:password@host:6379/0, or rediss://… for TLS"


def load(name: str, value: str) -> object:
    return config.load(SERVED | {"MAIL_FROM": "no-reply@example.org", name: value})[name]


def refused(name: str, value: str) -> str:
    """What is said of the value, after the setting's name."""
    with pytest.raises(config.WrongSettings) as wrong:
        load(name, value)
    [sentence] = wrong.value.sentences
    assert sentence.startswith(f"{name} ")
    assert SECRET not in sentence
    return sentence.removeprefix(f"{name} ")


@pytest.mark.parametrize("name", ["API_RATE_LIMIT", "LOGIN_RATE_LIMIT"])
@pytest.mark.parametrize("value", ["lots", "30", "0 per minute", "30 per fortnight", "30 per minute; lots"])
def test_a_limit_that_cannot_be_counted_is_refused(name: str, value: str) -> None:
    assert refused(name, value).startswith(RATE)


@pytest.mark.parametrize("value", ["30 per minute", "5/second", "10 per second; 600 per 2 hours"])
def test_a_limit_may_be_several(value: str) -> None:
    assert load("LOGIN_RATE_LIMIT", value) == value


@pytest.mark.parametrize("value", ["rediz://:hidden@host", "memcached://host", "memory", "async+redis://host", SECRET])
def test_counts_live_in_the_process_or_in_a_redis(value: str) -> None:
    assert refused("RATE_LIMIT_STORAGE", value).startswith(STORAGE)


@pytest.mark.parametrize("value", ["memory://", "redis://:hidden@host:6379/0", "rediss://host"])
def test_where_counts_may_live(value: str) -> None:
    assert load("RATE_LIMIT_STORAGE", value) == value


@pytest.mark.parametrize("port", ["abc", "70000", "0", "-1"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "https://connections.example.org:{}"),
        ("OIDC_ISSUER", "https://id.example.org:{}/realm"),
        ("DATABASE_URL", "postgresql+psycopg://rc:hidden@host:{}/rc"),
        ("SMTP_URL", "smtp://rc:hidden@host:{}"),
        ("RATE_LIMIT_STORAGE", "redis://:hidden@host:{}/0"),
        ("AUDIT_WEBHOOK", "https://rc:hidden@host:{}/checkpoints"),
    ],
)
def test_a_port_that_cannot_be_one_is_refused(name: str, value: str, port: str) -> None:
    assert refused(name, value.format(port)).startswith(PORT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_URL", "smtp://rc:hidd/hidden@host:587"),
        ("DATABASE_URL", "postgresql+psycopg://rc:hid@hidden:x@host/rc"),
        ("RATE_LIMIT_STORAGE", "redis://:hidd/hidden@host/0"),
    ],
)
def test_a_password_that_looks_like_a_port_is_explained(name: str, value: str) -> None:
    assert "signs with a meaning in URLs, such as / or @, must be percent-encoded" in refused(name, value)


@pytest.mark.parametrize("password", ["hidden[", "[hidden]", "hidden℀"])
def test_a_password_that_makes_it_no_url_is_not_told(password: str) -> None:
    assert refused("SMTP_URL", f"smtp://rc:{password}@host").startswith("is smtp://user:password@host:587")


def test_a_relative_path_of_a_database_is_refused() -> None:
    assert refused("DATABASE_URL", "sqlite:///rc.db").startswith("names a relative path")


def test_a_database_where_nobody_can_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in-the-way").touch()

    said = refused("DATABASE_URL", f"sqlite:///{tmp_path}/in-the-way/rc.db")

    assert said == f"names a file in {tmp_path}/in-the-way, which can't be written; give it to the user that runs this."


@pytest.mark.parametrize("value", ["sqlite://", "sqlite:///{}/rc.db", "sqlite:///{}/not-yet/rc.db"])
def test_a_database_that_can_be_made_is_taken(value: str, tmp_path: Path) -> None:
    assert load("DATABASE_URL", value.format(tmp_path)) == value.format(tmp_path)


@pytest.mark.parametrize(
    "value", ["https://lb.example.org", "lb.example.org/", "one.example two.example", "*.example.org", "one..example"]
)
def test_a_host_that_no_request_carries_is_refused(value: str) -> None:
    assert refused("TRUSTED_HOSTS", value).startswith(HOSTS)


@pytest.mark.parametrize("value", ["", "lb.example.org, 10.0.0.7", ".example.org", "localhost:8000", "grüße.example"])
def test_hosts_are_names_or_addresses(value: str) -> None:
    assert load("TRUSTED_HOSTS", value) is not None


@pytest.mark.parametrize("value", ["profile email", "openid,profile,email"])
def test_scopes_that_make_no_login_are_refused(value: str) -> None:
    assert refused("OIDC_SCOPES", value).startswith("needs openid among them, and blanks between them")
