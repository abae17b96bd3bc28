"""How a mail leaves: through a mail server, or into a folder. Nothing else of the room knows which."""

import os
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SUBMISSION, SUBMISSIONS = 587, 465
"""The ports where mail servers take mails from programs, with STARTTLS and with TLS from the start (RFC 8314 §3.3)."""
CHECK_SECONDS = 5.0
"""How long each answer may take while the operator waits for a check."""
FIRST_FOR_GOOD = 500
"""From this reply on the server will not change its mind (RFC 5321 §4.2.1)."""


class Undelivered(Exception):
    """A mail did not leave. ``code`` is a short word of ours, ``said`` what the server said, without the address."""

    def __init__(self, code: str, *, for_good: bool = False, said: str = "") -> None:
        super().__init__(f"{code} ({said})" if said else code)
        self.code, self.said = code, said
        self.for_good = for_good
        """Trying again would change nothing."""


class Transport(Protocol):
    """A way for mails to leave."""

    def deliver(self, message: EmailMessage) -> None:
        """Hand a mail over; when it returns, somebody else is answerable for it.

        :raises Undelivered: it was not taken.
        """

    def check(self) -> None:
        """Go as far as that is possible without a mail. Nothing is sent or written.

        :raises Undelivered: no mail would leave now.
        """


class Folder:
    """Each mail a file named by its Message-ID, readable by us alone. The same mail, twice, is one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def deliver(self, message: EmailMessage) -> None:
        """Write it; a reader never sees half a file. See :class:`Transport`."""
        name = message["Message-ID"].strip("<>").partition("@")[0]
        half = self._path / f".{name}.half"
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(message.as_bytes())
            half.replace(self._path / f"{name}.eml")
        except OSError as error:
            raise Undelivered("folder_unwritable", said=error.strerror or "") from error

    def check(self) -> None:
        """Look whether we may write there, or make it. See :class:`Transport`."""
        nearest = next(each for each in (self._path, *self._path.parents) if os.path.exists(each))
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise Undelivered("folder_unwritable")


class _Plain(smtplib.SMTP):
    """Gives a server of many addresses as long to be reached as one of a single address: Python does so for each."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        connection = socket.create_connection((host, port), timeout / len(addresses))
        connection.settimeout(timeout)
        return connection


class _Encrypted(smtplib.SMTP_SSL, _Plain):
    """The same, under TLS from the start."""


class Smtp:
    """A mail server. Away from this machine nothing is said before TLS, and its certificate is checked."""

    def __init__(self, url: str, *, timeout: float) -> None:
        """Take the server of ``smtp://user:password@host:587`` or ``smtps://…``.

        :param timeout: how long it may take for each answer, in seconds.
        """
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (SUBMISSIONS if self._tls else SUBMISSION)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._timeout = timeout

    def deliver(self, message: EmailMessage) -> None:
        """Hand it to the server. See :class:`Transport`."""
        with _named_failures(message["To"].addresses[0].addr_spec), self._talk(self._timeout) as server:
            server.send_message(message)

    def check(self) -> None:
        """Greet it, encrypt and log in as for a mail. See :class:`Transport`."""
        with _named_failures(), self._talk(min(self._timeout, CHECK_SECONDS)):
            pass

    @contextmanager
    def _talk(self, timeout: float) -> Iterator[smtplib.SMTP]:
        """A conversation, from the greeting and the login to the goodbye."""
        if self._tls:
            context = ssl.create_default_context()
            server: smtplib.SMTP = _Encrypted(self._host, self._port, timeout=timeout, context=context)
        else:
            server = _Plain(self._host, self._port, timeout=timeout)
        try:
            self._greet(server)
            yield server
            # It has the mail by now: how it says goodbye is of no account.
            with suppress(OSError):
                server.quit()
        finally:
            server.close()

    def _greet(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if not self._tls and self._host not in LOOPBACK:
            if not server.has_extn("starttls"):
                raise Undelivered("no_tls")
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if self._user:
            self._log_in(server)

    def _log_in(self, server: smtplib.SMTP) -> None:
        try:
            server.login(self._user, self._password)
        except smtplib.SMTPNotSupportedError as error:
            raise Undelivered("login_refused", said="it offers no login") from error
        except UnicodeEncodeError as error:
            raise Undelivered("login_refused", said="name and password may have ASCII letters only") from error
        except smtplib.SMTPException as error:
            if type(error) is not smtplib.SMTPException:
                raise
            raise Undelivered("login_refused", said="it offers no way to log in that we know") from error


@contextmanager
def _named_failures(address: str = "") -> Iterator[None]:
    """Turn whatever goes wrong into our words, which never name the address.

    For good is only what is said of this mail: that the login or the sender is refused can be mended by the operator
    before the mail is too old.
    """
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        reply, said = next(iter(error.recipients.values()))
        raise _refused("recipient_refused", reply, said, address, for_good=reply >= FIRST_FOR_GOOD) from error
    except smtplib.SMTPDataError as error:
        for_good = error.smtp_code >= FIRST_FOR_GOOD
        raise _refused("message_refused", error.smtp_code, error.smtp_error, address, for_good=for_good) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(_step(error), error.smtp_code, error.smtp_error, address) from error
    except smtplib.SMTPNotSupportedError as error:
        # The address has letters beyond ASCII (RFC 6531), and this server takes none such.
        raise Undelivered("recipient_refused", for_good=True, said="it takes no such address") from error
    except OSError as error:
        raise Undelivered(_broken(error)) from error


def _step(error: smtplib.SMTPResponseException) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "login_refused"
    return "sender_refused" if isinstance(error, smtplib.SMTPSenderRefused) else "server_refused"


def _broken(error: OSError) -> str:
    """What broke the connection. A read that took too long comes as a disconnect, with the reason behind it."""
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "timeout"
    return "tls_failed" if isinstance(error, ssl.SSLError) else "unreachable"


def _refused(code: str, reply: int, said: bytes | str, address: str, *, for_good: bool = False) -> Undelivered:
    text = f"{reply} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return Undelivered(code, for_good=for_good, said=(text.replace(address, "…") if address else text)[:200])
