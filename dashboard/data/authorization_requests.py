"""Authorization requests (RFC 6749 §4.1.1) that are under way: who went to which provider, and what came back."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.data.connections import Connection
from dashboard.data.db import Id, Model, UTCDateTime
from dashboard.data.users import User


class AuthorizationRequest(Model):
    """One way to a provider and back. Its ``state`` is spent once, by one conditional write."""

    __tablename__ = "authorization_requests"
    __table_args__ = (
        Index(None, "state_hash", unique=True),
        Index(None, "expires_at"),
        Index(None, "user_id"),
        Index(None, "connection_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    state_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 of the ``state`` parameter."""
    user_id: Mapped[int] = mapped_column(Id, ForeignKey(User.id, ondelete="CASCADE"))
    login_session_id: Mapped[int | None] = mapped_column(Id)
    """The login session that began it: no other may end it."""
    type: Mapped[str] = mapped_column(String(40))
    connection_id: Mapped[int | None] = mapped_column(Id, ForeignKey(Connection.id, ondelete="SET NULL"))
    """The connection that is to be renewed. NULL: a new one is to be made, or it was cut meanwhile."""
    reconnects: Mapped[bool] = mapped_column(default=False)
    """Whether a connection was to be renewed, also when it is gone."""
    scopes: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What was asked for, as the provider spells it, separated by spaces."""
    code_verifier: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed (RFC 7636). NULL: the provider is not known to support PKCE."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When its answer came. NULL: it has not."""
    made_connection_id: Mapped[int | None] = mapped_column(Id)
    """The connection that came of it: a page that is loaded again leads there. NULL: none did."""
    remote_account_id: Mapped[str | None] = mapped_column(String(200))
    """Of a grant that waits for the person's word, because its account is another: that account. NULL: none waits."""
    account: Mapped[str | None] = mapped_column(String(320))
    granted_scopes: Mapped[str] = mapped_column(Text, default="", server_default="")
    access_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed, of the grant that waits."""
    refresh_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    access_expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
