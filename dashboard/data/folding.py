"""Folding text, so that it is found however it is spelled. In Python: SQLite folds ASCII only, PostgreSQL by locale."""

import re
import unicodedata

KEY_LENGTH = 200
"""A PostgreSQL index entry holds about 2,700 bytes; a letter is up to four."""
BETWEEN_WORDS = re.compile(r"[\s.,;:_+/|\\()\[\]<>\"„“”«»'‘’ʼ`´*%&#!?=~‐‑‒–—-]+")


def search_key(text: str) -> str:
    """Text folded for finding, the same for what is stored and what is typed: ``Straße`` meets ``STRASSE``.

    Blanks of any kind count as one space, what can't be printed (NUL, half a surrogate pair) as nothing.
    At most 200 characters.
    """
    shown = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", shown).casefold())
    return folded[:KEY_LENGTH].strip()


def words(text: str) -> list[str]:
    """The words of a text, folded, in their order. A hyphen, a dot or an apostrophe parts them as a blank does."""
    return [word for word in BETWEEN_WORDS.split(search_key(text)) if word]
