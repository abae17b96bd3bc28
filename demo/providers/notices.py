"""Webhooks: what a third party sends to the app, and how each proves that it is the sender."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field, replace
from typing import Any, Self

import requests

SECONDS = 10


@dataclass(frozen=True)
class Notice:
    """One request to the app's webhook."""

    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    query: dict[str, str] = field(default_factory=dict)

    def with_headers(self, headers: dict[str, str]) -> Self:
        """The same with more headers."""
        return replace(self, headers=self.headers | headers)

    def forged(self) -> Self:
        """The same as somebody would send it who knows no secret."""
        return replace(self, headers={name: _wrong(name, value) for name, value in self.headers.items()})

    def send(self, url: str, *, seconds: float = SECONDS) -> dict[str, Any]:
        """Send it; status and body of the answer, or why there is none."""
        try:
            answer = requests.request(
                self.method, url, params=self.query, data=self.body, headers=self.headers, timeout=seconds,
                allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            return {"url": url, "status": None, "body": type(error).__name__}
        return {"url": url, "status": answer.status_code, "body": answer.text[:2000]}


def _wrong(name: str, value: str) -> str:
    return value if "signature" not in name.lower() or "timestamp" in name.lower() else value[:-4] + "0000"


def posted(body: Any) -> Notice:
    """A notice whose body is JSON."""
    return Notice(json.dumps(body).encode(), {"Content-Type": "application/json"})


def hexadecimal_signature(secret: str, signed: bytes) -> str:
    """HMAC-SHA256 in lower-case hexadecimal digits."""
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def base64_signature(secret: str, signed: bytes, *, algorithm: str = "sha256") -> str:
    """HMAC in base64."""
    return base64.b64encode(hmac.new(secret.encode(), signed, algorithm).digest()).decode()
