"""Operates the console through its visible texts and roles, independent of its implementation."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Route, expect

from local.npm_packages import TOOLS
from local.stack import RunningStack
from local.stages import ROOT

SCREENSHOTS = ROOT / ".local" / "screenshots"

Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Looks:
    """The size and the colour scheme of the screen."""

    width: int = 1280
    height: int = 800
    scheme: Scheme = "light"

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}"

    @property
    def has_all_rules(self) -> bool:
        """Whether all rules are checked. Another scheme of the same width differs in its colours only."""
        return (self.width == NARROW) == (self.scheme == "dark")


NARROW = 360
"""The narrowest supported screen, in CSS pixels."""

WRITES_SCREENSHOTS = os.environ.get("SCREENSHOTS") == "1"

LOOKS = [
    Looks(width, height, scheme)
    for width, height in (
        ((NARROW, 740), (1440, 900), (2560, 1440)) if WRITES_SCREENSHOTS else ((1280, 800), (NARROW, 740))
    )
    for scheme in ("light", "dark")
]
"""The looks of a screen. SCREENSHOTS=1 writes each screen to .local/screenshots, in more widths."""

narrow = pytest.mark.parametrize("looks", [Looks(NARROW, 740)], ids=["narrow"], indirect=True)
"""Runs a test on a narrow screen."""


def lose_response(page: Page, path: str) -> None:
    """Let the next request whose path ends with `path` reach the API, and lose its response."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route(re.compile(re.escape(path) + "$"), lose, times=1)


OUTAGE = {
    "type": "urn:latchhook:problem:temporarily_unavailable",
    "title": "Service Unavailable",
    "status": 503,
    "code": "temporarily_unavailable",
    "detail": "DynamoDB does not respond. Try again.",
    "requestId": "JKxQ09mZIAMEJ8w=",
}


def fail(route: Route) -> None:
    """Answer a request with an outage."""
    route.fulfill(status=503, json=OUTAGE)


def send(route: Route) -> None:
    """Send a request."""
    route.continue_()


@contextmanager
def held(page: Page, *urls: str, then: Callable[[Route], None] = send) -> Iterator[None]:
    """Hold the requests to `urls` while the context lasts. Then send them and all later requests, or call `then`."""
    routes: list[Route] = []

    def hold(route: Route) -> None:  # Playwright does not accept a built-in method
        routes.append(route)

    for url in urls:
        page.route(url, hold)
    yield
    for url in urls:
        page.route(url, then)  # the last route takes precedence
    for route in routes:
        then(route)


@dataclass
class Watch:
    """Records forbidden events of a page: errors on its console, violations of its policy, failed scripts."""

    page: Page
    problems: list[str] = field(default_factory=list)
    met: list[str] = field(default_factory=list)
    """The expected messages that have appeared."""
    _expected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.page.on("console", self._on_message)
        self.page.on("pageerror", lambda error: self._note(f"uncaught: {error}"))
        self.page.on("requestfailed", self._on_failure)

    def expect(self, *texts: str) -> None:
        """Allow messages that contain one of these texts."""
        self._expected = texts

    def _on_message(self, message: ConsoleMessage) -> None:
        # The browser itself logs an error response of the API. Tests check it on the screen.
        refusal = re.search(r"the server responded with a status of 4\d\d", message.text)
        if message.type in {"error", "warning"} and not refusal:
            self._note(f"{message.type}: {message.text}")

    def _on_failure(self, request: Request) -> None:
        failure = request.failure or ""
        if request.resource_type in {"script", "stylesheet", "document"} and "ERR_ABORTED" not in failure:
            self._note(f"{request.url}: {failure}")

    def _note(self, text: str) -> None:
        expected = [each for each in self._expected if each in text]
        self.met += expected
        if not expected:
            self.problems.append(text)


@dataclass(frozen=True)
class Console:
    """The console in a page."""

    page: Page
    stack: RunningStack
    looks: Looks

    @property
    def url(self) -> str:
        """The console's URL on the stack, or the URL of a development server in CONSOLE_URL."""
        return os.environ.get("CONSOLE_URL", f"{self.stack.base_url}/admin/integrations")

    def open(self, path: str = "", token: str | None = None) -> Page:
        """Open a path of the console. A token signs in, as a link from the product does."""
        self.page.goto(f"{self.url}{path}" + (f"#access_token={token}&token_type=bearer" if token else ""))
        return self.page

    def sign_in_as(self, name: str) -> Page:
        """Sign in as a user from the local stack's list."""
        self.page.get_by_role("button", name=name).click()
        return self.page

    def tab(self, name: str) -> Page:
        """Open a tab."""
        self.page.get_by_role("navigation", name="Integrations").get_by_role("link", name=name).click()
        return self.page

    def shows(self, heading: str) -> None:
        """Wait for the screen with this heading."""
        expect(self.page.get_by_role("heading", name=heading, level=1)).to_be_visible()

    def check_screen(
        self, name: str, *, wide: Locator | None = None, narrow: Locator | None = None, own_width: bool = False
    ) -> None:
        """Check that no rule of WCAG 2.2 AA that axe knows is broken, and that nothing is wider than the screen.

        The screen is checked wide and light, and narrow and dark. `wide` and `narrow` are parts that a screen has in
        this width only: it is also checked wide and dark, and narrow and light. `own_width` keeps the test's width.
        The check starts when the screen has its heading and no placeholder. A screen that loads has no content.
        """
        expect(self.page.locator("h1").first).to_be_attached()
        expect(self.page.get_by_text("Loading", exact=True)).to_have_count(0)
        wanted = [
            each
            for each in LOOKS
            if (each.has_all_rules or WRITES_SCREENSHOTS or own_width or wide or narrow)
            and not (own_width and (each.width == NARROW) != (self.looks.width == NARROW))
        ]
        # The test's own look is the last, so that the screen already has it after the check.
        wanted.sort(key=lambda each: each == self.looks)
        for looks in wanted:
            self.show_in(looks, narrow if looks.width == NARROW else wide)
            self._check_accessibility(looks)
            if WRITES_SCREENSHOTS:
                self._write_screenshot(name, looks)
        if wanted[-1] != self.looks:
            self.show_in(self.looks)

    def screenshot(self, name: str) -> None:
        """Write the screen in every look, if SCREENSHOTS=1."""
        if WRITES_SCREENSHOTS:
            for looks in LOOKS:
                self.show_in(looks)
                self._write_screenshot(name, looks)
            self.show_in(self.looks)

    def show_in(self, looks: Looks, part: Locator | None = None) -> None:
        """Change the size and the colour scheme of the screen, and wait for the change and for a part of it."""
        self.page.set_viewport_size({"width": looks.width, "height": looks.height})
        self.page.emulate_media(color_scheme=looks.scheme)
        expect(self.page.locator("html")).to_have_attribute("data-mantine-color-scheme", looks.scheme)
        if part:
            expect(part).to_be_visible()
        self.page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=looks.width)
        self.page.evaluate(UNTIL_STILL)

    def _write_screenshot(self, name: str, looks: Looks) -> None:
        path = SCREENSHOTS / f"{name}-{looks.name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True, animations="disabled")

    def _check_accessibility(self, looks: Looks) -> None:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_axe())
        result: dict[str, Any] = self.page.evaluate(
            "options => axe.run(document, options)",
            {**(RULES if looks.has_all_rules else RULES_ABOUT_COLOURS), "resultTypes": ["violations"]},
        )
        broken = [
            f"{looks.name}: {each['id']}: {node['target']} {node['failureSummary']}"
            for each in result["violations"]
            for node in each["nodes"]
        ]
        assert broken == [], "\n".join(broken)


UNTIL_STILL = """() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))).then(() =>
    Promise.allSettled(document.getAnimations()
        .filter(each => each.effect.getComputedTiming().endTime !== Infinity).map(each => each.finished))
).then(() => undefined)"""
"""Waits for two frames and for all transitions, because colours in a transition have a wrong contrast."""

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"region": {"enabled": False}},
}
"""All rules except `region`, which a menu above the page cannot meet."""

RULES_ABOUT_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules for another scheme of a checked width. They cost a third of all rules."""


@cache
def _axe() -> str:
    return (TOOLS.install() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
