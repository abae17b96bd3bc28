"""Roles by command of the operator. What the identity provider's claim says is another column, and stays."""

from dashboard.data import transaction
from dashboard.data import users as data
from dashboard.events import Event, record
from dashboard.who import Role, Who


def grant(user_id: int, role: Role) -> bool:
    """Give a person a role, in force from their next request on. False: they have it by command already."""
    with transaction():
        changed = data.grant_role(user_id, int(role))
        if changed:
            record(Event.ROLE_GRANTED, Who(None, user_id), role=role.name.lower())
    return changed


def revoke(user_id: int) -> bool:
    """Take back what a command gave, in force from their next request on. False: no command gave anything."""
    with transaction():
        changed = data.grant_role(user_id, int(Role.USER))
        if changed:
            record(Event.ROLE_REVOKED, Who(None, user_id))
    return changed
