"""The keys that provider tokens are sealed with: making one, and sealing everything anew under the first of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.fernet import Fernet

from dashboard.data import Unreadable, sealed, transaction, vault

BATCH = 500
SAMPLE = 50


@dataclass(slots=True)
class Rotated:
    """What a rotation came to."""

    count: int = 0
    unreadable: list[str] = field(default_factory=list)
    """Where a value stands that no key opens, as ``connections.access_token of 17``."""


def make() -> str:
    """A new key for TOKEN_ENCRYPTION_KEYS."""
    return Fernet.generate_key().decode()


def rotate() -> Rotated:
    """Seal every stored secret anew under the first key. Safe while the app runs, and safe to repeat.

    A value that changes meanwhile is read again, never overwritten: the app may have refreshed that token. Each is a
    transaction of its own: with two rows held, it and whoever holds them in another order would wait for each other.
    """
    rotated = Rotated()
    for column in sealed.COLUMNS:
        for each in _all(column):
            with transaction():
                _renew(each, rotated)
    return rotated


def unreadable(*, sample: int = SAMPLE) -> tuple[list[str], int]:
    """Of the oldest and the newest sealed values, where those stand that no key opens; and how many were tried."""
    tried, closed = set(), []
    for each in sealed.sample(sample):
        if str(each) in tried:
            continue
        tried.add(str(each))
        try:
            vault.open(each.value)
        except Unreadable:
            closed.append(str(each))
    return closed, len(tried)


def _all(column: sealed.Column) -> Iterator[sealed.Sealed]:
    last_id = 0
    while batch := sealed.page(column, after_id=last_id, limit=BATCH):
        yield from batch
        last_id = batch[-1].id


def _renew(each: sealed.Sealed, rotated: Rotated) -> None:
    while True:
        try:
            fresh = vault.reseal(each.value)
        except Unreadable:
            rotated.unreadable.append(str(each))
            return
        if sealed.replace(each, by=fresh):
            rotated.count += 1
            return
        now = sealed.value_at(each)
        if now is None:
            return
        each = each._replace(value=now)
