"""Provider tokens at rest."""

import pytest
from cryptography.fernet import Fernet

from dashboard.data.vault import Unreadable, Vault

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def vault(*keys: str) -> Vault:
    """A vault with these keys."""
    made = Vault()
    made.use(keys)
    return made


def test_what_is_sealed_can_be_opened_and_says_nothing() -> None:
    sealed = vault(NEW).seal("secret")

    assert sealed is not None
    assert b"secret" not in sealed
    assert vault(NEW).open(sealed) == "secret"


def test_an_old_key_still_opens_and_the_new_one_seals() -> None:
    sealed = vault(OLD).seal("secret")
    both = vault(NEW, OLD)

    assert both.open(sealed) == "secret"
    assert vault(NEW).open(both.reseal(sealed or b"")) == "secret"


def test_without_its_key_a_secret_is_unreadable_not_garbage() -> None:
    sealed = vault(OLD).seal("secret")

    with pytest.raises(Unreadable):
        vault(NEW).open(sealed)


def test_no_secret_stays_no_secret() -> None:
    assert vault(NEW).seal(None) is None
    assert vault(NEW).open(None) is None
