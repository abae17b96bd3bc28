"""The mails that the app wrote into a folder, since nothing here is sent."""

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from flask import current_app

MOST = 100


@dataclass(frozen=True)
class Letter:
    """One mail: the name of its file, and what it says."""

    name: str
    message: EmailMessage

    @property
    def text(self) -> str:
        """Its plain part."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @property
    def links(self) -> list[str]:
        """The addresses in it, one a line."""
        return [word.strip("<>") for word in self.text.split() if word.strip("<>").startswith(("http://", "https://"))]


def folder() -> Path | None:
    """Where the app writes its mails. None: nobody said."""
    found: Path | None = current_app.extensions["mails"]
    return found


def letters() -> list[Letter]:
    """The mails in the folder, newest first, a hundred at most."""
    kept = folder()
    if kept is None or not kept.is_dir():
        return []
    files = sorted(kept.glob("*.eml"), key=lambda file: file.stat().st_mtime, reverse=True)
    return [_read(file) for file in files[:MOST]]


def letter(name: str) -> Letter | None:
    """One mail. None: there is no such file."""
    return next((each for each in letters() if each.name == name), None)


def _read(file: Path) -> Letter:
    return Letter(file.name, BytesParser(policy=policy.default).parsebytes(file.read_bytes()))
