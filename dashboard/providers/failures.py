"""How talking to a third party fails: four kinds, and each gets its own answer.

The person must act (``GrantRefused``, ``NotShared``), the operator (``ClientRefused``), or nobody but the clock
(``Limited``, ``Unavailable``). ``said`` is what the provider said, cut short and free of tokens; ``seen`` is what we
saw wrong with its answer, in English, for logs and never as the provider's words.
"""

from __future__ import annotations

from datetime import timedelta

SAID_LENGTH = 200


class Failure(Exception):
    """Talking to a third party failed. ``code`` is a short code of ours; the message holds no secret."""

    code = "failed"

    def __init__(
        self, seen: str = "", *, said: str = "", code: str | None = None, wait: timedelta | None = None
    ) -> None:
        self.code = code or type(self).code
        self.seen = seen
        self.said = said
        self.wait = wait
        """How long the provider asks us to wait. None: it says nothing."""
        self.grant_left = False
        """A grant was given before it failed, and not given back: nobody here has it, and it may live on there."""
        super().__init__(": ".join(filter(None, (self.code, seen, said))))

    @property
    def short(self) -> str | None:
        """What the provider said, as it may be stored. None: nothing."""
        return self.said.replace("\0", "")[:SAID_LENGTH] or None


class GrantRefused(Failure):
    """The grant is dead: refused, revoked or expired for good (``invalid_grant``, RFC 6749 section 5.2).

    Codes: ``refused``; ``code_refused``, of an authorization code, so that there never was one.
    """

    code = "refused"


class AccessExpired(Failure):
    """A data call refused the access token. A refresh may mend it; where there is none, the grant is dead."""

    code = "access_expired"


class NotShared(Failure):
    """The grant is good, and the person has to do something at the provider.

    Codes: ``membership_ended``, ``no_profile``, ``consents_missing``, ``too_many_grants``, ``not_shared``.
    """

    code = "not_shared"


class ClientRefused(Failure):
    """The provider refuses us, not the person (``invalid_client``, an app that is not approved).

    Codes: ``client_refused``, ``no_credentials``, ``not_approved``.
    """

    code = "client_refused"


class Limited(Failure):
    """The provider's rate limit is spent. ``wait`` if it says how long."""

    code = "rate_limited"


class Unavailable(Failure):
    """It is down, slow, or answers in a way nobody can read. Try again later.

    Codes: ``timeout``, ``unreachable``, ``server_error``, ``odd_answer``, ``too_large``.
    """

    code = "server_error"


UNANSWERED = frozenset({"timeout", "unreachable"})
"""Codes of a provider that did not answer at all. It may have done what it was asked, or do it yet."""


class NotGenuine(Failure):
    """A webhook call that did not come from the provider, as far as it shows."""

    code = "not_genuine"


_BY_CODE: dict[str, type[Failure]] = {
    "refused": GrantRefused,
    "code_refused": GrantRefused,
    "access_expired": AccessExpired,
    "not_shared": NotShared,
    "membership_ended": NotShared,
    "no_profile": NotShared,
    "consents_missing": NotShared,
    "too_many_grants": NotShared,
    "client_refused": ClientRefused,
    "not_approved": ClientRefused,
    "no_credentials": ClientRefused,
    "rate_limited": Limited,
    "timeout": Unavailable,
    "unreachable": Unavailable,
    "server_error": Unavailable,
    "odd_answer": Unavailable,
    "too_large": Unavailable,
}
CODES = tuple(_BY_CODE)
"""Every code that a connection's failure can have."""


def failure(code: str, said: str = "", *, wait: timedelta | None = None) -> Failure:
    """The failure that a code stands for.

    :raises KeyError: there is no such code.
    """
    return _BY_CODE[code](said=said, code=code, wait=wait)
