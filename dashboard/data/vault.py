"""Provider tokens at rest: encrypted with Fernet, under keys that can be rotated.

The first key encrypts, every key decrypts. To rotate: put a new key first, run ``flask keys rotate``, drop the old one.
"""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Unreadable(Exception):
    """No configured key opens this secret: TOKEN_ENCRYPTION_KEYS lost the key that it was stored with."""


class Vault:
    """Seals and opens secrets. Its ``repr`` shows nothing of the keys."""

    def __init__(self) -> None:
        self._fernet: MultiFernet | None = None

    def use(self, keys: Sequence[str]) -> None:
        """Take keys into use, the newest first; each is 32 bytes in URL-safe base64. ValueError if one is not."""
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: str | None) -> bytes | None:
        """Encrypt for storing. None stays None: there is no secret to keep."""
        return None if secret is None else self._ready().encrypt(secret.encode())

    def open(self, sealed: bytes | None) -> str | None:
        """Decrypt what was stored. :raises Unreadable: no key fits."""
        if sealed is None:
            return None
        try:
            return self._ready().decrypt(sealed).decode()
        except InvalidToken:
            raise Unreadable("a stored token can't be read with the configured keys") from None

    def reseal(self, sealed: bytes) -> bytes:
        """Encrypt anew under the first key. :raises Unreadable: no key fits."""
        try:
            return self._ready().rotate(sealed)
        except InvalidToken:
            raise Unreadable("a stored token can't be read with the configured keys") from None

    def _ready(self) -> MultiFernet:
        if self._fernet is None:
            raise RuntimeError("the vault has no keys yet: data.init_app() gives them")
        return self._fernet


vault = Vault()
