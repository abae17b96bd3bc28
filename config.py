"""Every setting: its name, default and meaning. Read from the environment, checked at start.

With ``DEMO=1`` every setting has a value that suits a laptop. Without it, what has no safe default must be set, and
the values of the demo are refused: they are public.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import config_values as to
from config_values import LOOPBACK, ROOT


class WrongSettings(Exception):
    """The environment can't be used as it is. ``sentences`` has one for each wrong setting."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. ``default`` None: it must be set. ``demo``: its value with DEMO=1. ``private``: never printed."""

    name: str
    meaning: str
    parse: Callable[[str], Any] = to.text
    default: str | None = None
    demo: str | None = None
    private: bool = False


SETTINGS = (
    Setting("DEMO", "1 runs the local demo: a value for every setting, on localhost only", to.flag, "0"),
    Setting(
        "SECRET_KEY",
        "keys the hashes of login sessions; changing it signs everybody out",
        to.secret,
        demo="demo-secret-key-known-to-everybody-0000",
        private=True,
    ),
    Setting("PUBLIC_URL", "the address people open, without a path", to.origin, demo="http://localhost:8000"),
    Setting("TRUSTED_HOSTS", "further names that requests may carry in Host, comma-separated", to.hosts, ""),
    Setting(
        "TRUSTED_PROXIES", "how many proxies stand in front and set X-Forwarded-For and -Proto", to.number(0, 10), "0"
    ),
    Setting(
        "DATABASE_URL",
        "sqlite:///… or postgresql+psycopg://…",
        to.database,
        demo=f"sqlite:///{ROOT}/instance/demo.db",
        private=True,
    ),
    Setting("OIDC_ISSUER", "the OpenID Provider's issuer URL", to.issuer, demo="http://localhost:8001"),
    Setting("OIDC_CLIENT_ID", "our client id there", demo="remote-connections"),
    Setting(
        "OIDC_CLIENT_SECRET", "our client secret there", demo="demo-client-secret-known-to-everybody", private=True
    ),
    Setting("OIDC_NAME", "what people call the provider at sign-in; empty: its host", default="", demo="Northlake"),
    Setting("OIDC_SCOPES", "scopes of the login, separated by spaces", to.scopes, "openid profile email"),
    Setting(
        "OIDC_ROLES_CLAIM",
        "the claim that lists a person's roles or groups; empty: roles by command only",
        default="",
        demo="roles",
    ),
    Setting("OIDC_SUPPORT_VALUE", "the value in it that makes a person support staff", default="support"),
    Setting("OIDC_ADMIN_VALUE", "the value in it that makes a person an administrator", default="admin"),
    Setting(
        "OIDC_API_AUDIENCE",
        "the audience (aud) that JWT access tokens for the API carry; empty: PUBLIC_URL/v7.1/",
        default="",
    ),
    Setting(
        "TOKEN_ENCRYPTION_KEYS",
        "keys that encrypt provider tokens, comma-separated, newest first",
        to.keys,
        demo="ZGVtby1rZXkta25vd24tdG8tZXZlcnlib2R5LS0tLS0=",
        private=True,
    ),
    Setting("DOCUMENTATION_URL", "the API's documentation link", to.link, "/docs/"),
    Setting("OPERATOR_NAME", "who runs this, for the foot of each page", default="", demo="Northlake Fitness"),
    Setting(
        "HELP_URL", "where people find help: a URL or mailto:; empty: no link", to.link, "", "mailto:help@demo.test"
    ),
    Setting("PRIVACY_URL", "your privacy notice; empty: no link", to.link, ""),
    Setting("SESSION_IDLE_HOURS", "a login ends after so many hours without a visit", to.number(1, 8760), "336"),
    Setting("SESSION_MAX_DAYS", "a login ends after so many days in any case", to.number(1, 365), "90"),
    Setting("MAX_REQUEST_KB", "the largest request body, in kilobytes", to.number(16, 102400), "1024"),
    Setting("API_RATE_LIMIT", "requests an API token or address may make", to.rate, "600 per minute"),
    Setting("LOGIN_RATE_LIMIT", "logins an address may begin", to.rate, "30 per minute"),
    Setting(
        "RATE_LIMIT_STORAGE",
        "where the counts live: memory:// (each process its own) or redis://…",
        to.counts,
        "memory://",
        private=True,
    ),
    Setting(
        "SUPPORT_ACCESS_MINUTES",
        "how long support may look through a person's eyes; 0: not at all",
        to.number(0, 240),
        "30",
    ),
    Setting(
        "SUPPORT_CONSENT",
        "whether support may look where a person chose nothing: always, ask or never",
        to.one_of("always", "ask", "never"),
        "always",
    ),
    Setting(
        "SUPPORT_ACCESSES_PER_HOUR",
        "how many accesses one member of staff may begin in an hour",
        to.number(1, 1000),
        "20",
    ),
    Setting(
        "SUPPORT_FRESH_LOGIN_MINUTES",
        "support proves anew who they are before looking, if it is longer ago; 0: never",
        to.number(0, 1440),
        "0",
    ),
    Setting("SUPPORT_SHOWS_NAMES", "1 tells people which member of the team looked, 0 says “Support”", to.flag, "1"),
    Setting(
        "AUDIT_WEBHOOK", "who gets the checkpoints of the log, by POST; empty: nobody", to.webhook, "", private=True
    ),
    Setting(
        "AUDIT_RETENTION_DAYS", "what “audit prune” removes from the log is older; 0: nothing", to.number(0, 36500), "0"
    ),
    Setting(
        "ENGINE",
        "who syncs: embedded (the web processes themselves) or workers (“flask worker” on PostgreSQL)",
        to.one_of("embedded", "workers"),
        "embedded",
    ),
    Setting("ENGINE_THREADS", "how many connections one process works on at a time", to.number(1, 64), "4"),
    Setting(
        "LEASE_SECONDS",
        "after how long another process takes over what one that died held, from 60 on",
        to.number(2, 3600),
        "300",
    ),
    Setting(
        "SMTP_URL", "the mail server, as smtp://user:password@host:587; empty: MAIL_FOLDER", to.smtp, "", private=True
    ),
    Setting(
        "MAIL_FROM",
        "the sender of mails, such as Northlake <no-reply@example.org>",
        to.sender,
        "",
        "no-reply@demo.test",
    ),
    Setting("MAIL_FOLDER", "where mails are written without SMTP_URL", to.folder, "instance/mails"),
    Setting("SIMULATED_PROVIDERS", "the demo's simulated third parties stand in for the real ones", to.simulated, ""),
    Setting(
        "METRICS_TOKEN",
        "what your monitoring carries to read /metrics/; empty: there are none",
        to.token,
        "",
        private=True,
    ),
    Setting("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR", to.level, "INFO"),
)


@dataclass(frozen=True, slots=True)
class ProviderSetting:
    """A setting that each connection type may have, as ``STRAVA_CLIENT_ID``."""

    suffix: str
    meaning: str
    parse: Callable[[str], Any] = to.text


PROVIDER_SETTINGS = (
    ProviderSetting("CLIENT_ID", "our client id at the provider; without it the type is not available"),
    ProviderSetting("CLIENT_SECRET", "our client secret there"),
    ProviderSetting("WEBHOOK_SECRET", "what the provider signs its notices with, where that is a secret of its own"),
    ProviderSetting("SUBSCRIPTION_KEY", "what Suunto wants on each data call"),
    ProviderSetting(
        "KEEP_DAYS", "how long records may stay by an agreement of your own; 0: without limit", to.number(0, 36500)
    ),
    ProviderSetting("KEEP_RECORDS", "1: by an agreement of your own, records may stay after a disconnect", to.flag),
)
TYPES = tuple(sorted(path.stem for path in (ROOT / "dashboard" / "providers" / "types").glob("*.toml")))


SHORTEST_LEASE = 60
"""Of LEASE_SECONDS outside of the demo: longer than a request to a provider may take."""


def load(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read and check all settings.

    :raises WrongSettings: with one sentence for each that is missing, malformed or unsafe.
    """
    demo = environ.get("DEMO", "0").strip() == "1"
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for setting in SETTINGS:
        try:
            values[setting.name] = _read(setting, environ, demo=demo)
        except ValueError as error:
            wrong.append(f"{setting.name} {error}.")
    values["PROVIDERS"], wrong_ones = _providers(environ)
    wrong += wrong_ones + _together(values)
    if wrong:
        raise WrongSettings(wrong)
    return values | _flask(values)


def _providers(environ: Mapping[str, str]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """What is set for each connection type, by key and suffix; and a sentence for each that is wrong."""
    found: dict[str, dict[str, Any]] = {}
    wrong = []
    for type in TYPES:
        for setting in PROVIDER_SETTINGS:
            name = f"{type.upper()}_{setting.suffix}"
            value = environ.get(name, "").strip()
            if not value:
                continue
            try:
                found.setdefault(type, {})[setting.suffix] = setting.parse(value)
            except ValueError as error:
                wrong.append(f"{name} {error}.")
    for type, values in found.items():
        wrong += [
            f"{type.upper()}_{missing} is missing: {type.upper()}_{given} needs it."
            for given, missing in (("CLIENT_ID", "CLIENT_SECRET"), ("CLIENT_SECRET", "CLIENT_ID"))
            if given in values and missing not in values
        ]
    return found, wrong


def _read(setting: Setting, environ: Mapping[str, str], *, demo: bool) -> Any:
    value = environ.get(setting.name, "").strip()
    if not value:
        fallback = setting.demo if demo and setting.demo is not None else setting.default
        if fallback is None:
            raise ValueError(f"is missing: {setting.meaning}")
        return setting.parse(fallback)
    if not demo and setting.private and value == setting.demo:
        raise ValueError("has the demo's value, which everybody knows; set one of your own")
    return setting.parse(value)


def _together(values: Mapping[str, Any]) -> list[str]:
    """What no setting alone can be wrong about."""
    public = values.get("PUBLIC_URL")
    wrong = []
    if values.get("DEMO") and public and urlsplit(public).hostname not in LOOPBACK:
        wrong.append("DEMO runs on localhost only: its secrets are known to everybody. Unset DEMO to serve PUBLIC_URL.")
    if values.get("ENGINE") == "workers" and not values.get("DATABASE_URL", "postgresql").startswith("postgresql"):
        wrong.append("ENGINE is workers, which needs PostgreSQL: change DATABASE_URL, or leave ENGINE embedded.")
    if values.get("SIMULATED_PROVIDERS") and not values.get("DEMO"):
        wrong.append("SIMULATED_PROVIDERS is for the demo only: unset it, or set DEMO=1.")
    if values.get("LEASE_SECONDS", SHORTEST_LEASE) < SHORTEST_LEASE and not values.get("DEMO"):
        wrong.append(
            f"LEASE_SECONDS is a whole number from {SHORTEST_LEASE} to 3600: a provider may take half a minute to"
            " answer, and who waits for it must not lose the lease. Less is for the demo only."
        )
    if values.get("SMTP_URL") and not values.get("MAIL_FROM"):
        wrong.append("MAIL_FROM is missing: with SMTP_URL, mails need a sender.")
    return wrong


def _flask(values: Mapping[str, Any]) -> dict[str, Any]:
    """The names that Flask and its extensions read."""
    public = urlsplit(values["PUBLIC_URL"])
    hosts = [host.strip() for host in values["TRUSTED_HOSTS"].split(",") if host.strip()]
    return {
        "SQLALCHEMY_DATABASE_URI": values["DATABASE_URL"],
        "TRUSTED_HOSTS": [public.hostname, *hosts],
        "MAX_CONTENT_LENGTH": values["MAX_REQUEST_KB"] * 1024,
        "MAX_FORM_MEMORY_SIZE": min(values["MAX_REQUEST_KB"], 512) * 1024,
        "OIDC_NAME": values["OIDC_NAME"] or urlsplit(values["OIDC_ISSUER"]).hostname,
        "OIDC_API_AUDIENCE": values["OIDC_API_AUDIENCE"] or values["PUBLIC_URL"] + "/v7.1/",
        "SECURE": public.scheme == "https",
        "RATELIMIT_STORAGE_URI": values["RATE_LIMIT_STORAGE"],
        "JSON_SORT_KEYS": False,
    }
