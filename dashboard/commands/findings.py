"""What the doctor says of one thing: it is fine, could be better, or must be mended."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a thing is."""

    OK = "ok"
    HINT = "hint"
    TROUBLE = "TROUBLE"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what it is about, and in words how it is and what to do."""

    level: Level
    about: str
    words: str

    def __str__(self) -> str:
        return f"{self.level:<7}  {self.about}: {self.words}"


def ok(about: str, words: str) -> Finding:
    """It is fine."""
    return Finding(Level.OK, about, words)


def hint(about: str, words: str) -> Finding:
    """It works, and could be better."""
    return Finding(Level.HINT, about, words)


def trouble(about: str, words: str) -> Finding:
    """It does not work."""
    return Finding(Level.TROUBLE, about, words)
