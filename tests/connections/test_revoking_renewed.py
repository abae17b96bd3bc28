"""Telling a provider with a token that must be renewed first: what a refusal proves then, and what it does not."""

from typing import Any

import pytest

from dashboard.connections import revoking
from dashboard.data import clock
from tests.connections.test_revoking import ada, alive, change, cut, is_erased, row
from tests.servers.third_parties import ThirdParties

__all__ = ["ada"]


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
