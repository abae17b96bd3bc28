"""What no page may have: a barrier for those who see or move in another way, or anything that is cut off."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (280, 320, 390, 768, 1280, 1920)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # all rules are checked; what passes is not written down element by element
}
OF_COLOUR = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
LOOKS = [(320, "light"), (1280, "light"), (1280, "dark")]
"""Width and colours in which all pages are looked at. What is dark differs in its colours, at any width the same."""


def no_barrier(page: Page, scheme: str = "light") -> None:
    """Axe finds nothing: in the light by all of its rules, in the dark by those of colour."""
    found = Axe().run(page, options=OF_COLOUR if scheme == "dark" else RULES)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def nothing_cut_off(page: Page) -> None:
    """Nothing scrolls sideways, from the smallest phone to a large screen."""
    before = page.viewport_size
    assert before is not None
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} at {width}"
    page.set_viewport_size(before)
