"""How the text of a setting becomes its value. A ValueError says what it must be, to follow the setting's name."""

from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent
MAKE_KEY = "python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def text(value: str) -> str:
    """Any text."""
    return value


def secret(value: str) -> str:
    """A secret that nobody guesses."""
    if len(value) < 32:
        raise ValueError(
            "needs at least 32 characters; make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return value


def token(value: str) -> str:
    """What a program carries to be let in, in a header. Empty: nobody is."""
    if value and (len(value) < 20 or not value.isascii() or not value.isprintable() or " " in value):
        raise ValueError(
            "has 20 plain letters, digits and signs at least, or is empty; make one with: "
            "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return value


def flag(value: str) -> bool:
    """Yes or no."""
    if value not in {"0", "1"}:
        raise ValueError("is 0 or 1")
    return value == "1"


def number(least: int, most: int) -> Callable[[str], int]:
    """A reader for a whole number within bounds."""

    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"is a whole number from {least} to {most}")
        return int(value)

    return parse


def origin(value: str) -> str:
    """Scheme and host that people open."""
    url = urlsplit(value.rstrip("/"))
    if url.scheme not in {"http", "https"} or not url.hostname or url.path or url.query or url.fragment or url.username:
        raise ValueError("is the address people open, without a path, such as https://connections.example.org")
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ValueError("needs https, except on localhost: sign-in cookies must not travel in the clear")
    return value.rstrip("/")


def issuer(value: str) -> str:
    """An OpenID Provider's issuer URL."""
    url = urlsplit(value)
    if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
        raise ValueError("is the provider's issuer URL, as its discovery document spells it")
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ValueError("needs https, except on localhost")
    return value


def link(value: str) -> str:
    """Where a link leads. Empty: nowhere."""
    url = urlsplit(value)
    if (
        value
        and not (value.startswith("/") and not value.startswith("//"))
        and url.scheme not in {"https", "http", "mailto"}
    ):
        raise ValueError("is a path such as /docs/, an http(s) URL or a mailto: address")
    return value


def webhook(value: str) -> str:
    """An address that gets what we send. Empty: nobody."""
    url = urlsplit(value)
    if value and (url.scheme not in {"https", "http"} or not url.hostname or url.fragment):
        raise ValueError("is an https URL, or empty")
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ValueError("needs https, except on localhost")
    return value


def database(value: str) -> str:
    """A database's URL."""
    try:
        url = make_url(value)
    except ArgumentError:
        raise ValueError(
            "is a URL such as sqlite:////var/lib/rc/rc.db or postgresql+psycopg://user@host/name"
        ) from None
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise ValueError("starts with sqlite:/// or postgresql+psycopg://")
    return value


def keys(value: str) -> tuple[str, ...]:
    """Keys of Fernet, the newest first."""
    keys = tuple(key.strip() for key in value.split(",") if key.strip())
    if not keys:
        raise ValueError("needs one key at least")
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ValueError(f"has keys of 32 bytes in URL-safe base64; make one with: {MAKE_KEY}") from None
    return keys


def one_of(*words: str) -> Callable[[str], str]:
    """A reader for one of a few words."""

    def parse(value: str) -> str:
        if value not in words:
            raise ValueError(f"is one of: {', '.join(words)}")
        return value

    return parse


def level(value: str) -> str:
    """A level of the log."""
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("is DEBUG, INFO, WARNING or ERROR")
    return value.upper()


def smtp(value: str) -> str:
    """A mail server's URL. Empty: none."""
    url = urlsplit(value)
    if value and (url.scheme not in {"smtp", "smtps"} or not url.hostname or url.path.strip("/") or url.query):
        raise ValueError("is smtp://user:password@host:587, smtps://… for TLS from the start, or empty")
    return value


def sender(value: str) -> str:
    """A mail address, with or without a name."""
    if value and (not parseaddr(value)[1].count("@") == 1 or any(letter in value for letter in "\r\n")):
        raise ValueError("is a mail address, with or without a name")
    return value


def folder(value: str) -> str:
    """A folder; a relative one stands in that of the app."""
    return str(ROOT / value)


def simulated(value: str) -> str:
    """An address on this computer. Empty: none."""
    if value and urlsplit(value).hostname not in LOOPBACK:
        raise ValueError("is an address on localhost, or empty: it is for trying things out")
    return value
