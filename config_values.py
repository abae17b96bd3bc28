"""How the text of a setting becomes its value. A ValueError says what it must be, to follow the setting's name."""

import os
import re
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet
from limits import parse_many
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent
MAKE_KEY = "python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HIGHEST_PORT = 65535
PORT = f"names a port that is no whole number from 1 to {HIGHEST_PORT}"
ENCODED = "in name and password, signs with a meaning in URLs, such as / or @, must be percent-encoded"
HOST = re.compile(r"\.?[\w-]+(\.[\w-]+)*(:\d+)?")


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


def _split(value: str, *, hint: str = "") -> SplitResult:
    """The parts of a URL; those of an empty one if it is none. What Python says of it would tell its password.

    :param hint: what to say, besides, of a port that can't be one.
    """
    try:
        url = urlsplit(value)
    except ValueError:
        return urlsplit("")
    try:
        port = url.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(f"{PORT}; {hint}" if hint else PORT)
    return url


def origin(value: str) -> str:
    """Scheme and host that people open."""
    url = _split(value.rstrip("/"))
    if url.scheme not in {"http", "https"} or not url.hostname or url.path or url.query or url.fragment or url.username:
        raise ValueError("is the address people open, without a path, such as https://connections.example.org")
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ValueError("needs https, except on localhost: sign-in cookies must not travel in the clear")
    return value.rstrip("/")


def issuer(value: str) -> str:
    """An OpenID Provider's issuer URL."""
    url = _split(value)
    if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
        raise ValueError("is the provider's issuer URL, as its discovery document spells it")
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ValueError("needs https, except on localhost")
    return value


def link(value: str) -> str:
    """Where a link leads. Empty: nowhere."""
    url = _split(value)
    if (
        value
        and not (value.startswith("/") and not value.startswith("//"))
        and url.scheme not in {"https", "http", "mailto"}
    ):
        raise ValueError("is a path such as /docs/, an http(s) URL or a mailto: address")
    return value


def webhook(value: str) -> str:
    """An address that gets what we send. Empty: nobody."""
    url = _split(value)
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
    except ValueError:
        raise ValueError(f"{PORT}; {ENCODED}") from None
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise ValueError("starts with sqlite:/// or postgresql+psycopg://")
    if url.port is not None and not 0 < url.port <= HIGHEST_PORT:
        raise ValueError(f"{PORT}; {ENCODED}")
    if url.drivername == "sqlite" and url.database and url.database != ":memory:":
        _check_file(Path(url.database))
    return value


def _check_file(file: Path) -> None:
    """Whether SQLite can write into the folder, where a transaction needs files of its own. Both may be missing yet."""
    if not file.is_absolute():
        raise ValueError("names a relative path; an absolute one makes four slashes: sqlite:////var/lib/rc/rc.db")
    folder = file.parent
    if folder.exists() and not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise ValueError(f"names a file in {folder}, which can't be written; give it to the user that runs this")


def hosts(value: str) -> str:
    """Names of hosts. Empty: none."""
    for host in filter(None, map(str.strip, value.split(","))):
        try:
            host.lstrip(".").encode("idna")
        except UnicodeError:
            host = ""
        if not HOST.fullmatch(host):
            raise ValueError(
                "has names of hosts, comma-separated, without https:// or a path, such as lb.example.org, 10.0.0.7"
            )
    return value


def scopes(value: str) -> str:
    """Scopes of a login, which is one only with ``openid`` (OpenID Connect Core §3.1.2.1)."""
    if "openid" not in value.split():
        raise ValueError("needs openid among them, and blanks between them, such as: openid profile email")
    return value


def rate(value: str) -> str:
    """How often one may ask, in the words of the library that counts."""
    try:
        some = parse_many(value)
    except ValueError:
        some = []
    if not some or any(each.amount < 1 for each in some):
        raise ValueError("is a number and a time, such as 600 per minute, or several: 10 per second; 600 per hour")
    return value


def counts(value: str) -> str:
    """Where requests are counted: in the process, or in a Redis."""
    url = _split(value, hint=ENCODED)
    if value != "memory://" and url.scheme not in {"redis", "rediss"}:
        raise ValueError("is memory://, redis://user:password@host:6379/0, or rediss://… for TLS")
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
    url = _split(value, hint=ENCODED)
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
    if value and _split(value).hostname not in LOOPBACK:
        raise ValueError("is an address on localhost, or empty: it is for trying things out")
    return value
