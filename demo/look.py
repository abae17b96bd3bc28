"""``python -m demo.look /connections/ user@demo.test``: four screenshots of a page, signed in.

390 and 1280 px, light and dark, into ``instance/look/``. Needs a running demo (``make run``, the same PORT).
"""

import os
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.servers.chromium import find_chromium

OUT = Path(__file__).resolve().parent.parent / "instance" / "look"
WIDTHS = (390, 1280)


def main(path: str, mail: str) -> None:
    """Sign in once for each colour scheme, then take a picture at each width."""
    OUT.mkdir(parents=True, exist_ok=True)
    site = f"http://localhost:{os.environ.get('PORT', '8000')}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**find_chromium()._asdict())
        for scheme in ("light", "dark"):
            _shoot(browser, site, path, mail, scheme)
        browser.close()


def _shoot(browser: Browser, site: str, path: str, mail: str, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    if mail:
        page.goto(f"{site}/login/")
        page.get_by_label(re.compile("mail", re.I)).fill(mail)
        page.get_by_label(re.compile("password", re.I)).fill("any")
        page.get_by_role("button", name="Sign in with this address").click()
        page.locator(".who").wait_for()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(site + path)
        name = f"{path.strip('/').replace('/', '-') or 'start'}-{width}-{scheme}.png"
        page.screenshot(path=OUT / name, full_page=True)
        print(OUT / name)
    context.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
