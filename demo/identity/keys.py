"""What the provider signs with. Kept in a folder, so that sessions and ID tokens outlive a restart."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from joserfc.jwk import KeySet, RSAKey

FILE = "identity-provider.json"


@dataclass(frozen=True)
class Keys:
    """The signing key (RS256) of ID tokens and the secret of the provider's own cookie."""

    signing_key: RSAKey
    cookie_secret: str

    @classmethod
    def new(cls) -> Self:
        """Fresh keys, kept nowhere."""
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        return cls(key, secrets.token_urlsafe(48))

    @classmethod
    def kept_in(cls, folder: Path) -> Self:
        """The keys of this folder, made at the first call and readable by their owner only.

        :raises OSError: the folder can't be made, or its file can't be read or written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / FILE
        if not file.exists():
            cls.new()._write(file)
        kept = json.loads(file.read_text())
        return cls(RSAKey.import_key(kept["signing_key"]), kept["cookie_secret"])

    def key_set(self) -> KeySet:
        """The signing key as a set, with its private part."""
        return KeySet([self.signing_key])

    def public(self) -> dict[str, Any]:
        """The JWKS document."""
        return dict(self.key_set().as_dict(private=False))

    def _write(self, file: Path) -> None:
        """Write all of it or nothing; of two at once the first stays."""
        text = json.dumps({"signing_key": self.signing_key.as_dict(private=True), "cookie_secret": self.cookie_secret})
        draft = file.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
            output.write(text)
        try:
            os.link(draft, file)
        except FileExistsError:
            return
        finally:
            draft.unlink()
