"""The simulated third parties of the demo as a process of its own, for tests: on a free port of 127.0.0.1."""

import select
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import parse_qs, urlsplit

import requests
from bs4 import BeautifulSoup

from tests.servers.errors import CannotStart

ROOT = Path(__file__).parents[2]
START_SECONDS = 30
SECONDS = 40


class ThirdParties:
    """Running third parties. ``url`` is what ``SIMULATED_PROVIDERS`` is set to.

    Our client at each is ``demo-<type>`` with the secret ``demo-secret-<type>``; accounts are keys such as ``ada``,
    ``second``, ``new`` or any other like ``lin-7``. Tokens ``demo-<mood>-<account>`` are known without consent, with
    the moods ok, quiet (nothing new), down (503), slow (answers after 20 s), refused.

    :raises CannotStart: from :meth:`start`, with the reason.
    """

    def __init__(self) -> None:
        self.url = ""
        self._process: subprocess.Popen[str] | None = None
        self._log: IO[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *options: str, reset: bool = True) -> None:
        """Start them; return when they answer. ``reset=False`` keeps what ``--state`` has kept."""
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (it lives as long as the process)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "demo.third_parties", "--port", "0", "--ends-with-input", *options],
            cwd=ROOT,
            stdin=subprocess.PIPE,  # they end when this closes, however we end
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,
        )
        try:
            self.url = self._read_url(self._process)
            if reset:
                self.reset()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop them. Safe to repeat."""
        if self._process:
            self._process.terminate()
            try:
                self._process.communicate(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
            self._process = None
        if self._log:
            self._log.close()
            self._log = None
        self.url = ""

    def reset(self) -> None:
        """Forget all grants, faults and counts, and let go whoever is kept waiting."""
        self._ask("POST", "reset", {})

    def control(self, type: str, **acts: Any) -> dict[str, Any]:
        """Do something at one third party; what came of it, by act.

        ``misbehave={"limit": {"retry_after": 30, "on": ["data"], "times": 1}}`` (``demo/providers/faults.py`` lists
        the faults; None switches one off, ``misbehave=None`` all), ``revoke``, ``expire``, ``deregister`` (True or
        ``{"account": …}``), ``happen={"account": …, "what": "workout", "count": 2, "days_ago": 3}``,
        ``send={"event": …, "account": …, "url": …, "forged": True}``.
        """
        return self._ask("POST", type, acts)

    def log(self, type: str) -> dict[str, Any]:
        """What one third party was asked since the last reset; ``demo/providers/log.py`` says what each count is."""
        return self._ask("GET", f"{type}/log")

    def grants(self, type: str) -> list[dict[str, Any]]:
        """What one third party gave out, ended grants too."""
        found: list[dict[str, Any]] = self._ask("GET", type)["grants"]
        return found

    def subscriptions(self, type: str) -> list[dict[str, Any]]:
        """Who wants to be told of news there; ``demo/providers/subscriptions.py`` says what each field is."""
        found: list[dict[str, Any]] = self._ask("GET", type)["subscriptions"]
        return found

    def give(self, type: str, account: str = "ada", scopes: Collection[str] = ()) -> dict[str, Any]:
        """A grant without consent page: its tokens, ``expires_in``, ``scopes`` (all, unless told), ``account_id``."""
        return self._ask("POST", f"{type}/grants", {"account": account, "scopes": list(scopes)})

    def forward(self, seconds: float) -> None:
        """Set the clocks of all third parties that many seconds ahead of the real time."""
        self._ask("POST", "clock", {"forward_seconds": seconds})

    def consent(
        self,
        authorization_url: str,
        *,
        account: str = "ada",
        refuse: bool = False,
        scopes: Collection[str] | None = None,
    ) -> str:
        """Walk the consent page as a person; the address of the app's callback that it sends them to.

        :param scopes: what stays ticked, where single permissions can be left out. None: everything.
        """
        asked = requests.get(authorization_url, allow_redirects=False, timeout=SECONDS)
        if asked.is_redirect:
            return asked.headers["Location"]
        assert asked.ok, f"{asked.status_code}: {asked.text}"
        ticked = _ticked(asked.text) if scopes is None else list(scopes)
        form = {"account": account, "decision": "refuse" if refuse else "allow", "scope": ticked}
        sent = requests.post(authorization_url, data=form, allow_redirects=False, timeout=SECONDS)
        assert sent.is_redirect, f"{sent.status_code}: {sent.text}"
        return sent.headers["Location"]

    def answer(self, authorization_url: str, **chosen: Any) -> dict[str, str]:
        """The query of that callback: ``code`` and ``state``, or ``error``."""
        query = parse_qs(urlsplit(self.consent(authorization_url, **chosen)).query, keep_blank_values=True)
        return {name: value for name, [value] in query.items()}

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = requests.request(method, f"{self.url}/control/{path}", json=body, timeout=SECONDS)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def _read_url(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
        url = process.stdout.readline().strip() if ready else ""
        if not url:
            assert self._log is not None
            process.kill()
            self._log.seek(0)
            raise CannotStart(f"The simulated third parties do not start: {self._log.read().strip() or 'no answer'}")
        return url


def _ticked(page: str) -> list[str]:
    boxes = BeautifulSoup(page, "html.parser").select("input[name=scope][checked]")
    return [str(box["value"]) for box in boxes]
