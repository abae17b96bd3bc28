"""Telling a provider with a token that must be renewed first: what a refusal proves then, and what it does not."""

from datetime import timedelta
from typing import Any

import pytest

from dashboard.connections import refreshing, revoking
from dashboard.data import clock, leases, transaction, untold
from tests.connections.test_revoking import ada, alive, change, cut, is_erased, row
from tests.servers.third_parties import ThirdParties

__all__ = ["ada"]


@pytest.mark.parametrize("is_over", [False, True])
def test_a_token_that_came_too_late_for_its_lease_still_ends_the_grant(
    simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch, is_over: bool
) -> None:
    """The old one is spent: without the new one nobody could end the grant any more."""
    id, refresh = cut(simulated, ada, "whoop"), refreshing.providers.refresh
    change(id, access_expires_at=clock.now())

    def slow(*args: Any) -> Any:
        fresh = refresh(*args)
        monkeypatch.undo()
        if is_over:
            change(id, lease_until=clock.now())
            revoking.revoke(id)
            assert row(id).failure_code == revoking.UNSURE, "whoever took it had but the token that was spent"
        else:
            now = clock.now()
            with transaction():
                assert untold.take(id, lease=leases.new(now), now=now + timedelta(hours=1)) is not None
        return fresh

    monkeypatch.setattr(refreshing.providers, "refresh", slow)
    revoking.revoke(id)
    assert row(id).renewal_began_at is None, "this token is not spent, so a refusal would prove something"
    revoking.revoke(id)

    told = row(id)
    assert is_erased(told)
    assert (told.done_at is not None, told.failure_code) == (True, None)
    assert alive(simulated, "whoop") == []


def test_the_lease_is_held_on_before_a_token_is_spent(
    simulated: ThirdParties, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, refresh, left = cut(simulated, ada, "whoop"), refreshing.providers.refresh, []
    change(id, access_expires_at=clock.now())

    def late(*_: Any) -> None:
        change(id, lease_until=clock.now() + timedelta(seconds=1))

    def renewed(*args: Any) -> Any:
        left.append(row(id).lease_until - clock.now())
        return refresh(*args)

    monkeypatch.setattr(revoking.budget, "spend", late)
    monkeypatch.setattr(refreshing.providers, "refresh", renewed)
    revoking.revoke(id)

    assert left[0] > timedelta(minutes=4)


def test_a_refusal_after_a_renewal_that_was_never_answered_proves_nothing(simulated: ThirdParties, ada: Any) -> None:
    id = cut(simulated, ada, "whoop")
    change(id, access_expires_at=clock.now())
    simulated.control("whoop", misbehave={"lost": {"on": ["refresh"], "times": 1}})

    revoking.revoke(id)
    assert row(id).failure_code is not None, "the new tokens never came"
    change(id, due_at=clock.now())
    revoking.revoke(id)

    told = row(id)
    assert is_erased(told)
    assert (told.done_at, told.failure_code) == (None, revoking.UNSURE)
    assert alive(simulated, "whoop") == ["ada"], "and it would have been wrong to say that it was told"


@pytest.mark.parametrize(
    "trouble",
    [
        {"error": {"on": ["revoke"], "times": 1}},
        {"limit": {"on": ["refresh"], "times": 1}},
        {"client": {"on": ["refresh"], "times": 1}},
    ],
    ids=str,
)
def test_a_refusal_after_a_renewal_that_was_answered_is_as_good_as_confirmed(
    simulated: ThirdParties, ada: Any, trouble: dict[str, Any]
) -> None:
    id = cut(simulated, ada, "whoop")
    change(id, access_expires_at=clock.now())
    simulated.control("whoop", misbehave=trouble)
    revoking.revoke(id)
    assert row(id).failure_code is not None, "the first try failed"

    simulated.control("whoop", revoke={"account": "ada"})
    change(id, due_at=clock.now())
    revoking.revoke(id)

    told = row(id)
    assert is_erased(told)
    assert told.done_at is not None
    assert told.failure_code is None
