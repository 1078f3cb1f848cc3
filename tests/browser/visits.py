"""A page under test in a real Chromium: what it asked for, what it complained of, and how it looks."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FloatRect, Page, Playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SWITCHES = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing leaves the machine
]
SCREENSHOTS = Path(__file__).parents[2] / "build" / "browser"
PATIENCE = 10_000  # milliseconds for anything to appear
TALLEST = 3000  # pixels of a screenshot
DESKTOP, TABLET, PHONE = (1280, 900), (820, 1180), (390, 844)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]  # of axe-core; contrast is among them


@dataclass(frozen=True)
class Visit:
    """One page, with the addresses it asked for and its complaints: words on the console, errors nobody caught."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def outside(self) -> list[str]:
        """What it asked for from other machines."""
        return [url for url in self.asked if urlsplit(url).hostname not in (None, "127.0.0.1")]

    @property
    def too_wide(self) -> int:
        """By how many pixels it has to be scrolled sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def open_all(self) -> None:
        """Open what can be opened; of the lists of fields in a report, which are all alike and long, the first."""
        openable = self.page.locator("details:not(.fields ~ .fields)")
        openable.evaluate_all("all => all.forEach((each) => (each.open = true))")

    def inaccessible(self) -> list[str]:
        """What breaks a rule of axe-core, with its place; what is not shown is not looked at."""
        options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
        found = Axe().run(self.page, options=options).response["violations"]
        return [f"{each['id']} at {node['target']}: {node['html'][:200]}" for each in found for node in each["nodes"]]

    def keep(self, name: str) -> None:
        """A picture of the page, or of the top of a long one."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        file = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") + ".png"
        width, height = self.page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        top = FloatRect(x=0, y=0, width=width, height=min(height, TALLEST))
        self.page.screenshot(path=SCREENSHOTS / file, full_page=True, clip=top)


Open = Callable[..., Visit]
"""Opens an address: `open_page(url, size=PHONE, ...)`; other options are those of a browser context."""


def launched(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
