"""The console as somebody uses it: by what is read on it, never by how it is built."""

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
    """The screen that a page is looked at on."""

    width: int = 1280
    height: int = 800
    scheme: Scheme = "light"

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}"


NARROW = 360
"""The narrowest screen that everything works on, in CSS pixels."""

every_look = pytest.mark.parametrize(
    "looks",
    [Looks(), Looks(scheme="dark"), Looks(NARROW, 740), Looks(NARROW, 740, "dark")],
    ids=lambda looks: looks.name,
    indirect=True,
)
"""A test on a wide and a narrow screen, light and dark."""


def lose_response(page: Page, path: str) -> None:
    """Lets the API do the next request whose path ends so, and its answer get lost."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route(re.compile(re.escape(path) + "$"), lose, times=1)


@dataclass
class Watch:
    """Notes what a page must not do: errors on its console, refusals by its policy, failed scripts."""

    page: Page
    problems: list[str] = field(default_factory=list)
    met: list[str] = field(default_factory=list)
    """What was expected and has come."""
    _expected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.page.on("console", self._on_message)
        self.page.on("pageerror", lambda error: self._note(f"uncaught: {error}"))
        self.page.on("requestfailed", self._on_failure)

    def expect(self, *texts: str) -> None:
        """Messages with one of these texts belong to the test."""
        self._expected = texts

    def _on_message(self, message: ConsoleMessage) -> None:
        # The browser itself logs a refusal by the API; tests see it on the screen.
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
        """Where it is: on the stack, or where CONSOLE_URL says that a development server answers."""
        return os.environ.get("CONSOLE_URL", f"{self.stack.base_url}/admin/integrations")

    def open(self, path: str = "", token: str | None = None) -> Page:
        """Goes to a path below the console; with a token as the product sends somebody there, signed in."""
        self.page.goto(f"{self.url}{path}" + (f"#access_token={token}&token_type=bearer" if token else ""))
        return self.page

    def sign_in_as(self, name: str) -> Page:
        """Chooses somebody of the local stack's list."""
        self.page.get_by_role("button", name=name).click()
        return self.page

    def tab(self, name: str) -> Page:
        """Opens a tab."""
        self.page.get_by_role("navigation", name="Integrations").get_by_role("link", name=name).click()
        return self.page

    def shows(self, heading: str) -> None:
        """Waits until the screen of that name is there."""
        expect(self.page.get_by_role("heading", name=heading, level=1)).to_be_visible()

    def screenshot(self, name: str) -> Path:
        """Writes what is seen to .local/screenshots/NAME-WIDTH-SCHEME.png, the whole page."""
        path = SCREENSHOTS / f"{name}-{self.looks.name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True, animations="disabled")
        return path

    def check_accessibility(self) -> None:
        """No rule of WCAG 2.2 AA that axe knows is broken, and nothing is wider than the screen."""
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
"""All but `region`, which no menu that stands over the page can keep."""


@cache
def _axe() -> str:
    return (TOOLS.install() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
