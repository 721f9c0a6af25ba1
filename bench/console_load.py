"""The deployed console's first load in a browser without cache, and scrolling in a list of a thousand keys.

- Until usable: from navigation until the API Keys table is visible and *New key* can be clicked.
- Waiting: the part of it in which the browser waits for the first byte of a response from the stack, which is time
  of the emulator and of the functions. Work of the page in the same period counts as waiting.
- Scripts: all scripts loaded until then, as transferred: compressed, without headers.

TEST_STACK names the directory of a stack that already runs.
"""

import statistics
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, Page

from bench.figures import Bar
from bench.runtime_image import WORK
from local import chromium
from local.shared_stack import stack_to_use
from local.stack import RunningStack
from tests.console.api_key_screens import import_keys
from tests.journeys.product import admin

ROUNDS = 5
FEW, MANY = 6, 1000
MOST_MILLIS = 2000
MOST_SCRIPT_KILOBYTES = 250
WAIT_MILLIS = 60_000

# Checks before each frame whether a person can click the button. A covered button does not count.
_NOTE_WHEN_USABLE = """
const look = () => {
    const button = [...document.querySelectorAll("button")].find((each) => each.textContent.trim() === "New key");
    const box = button?.getBoundingClientRect();
    const top = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const isClickable = top && button.contains(top) && !button.disabled;
    if (isClickable && document.querySelector("table[aria-label='API keys'] a")) window.usableAt = performance.now();
    else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""

_LOADED = """() => ({
    usable: window.usableAt,
    requests: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .filter((each) => each.requestStart < window.usableAt)
        .map((each) => ({
            path: new URL(each.name).pathname,
            kind: each.initiatorType,
            asked: each.requestStart,
            answered: Math.min(each.responseStart || Infinity, window.usableAt),
            bytes: each.encodedBodySize,
        })),
})"""


@dataclass(frozen=True)
class Figure:
    """One row of the table, over all rounds. Times are in milliseconds."""

    name: str
    median: float
    least: float
    bar: Bar | None = None
    judged_by_least: bool = False

    @property
    def judged(self) -> float:
        """The value that is compared with the bar."""
        return self.least if self.judged_by_least else self.median


def measure() -> list[Figure]:
    """Load the console in each round as a new visitor, then scroll through a thousand keys."""
    with stack_to_use(WORK / "console") as stack, chromium.browser() as browser:
        token = _account(stack, FEW)
        _load(browser, stack, token)  # warms the emulator's functions
        loads = [_load(browser, stack, token) for _ in range(ROUNDS)]
        return [
            _figure("until usable, ms", [each["usable"] for each in loads], Bar(MOST_MILLIS, " ms")),
            _figure("… waiting for the stack", [_waited(each["requests"]) for each in loads]),
            _figure("… … for the API", [_waited(_of_api(each["requests"])) for each in loads]),
            _figure("… the browser's own time", [each["usable"] - _waited(each["requests"]) for each in loads]),
            _figure("scripts, kB compressed", [_kilobytes(each) for each in loads], Bar(MOST_SCRIPT_KILOBYTES, " kB")),
            _long_tasks(browser, stack),
        ]


def _account(stack: RunningStack, keys: int) -> str:
    """Create an account with `keys` API keys and return a session token for it."""
    account_id = str(uuid4())
    import_keys(admin(stack, account_id), account_id, keys)
    return stack.tokens.account_token(account_id)


def _open(browser: Browser, stack: RunningStack, token: str) -> Page:
    """Open the console in a page without cache, cookies or storage, and wait until it is usable."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce").new_page()
    page.add_init_script(_NOTE_WHEN_USABLE)
    page.goto(f"{stack.base_url}/admin/integrations/api-keys?sort=name#access_token={token}&token_type=bearer")
    page.wait_for_function("() => window.usableAt", timeout=WAIT_MILLIS)
    return page


def _load(browser: Browser, stack: RunningStack, token: str) -> Any:
    page = _open(browser, stack, token)
    loaded = page.evaluate(_LOADED)
    page.get_by_role("button", name="New key").click()
    page.get_by_role("dialog").wait_for()
    page.context.close()
    return loaded


def _waited(requests: list[Any]) -> float:
    """Milliseconds in which at least one request waits for its first byte."""
    waited = until = 0.0
    for each in sorted(requests, key=lambda each: float(each["asked"])):
        waited += max(0.0, each["answered"] - max(until, each["asked"]))
        until = max(until, each["answered"])
    return waited


def _of_api(requests: list[Any]) -> list[Any]:
    return [each for each in requests if each["kind"] == "fetch"]


def _kilobytes(load: Any) -> float:
    return sum(float(each["bytes"]) for each in load["requests"] if each["path"].endswith(".js")) / 1000


def _long_tasks(browser: Browser, stack: RunningStack) -> Figure:
    """Count the long tasks of each scrolling pass.

    The best pass counts, because other programs also cause long tasks.
    """
    page = _open(browser, stack, _account(stack, MANY))
    page.get_by_text(f"{MANY:,} keys", exact=True).wait_for(timeout=WAIT_MILLIS)
    page.wait_for_load_state("networkidle")
    passes = [len(_scrolled(page, f"Imported {MANY - 1:04}")) for _ in range(ROUNDS)]
    page.context.close()
    name = f"long tasks, scrolling {MANY:,} keys"
    return Figure(name, statistics.median(passes), min(passes), Bar(0), judged_by_least=True)


def _scrolled(page: Page, last: str) -> list[float]:
    """Scroll the list with the wheel, then to the last key. Return the durations of its long tasks in ms."""
    page.evaluate("""() => {
        window.scrollTo(0, 0);
        window.longTasks = [];
        window.longTaskObserver ??= new PerformanceObserver((list) =>
            window.longTasks.push(...list.getEntries().map((each) => each.duration)));
        window.longTaskObserver.observe({ type: 'longtask' });
    }""")
    page.mouse.move(640, 500)
    for _ in range(60):
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(16)
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.get_by_role("link", name=last).wait_for(timeout=WAIT_MILLIS)
    return list(page.evaluate("window.longTasks"))


def _figure(name: str, values: list[float], bar: Bar | None = None) -> Figure:
    return Figure(name, statistics.median(values), min(values), bar)
