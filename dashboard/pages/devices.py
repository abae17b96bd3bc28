"""Devices in words: "Firefox on Linux"."""

from flask_babel import gettext as _

from dashboard.identity import devices


def device(user_agent: str) -> str:
    """Browser and system of a user agent, as far as it says them."""
    found = devices.read(user_agent)
    if found.browser and found.system:
        return str(_("%(browser)s on %(system)s", browser=found.browser, system=found.system))
    if found.system:
        return str(_("A browser on %(system)s", system=found.system))
    return found.browser or str(_("Unknown device"))
