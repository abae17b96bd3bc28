"""Misbehaviour on demand: which fault is switched on where, and for how many more requests."""

from dataclasses import dataclass, field
from typing import Any

KINDS = ("authorize", "token", "refresh", "account", "data", "revoke", "subscribe")
"""The kinds of endpoints. ``token`` is the exchange of a code; ``account`` is whatever comes with a new grant;
``subscribe`` asks for notices."""

FAULTS: dict[str, dict[str, Any]] = {
    "refuse": {"error": "access_denied"},
    "limit": {"retry_after": None},
    "error": {"status": 500},
    "hang": {"seconds": 30},
    "drop": {},
    "lost": {},
    "truncate": {},
    "wrong_type": {},
    "huge": {"megabytes": 64},
    "redirect": {"to": "http://localhost:9/elsewhere"},
    "client": {},
    "grant": {},
    "expired": {},
    "not_shared": {},
    "not_approved": {},
    "said": {},
    "duplicate": {},
    "late": {"minutes": 60},
    "clock": {"minutes": 10},
    "enforce": {},
}
"""Each fault with its parameters and what they are unless told.

``refuse``: the person refuses consent. ``limit``: too many requests, in the third party's words. ``error``: a status of
the server's own trouble. ``hang``: the answer comes so many seconds late. ``drop``: no answer, nothing done. ``lost``:
no answer, but it was done. ``truncate``, ``wrong_type``, ``huge``: it was done, the answer is spoilt. ``redirect``:
elsewhere. ``client``: our credentials are refused. ``grant``: the grant is refused though it is good (an outage).
``expired``: the access token is refused though it is good. ``not_shared``: the grant is good, the person must act
there. ``not_approved``: the app is not approved. ``said``: a success whose body says error. ``duplicate``: each record
twice. ``late``: records are known so many minutes later. ``clock``: its clock is so many minutes ahead. ``enforce``:
the documented rate limits count for real.
"""

ASKED_BY_US = KINDS[1:]
NARROW = {
    "refuse": ("authorize",),
    "client": ("token", "refresh"),
    "grant": ("refresh",),
    "expired": ("data",),
    "not_shared": ("data",),
    "not_approved": ("data",),
}
"""Where a fault is on unless told. The others: wherever the app asks, which the consent page is not."""


@dataclass
class Fault:
    """A fault that is switched on."""

    name: str
    on: tuple[str, ...] = KINDS
    times: int | None = None
    """For how many more requests. None: until it is switched off."""
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, name: str, wanted: Any) -> "Fault":
        """A fault as a control call asks for it: ``true``, or an object of ``on``, ``times`` and its parameters.

        :raises ValueError: there is no such fault, parameter or kind of endpoint.
        """
        if name not in FAULTS:
            raise ValueError(f"There is no fault {name!r}, but: {', '.join(FAULTS)}.")
        given = {} if wanted is True else dict(wanted)
        on = given.pop("on", None) or NARROW.get(name, ASKED_BY_US)
        on = (on,) if isinstance(on, str) else tuple(on)
        times = given.pop("times", None)
        if unknown := sorted({*given} - {*FAULTS[name]}) + sorted({*on} - {*KINDS}):
            raise ValueError(f"The fault {name!r} knows no {', '.join(unknown)}.")
        return cls(name, on, times, FAULTS[name] | given)


class Faults:
    """The faults of one third party."""

    def __init__(self) -> None:
        self.all: dict[str, Fault] = {}

    def switch(self, name: str, wanted: Any) -> None:
        """Switch a fault on as asked, or off (false or None)."""
        if wanted is None or wanted is False:
            self.all.pop(name, None)
        else:
            self.all[name] = Fault.read(name, wanted)

    def take(self, *names: str, kind: str) -> Fault | None:
        """The first of these faults that is on for a request of this kind; it counts as one time."""
        for name in names:
            fault = self.all.get(name)
            if fault and kind in fault.on:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        del self.all[name]
                return fault
        return None

    def value(self, name: str, key: str) -> float:
        """A parameter of a standing fault; 0 while it is off."""
        fault = self.all.get(name)
        return float(fault.values[key]) if fault else 0.0
