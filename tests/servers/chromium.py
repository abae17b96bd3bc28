"""The Chromium that the tests drive, wherever it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.servers.errors import CannotStart

INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as p\nwith p() as w: print(w.chromium.executable_path)"
)


class Chromium(NamedTuple):
    """What Playwright's ``launch(executable_path=…, args=…)`` needs."""

    executable_path: str
    args: list[str]


def find_chromium() -> Chromium:
    """The browser named by ``CHROMIUM``, one that is installed, or one that we can install.

    :raises CannotStart: there is none, and none can be had.
    """
    path = _named() or _installed() or _downloaded_by_playwright() or _installed_by_apt()
    if not path:
        raise CannotStart(
            "The tests need Chromium: install it, run 'playwright install chromium', or name it in CHROMIUM."
        )
    return Chromium(path, [*ARGUMENTS])


def _named() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named and not shutil.which(named):
        raise CannotStart(f"CHROMIUM names {named}, which is no program here.")
    return named


def _installed() -> str | None:
    return next((path for name in INSTALLED if (path := shutil.which(name))), None)


def _downloaded_by_playwright() -> str | None:
    """Playwright's own Chromium, downloaded now unless it is there."""
    path = _output(sys.executable, "-c", ASK_PLAYWRIGHT)
    if path and not Path(path).exists():
        _output(sys.executable, "-m", "playwright", "install", "chromium")
    return path if path and Path(path).exists() else None


def _installed_by_apt() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    _output("apt-get", "update")
    _output("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
    return _installed()


def _output(*command: str) -> str | None:
    """What the command printed; None if it failed. Its complaints go to the terminal."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=environment, timeout=600)
    return None if done.returncode else done.stdout.strip()
