"""Operates the console through its visible texts and roles, independent of its implementation."""

import os
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, Route, expect

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


NARROW = 360
"""The narrowest supported screen, in CSS pixels."""

every_look = pytest.mark.parametrize(
    "looks",
    [Looks(), Looks(scheme="dark"), Looks(NARROW, 740), Looks(NARROW, 740, "dark")],
    ids=lambda looks: looks.name,
    indirect=True,
)
"""Runs a test on a wide and a narrow screen, light and dark."""


def lose_response(page: Page, path: str) -> None:
    """Let the next request whose path ends with `path` reach the API, and lose its response."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route(re.compile(re.escape(path) + "$"), lose, times=1)


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

    def screenshot(self, name: str) -> Path:
        """Write the whole page to .local/screenshots/NAME-WIDTH-SCHEME.png."""
        path = SCREENSHOTS / f"{name}-{self.looks.name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True, animations="disabled")
        return path

    def check_accessibility(self) -> None:
        """Check the rules of WCAG 2.2 AA that axe knows, and that nothing is wider than the screen."""
        self.page.evaluate(_axe())
        result: dict[str, Any] = self.page.evaluate(
            "rules => axe.run(document, { runOnly: rules, rules: { region: { enabled: false } } })", RULES
        )
        broken = [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in result["violations"]
            for node in each["nodes"]
        ]
        assert broken == []
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.looks.width


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""All rules except `region`, which a menu above the page cannot meet."""


@cache
def _axe() -> str:
    return (TOOLS.install() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
