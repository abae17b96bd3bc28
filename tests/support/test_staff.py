"""Who is staff: asked of the row at each act, never of the session."""

from typing import Any

import pytest
from flask import Flask

from dashboard.errors import NotStaff
from dashboard.support import staff
from dashboard.who import Role, Who
from tests import factories


@pytest.mark.parametrize(
    ("claimed", "granted", "is_staff", "is_admin"),
    [(0, 0, False, False), (1, 0, True, False), (0, 1, True, False), (2, 0, True, True), (1, 2, True, True)],
)
def test_staff_is_who_has_the_role_by_claim_or_by_command(
    app: Flask, claimed: int, granted: int, is_staff: bool, is_admin: bool
) -> None:
    made = factories.User(claimed_role=claimed, granted_role=granted)
    by = Who(made.id, made.id)

    for require, allowed in ((staff.require_staff, is_staff), (staff.require_admin, is_admin)):
        if allowed:
            assert require(by) == max(claimed, granted)
        else:
            with pytest.raises(NotStaff):
                require(by)


@pytest.mark.parametrize("actor_id", [None, 424242])
def test_nobody_is_not_staff(app: Flask, actor_id: int | None) -> None:
    with pytest.raises(NotStaff):
        staff.require_staff(Who(actor_id, 1))


def test_the_role_is_asked_of_the_actor_and_in_one_query(app: Flask, queries: Any) -> None:
    ada, dora = factories.User(), factories.User(granted_role=int(Role.SUPPORT))

    with queries:
        assert staff.require_staff(Who(dora.id, ada.id)) == Role.SUPPORT
    assert len(queries) == 1
    with pytest.raises(NotStaff):
        staff.require_staff(Who(ada.id, dora.id))
