"""``python -m demo``: the dashboard, a local identity provider and simulated third parties, on this computer only.

Ctrl-C stops all of it.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = Path(os.environ.get("DEMO_FOLDER", ROOT / "instance"))
TYPES = ROOT / "dashboard" / "providers" / "types"
START_SECONDS = 30
WITHOUT_CREDENTIALS = {"coros", "ihealth"}
"""Types that the demo has no agreement with: they show as not available."""
GREETING = """
Open http://localhost:{port} and sign in as one of these, with any password:
  user@demo.test     a connection in each state
  empty@demo.test    none yet
  many@demo.test     two hundred
  support@demo.test  support staff
  admin@demo.test    administrator

What they connect is simulated. Break it, mend it: http://localhost:{third_parties}
The mails that would have been sent: http://localhost:{third_parties}/mails/

Ctrl-C stops it."""


class CannotStart(Exception):
    """The demo can't run here; the message says why and what to do."""


def main() -> int:
    """Set up what is missing, start the servers, and wait until one of them or the person ends it."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _interrupt)
    servers: list[subprocess.Popen[bytes]] = []
    try:
        port = _port()
        environ = environ_of(port)
        _prepare(environ, port)
        for start in (_start_provider, _start_third_parties, _start_dashboard):
            servers.append(start(environ, port))
        for number in _ports(port):
            _wait(number, servers)
        print(GREETING.format(port=port, third_parties=port + 2), flush=True)
        return _watch(servers)
    except CannotStart as reason:
        print(f"The demo can't start: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0
    finally:
        _stop(servers)


def _port() -> int:
    given = os.environ.get("PORT", "8000")
    if not given.isdigit() or not 1024 <= int(given) <= 65533:
        raise CannotStart(f"PORT is a number from 1024 to 65533, not {given!r}.")
    return int(given)


def _ports(port: int) -> tuple[int, int, int]:
    """Dashboard, identity provider, third parties."""
    return port, port + 1, port + 2


def environ_of(port: int) -> Mapping[str, str]:
    """The environment of the demo's processes. Credentials that are set already win over those of the demo."""
    own = {
        "DEMO": "1",
        "PUBLIC_URL": f"http://localhost:{port}",
        "OIDC_ISSUER": f"http://localhost:{port + 1}",
        "SIMULATED_PROVIDERS": f"http://localhost:{port + 2}",
        "DATABASE_URL": f"sqlite:///{INSTANCE / f'demo-{port}.db'}",
        "MAIL_FOLDER": str(INSTANCE / "mails"),
        "DEMO_WEBHOOKS": str(_webhooks(port)),
        "PYTHONPATH": str(ROOT),
    }
    return {**_credentials(), **os.environ, **own}


def _credentials() -> dict[str, str]:
    """The agreements with the simulated third parties."""
    types = {path.stem for path in TYPES.glob("*.toml")} - WITHOUT_CREDENTIALS
    ours = {"CLIENT_ID": "demo-{}", "CLIENT_SECRET": "demo-secret-{}", "WEBHOOK_SECRET": "demo-webhook-secret-{}"}
    found = {f"{type.upper()}_{name}": value.format(type) for type in types for name, value in ours.items()}
    found["GOOGLE_HEALTH_WEBHOOK_SECRET"] = "Bearer demo-webhook-secret-google_health"
    return found | {"SUUNTO_SUBSCRIPTION_KEY": "demo-subscription-key-suunto"}


def _webhooks(port: int) -> Path:
    """Where “flask demo load” writes which addresses take notices."""
    return INSTANCE / f"webhooks-{port}.json"


def _prepare(environ: Mapping[str, str], port: int) -> None:
    for number in _ports(port):
        if _taken(number):
            raise CannotStart(f"port {number} is taken. Stop what runs there, or choose another: PORT=8100 make run")
    try:
        INSTANCE.mkdir(exist_ok=True)
        (INSTANCE / ".writable").touch()
        (INSTANCE / ".writable").unlink()
    except OSError as error:
        raise CannotStart(f"the folder {INSTANCE} can't be written to ({error.strerror}).") from None
    for command in (["db", "upgrade"], ["demo", "load"]):
        done = subprocess.run(_flask(*command), env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotStart(f"“flask {' '.join(command)}” failed:\n{done.stderr.strip()}")


def _flask(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]


def _start_provider(environ: Mapping[str, str], port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "demo.identity_provider", "--port", str(port + 1)]
    command += ["--client-redirect", f"http://localhost:{port}/login/callback/", "--state", str(INSTANCE / "identity")]
    return _start(command, environ, "identity-provider.log")


def _start_third_parties(environ: Mapping[str, str], port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "demo.third_parties", "--port", str(port + 2), "--webhooks", str(_webhooks(port))]
    command += ["--state", str(INSTANCE / f"third-parties-{port}"), "--mails", environ["MAIL_FOLDER"], "--with-ada"]
    return _start(command, environ, "third-parties.log")


def _start_dashboard(environ: Mapping[str, str], port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    return _start(
        [*command, "--worker-class", "gthread", "--access-logfile", "-", "--no-control-socket"],
        environ,
        "dashboard.log",
    )


def _start(command: list[str], environ: Mapping[str, str], log: str) -> subprocess.Popen[bytes]:
    """Start a server in a group of its own: Ctrl-C reaches us alone, and we stop it in order."""
    with (INSTANCE / log).open("ab") as out:
        return subprocess.Popen(command, env=environ, cwd=ROOT, stdout=out, stderr=out, start_new_session=True)


def _wait(port: int, servers: list[subprocess.Popen[bytes]]) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if any(server.poll() is not None for server in servers):
            raise CannotStart(f"a server ended at once; the reason stands in {INSTANCE}/*.log.")
        if _answers(port):
            return
        time.sleep(0.1)
    raise CannotStart(f"port {port} did not answer in {START_SECONDS} seconds; see {INSTANCE}/*.log.")


def _answers(port: int) -> bool:
    connection = HTTPConnection("localhost", port, timeout=2)
    try:
        connection.request("GET", "/.well-known/openid-configuration")  # unknown to some, and cheap for all
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _watch(servers: list[subprocess.Popen[bytes]]) -> int:
    while True:
        for server in servers:
            if server.poll() is not None:
                print(f"A server ended by itself; the reason stands in {INSTANCE}/*.log.", file=sys.stderr)
                return 1
        time.sleep(0.3)


def _stop(servers: list[subprocess.Popen[bytes]]) -> None:
    for server in servers:
        server.terminate()
    for server in servers:
        try:
            server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            server.kill()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Stop in order, once."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _go_on)
    raise KeyboardInterrupt


def _go_on(_signal: int, _frame: FrameType | None) -> None:
    """Whoever asks again while it stops must not leave servers behind. SIG_IGN raises where a signal is due already."""


if __name__ == "__main__":
    sys.exit(main())
