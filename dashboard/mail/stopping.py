"""The link in a mail that stops more of its kind: signed, so that it needs no login, and works as long as the mail."""

from itsdangerous import BadData, URLSafeSerializer

SALT = "mails about a connection"


class Signer:
    """Makes and reads the tokens of such links, with the app's key. Its ``repr`` shows nothing of it."""

    def __init__(self) -> None:
        self._serializer: URLSafeSerializer | None = None

    def use(self, secret_key: str) -> None:
        """Take a key into use. Links that were signed with another one are good for nothing from then on."""
        self._serializer = URLSafeSerializer(secret_key, salt=SALT)

    def token(self, connection_id: int) -> str:
        """The token for a connection, always the same: letters, digits, ``-``, ``_`` and ``.``."""
        return str(self._ready().dumps(connection_id))

    def connection_id(self, token: str) -> int | None:
        """Whose token it is. None: it is not one of ours, or was signed with a key of the past."""
        try:
            found = self._ready().loads(token)
        except BadData:
            return None
        return found if isinstance(found, int) else None

    def _ready(self) -> URLSafeSerializer:
        if self._serializer is None:
            raise RuntimeError("the signer has no key yet")
        return self._serializer


signer = Signer()
