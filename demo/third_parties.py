"""The simulated third parties of ``make run``: Strava, Withings and others, each as the real one, on this computer.

``python -m demo.third_parties --port 8002``; the control panel is at ``http://localhost:8002/``.
"""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from demo.identity_provider import listen
from demo.providers.app import create_app
from demo.providers.control import watch

THREADS = 128
"""A request that is made to hang holds one."""


class Server(BaseApplication):
    """gunicorn with one process, since the state lives in it. Connections are kept open, as real third parties do."""

    def __init__(self, socket_number: int, options: argparse.Namespace) -> None:
        self.bind = f"fd://{socket_number}"
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """The settings of gunicorn."""
        settings: dict[str, Any] = {
            "bind": self.bind,
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "timeout": 0,
            "graceful_timeout": 1,
            "keepalive": 5,
            "loglevel": "critical",
            "control_socket_disable": True,
            "post_worker_init": _end_with_input if self.options.ends_with_input else lambda worker: None,
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The app, in the process that serves it."""
        options = self.options
        app = create_app(
            state=options.state,
            skew_seconds=options.clock_skew * 60,
            webhooks=json.loads(options.webhooks.read_text()) if options.webhooks else {},
            mails=options.mails,
            has_ada=options.with_ada,
        )
        watch(app)
        return app


def _end_with_input(worker: Any) -> None:
    """Stop when our starter closes our input, however it ended."""

    def watch() -> None:
        sys.stdin.read()
        os.kill(worker.ppid, signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C. The first line of the output is the address."""
    options = _parser().parse_args(arguments)
    try:
        listening = listen("127.0.0.1", options.port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        sys.exit(f"The third parties cannot listen on port {options.port}: {reason}.")
    listening.set_inheritable(True)
    print(f"http://localhost:{listening.getsockname()[1]}", flush=True)
    Server(listening.fileno(), options).run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("demo.third_parties", description="The simulated third parties of the demo.")
    parser.add_argument("--port", type=int, default=8002, help="0: any that is free (default: %(default)s)")
    parser.add_argument("--state", type=Path, metavar="FOLDER", help="keeps what was granted over a restart")
    parser.add_argument("--clock-skew", type=float, default=0, metavar="MINUTES", help="how far their clocks are ahead")
    parser.add_argument("--webhooks", type=Path, metavar="FILE", help="JSON: where the app takes notices, by type")
    parser.add_argument("--mails", type=Path, metavar="FOLDER", help="the app's mails, to be shown")
    parser.add_argument("--with-ada", action="store_true", help="the app has the demo's people: know Ada's grants")
    parser.add_argument("--ends-with-input", action="store_true", help="stop when the standard input is closed")
    return parser


if __name__ == "__main__":
    main()
