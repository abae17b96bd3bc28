"""The person at the keyboard, as a login session or an API token proves them."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.who import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, with what every page shows of them. Flask-Login's user."""

    id: int
    name: str
    email: str
    role: Role
    session_id: int
    language: str | None
    """Their choice here, else the provider's claim; None: neither."""
    time_zone: str | None
    theme: str | None
    proved_at: datetime | None = None
    """When they last proved at the identity provider who they are; None: it did not say."""
    access_id: int | None = None
    """The support access that lies over their session; None: none."""

    support_acted_at: datetime | None = None
    """When support last did something for them that they have not read of yet; None: there is nothing new."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Flask-Login asks for it."""
        return str(self.id)
