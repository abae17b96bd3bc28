"""What an answer means: good, or one of the failures. The type's own rules come first, then the standards."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from dashboard.providers import paths
from dashboard.providers.connection_type import ConnectionType
from dashboard.providers.failures import Failure, failure
from dashboard.providers.http import Answer
from dashboard.providers.ways import LimitAnswer, Rule

TOKEN_CALLS = ("code", "refresh", "revoke", "subscribe")
"""Calls in which our client proves who it is, so that a 401 is about us."""
LONGEST_WAIT = timedelta(days=1)
"""More than that, no provider's limit lasts; what says so is believed no further."""

_BY_ERROR = {
    "invalid_grant": "refused",
    "invalid_token": "refused",
    "invalid_client": "client_refused",
    "unauthorized_client": "client_refused",
    "unsupported_grant_type": "client_refused",
    "invalid_request": "client_refused",
    "invalid_scope": "client_refused",
}
"""The error codes of RFC 6749 section 5.2, and Google's on a token that is revoked already. The first two are about the
grant; the rest is about our request."""


def judge(type: ConnectionType, on: str, answer: Answer, *, now: datetime | None = None) -> None:
    """Let a good answer pass.

    :param on: which call it answers: ``code`` and ``refresh`` at the token endpoint, ``revoke`` by RFC 7009,
        ``subscribe`` as our client, and with an access token ``account``, ``data``, ``delete`` (a revocation).
    :raises Failure: it is not good; by the type's rules, by RFC 6749 and RFC 6750, by the HTTP status.
    """
    code = next((rule.means for rule in type.failures if _applies(rule, on, answer)), None) or _by_standard(on, answer)
    if on == "code" and code == "refused":
        code = "code_refused"
    if code:
        raise _failure(type, code, answer, now or datetime.now(UTC))


def _failure(type: ConnectionType, code: str, answer: Answer, now: datetime) -> Failure:
    waits = code == "rate_limited" or (code == "server_error" and answer.status == 503)
    return failure(code, answer.said, wait=wait(type.limit_answer, answer, now) if waits else None)


def _applies(rule: Rule, on: str, answer: Answer) -> bool:
    return (
        (not rule.on or on in rule.on)
        and (not rule.status or answer.status in rule.status)
        and (rule.says is None or rule.says.encode() in answer.body)
        and paths.fits(answer.json, rule.body)
    )


def _by_standard(on: str, answer: Answer) -> str | None:
    if answer.status == 429:
        return "rate_limited"
    if on in TOKEN_CALLS:
        return _of_token_call(on, answer)
    if 200 <= answer.status < 300:
        return None
    if answer.status >= 500:
        return "server_error"
    return {401: "access_expired", 403: "not_shared"}.get(answer.status, "odd_answer")


def _of_token_call(on: str, answer: Answer) -> str | None:
    """By RFC 6749 section 5.2, also where the error comes with a status of success."""
    if answer.status >= 500:
        return "server_error"
    error = answer.json.get("error") if isinstance(answer.json, dict) else None
    if isinstance(error, str) and error in _BY_ERROR:
        return _BY_ERROR[error]
    if 200 <= answer.status < 300 and not error:
        return None
    if on == "code" and answer.status == 400 and not error:  # the rest of our request is the same each time
        return "refused"
    return "client_refused" if answer.status == 401 else "odd_answer"


def wait(ways: LimitAnswer, answer: Answer, now: datetime) -> timedelta | None:
    """How long the provider asks us to wait, at most a day. None: it says nothing that can be read."""
    headers = answer.headers
    found = _retry_after(headers.get("Retry-After", ""), now)
    window = _spent_window(ways, answer)
    if found is None and (resets := _numbers(headers.get(ways.reset_header or "", ""))):
        found = resets[min(window, len(resets) - 1)] - (now.timestamp() if ways.reset == "epoch" else 0)
    if found is None and ways.window_seconds:
        length = ways.window_seconds[min(window, len(ways.window_seconds) - 1)]
        found = length - now.timestamp() % length
    return None if found is None else min(timedelta(seconds=max(found, 1)), LONGEST_WAIT)


def _retry_after(value: str, now: datetime) -> float | None:
    """Seconds, or a date (RFC 9110 section 10.2.3)."""
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    try:
        return (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None


def _spent_window(ways: LimitAnswer, answer: Answer) -> int:
    """The place of the longest window that is spent; of the shortest, if none seems to be."""
    spent = [0]
    for usage_header, limit_header in ways.usage_headers:
        usage, limit = (_numbers(answer.headers.get(name, "")) for name in (usage_header, limit_header))
        spent += [place for place, (used, most) in enumerate(zip(usage, limit, strict=False)) if used >= most]
    return max(spent)


def _numbers(value: str) -> list[float]:
    return [number for part in value.split(",") if (number := _number(part)) is not None]


def _number(value: str) -> float | None:
    """A number of up to twelve digits, as headers have it."""
    return float(value) if re.fullmatch(r"\s*[0-9]{1,12}(\.[0-9]{1,6})?\s*", value) else None
