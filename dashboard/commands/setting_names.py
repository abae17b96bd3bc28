"""Settings of connection types whose names are misspelt: nothing would ever read them."""

from collections.abc import Iterable
from difflib import get_close_matches

import config as settings_of
from dashboard.commands.findings import Finding, trouble

CLOSE = 0.85
"""How alike two names must be, from 0 to 1, that one is a slip of the other."""


def misspelt(names: Iterable[str]) -> list[Finding]:
    """One finding for each name that is almost that of a provider's setting, and is none of ours.

    :param names: of environment variables.
    """
    suffixes = [each.suffix for each in settings_of.PROVIDER_SETTINGS]
    known = [f"{type.upper()}_{suffix}" for type in settings_of.TYPES for suffix in suffixes]
    others = {each.name for each in settings_of.SETTINGS}
    found = []
    for name in sorted(set(names) - others - set(known)):
        if right := get_close_matches(name, known, n=1, cutoff=CLOSE):
            found.append(trouble(name, f"is no setting; did you mean {right[0]}? Rename or unset it."))
    return found
