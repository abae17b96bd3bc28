"""The control panel's words for faults, endpoints and happenings."""

from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from demo.providers.life import What


class FaultWords(NamedTuple):
    """What a fault is called, what it does, and what its number means, if it has one."""

    name: object
    does: object
    number: object | None = None
    key: str = ""
    usual: int = 0


FAULTS = {
    "refuse": FaultWords(_l("Consent refused"), _l("The next person says no on the consent page, without seeing it.")),
    "grant": FaultWords(_l("Refresh refused"), _l("A good refresh token is refused, as in some outages.")),
    "expired": FaultWords(_l("Access refused"), _l("A good access token is refused.")),
    "client": FaultWords(_l("Client refused"), _l("The client id and secret are refused.")),
    "not_shared": FaultWords(_l("Not shared"), _l("The permission is good, but the person must act here first.")),
    "not_approved": FaultWords(_l("App not approved"), _l("The app is not approved by the service.")),
    "limit": FaultWords(
        _l("Too many requests"), _l("The rate limit is spent."), _l("Seconds to wait"), "retry_after", 60
    ),
    "error": FaultWords(_l("Server error"), _l("The service has trouble of its own."), _l("Status"), "status", 500),
    "hang": FaultWords(_l("Slow"), _l("The answer comes late."), _l("Seconds"), "seconds", 30),
    "drop": FaultWords(_l("No answer"), _l("The line is cut, and nothing was done.")),
    "lost": FaultWords(_l("Answer lost"), _l("It is done, but the line is cut before the answer.")),
    "truncate": FaultWords(_l("Half an answer"), _l("It is done, but the answer breaks off.")),
    "wrong_type": FaultWords(_l("A page instead"), _l("It is done, but a web page comes back.")),
    "huge": FaultWords(
        _l("Endless answer"), _l("It is done, but far too much comes back."), _l("Megabytes"), "megabytes", 64
    ),
    "redirect": FaultWords(_l("Sent elsewhere"), _l("The app is sent to another address.")),
    "said": FaultWords(_l("Error in a success"), _l("The status says success, the body says error.")),
    "duplicate": FaultWords(_l("Records twice"), _l("Each record is listed twice.")),
    "late": FaultWords(_l("Records late"), _l("Records are known later."), _l("Minutes"), "minutes", 60),
    "clock": FaultWords(_l("Clock ahead"), _l("Its clock is ahead."), _l("Minutes"), "minutes", 10),
    "enforce": FaultWords(_l("Rate limits for real"), _l("The documented limits count for real.")),
}
KINDS = {
    "token": _l("Connecting"),
    "refresh": _l("Refreshing"),
    "account": _l("Asking whose account it is"),
    "data": _l("Reading records"),
    "revoke": _l("Revoking"),
}
HAPPENINGS = {
    What.DAY: _l("A day of steps"),
    What.NIGHT: _l("A night"),
    What.WORKOUT: _l("A workout"),
    What.WEIGHT: _l("A weight"),
    What.PULSE: _l("A heart rate"),
    What.PRESSURE: _l("A blood pressure"),
    What.GLUCOSE: _l("A glucose value"),
}
