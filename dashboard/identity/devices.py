"""Which browser on which system a login came from, read from its user agent (RFC 9110 §10.1.5)."""

from dataclasses import dataclass
from functools import lru_cache

from ua_parser import parse

PLAIN = {
    "Mac OS X": "macOS",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "IE": "Internet Explorer",
}
VARIANTS = (" Mobile", " iOS", " WebView")


@dataclass(frozen=True, slots=True)
class Device:
    """A browser and its system by their usual names. None: it does not say."""

    browser: str | None
    system: str | None


@lru_cache(maxsize=1024)
def read(user_agent: str) -> Device:
    """What a user agent says of itself. It may lie; nothing but words may depend on it."""
    found = parse(user_agent)
    return Device(
        browser=_plain(found.user_agent.family) if found.user_agent else None,
        system=_plain(found.os.family) if found.os else None,
    )


def _plain(family: str) -> str | None:
    """ "Chrome Mobile" is Chrome to its person, and "Mac OS X" has long been macOS."""
    if family in PLAIN:
        return PLAIN[family]
    for variant in VARIANTS:
        family = family.removesuffix(variant)
    return family if family != "Other" else None
