"""What browser tests run against: the console of the deployed stack, in a Chromium that watches what goes wrong."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from local import chromium
from local.receiver import Receiver
from local.stack import RunningStack
from tests.console.browsing import Console, Looks, Watch
from tests.journeys.product import stack_of_this_run

PATIENCE_MILLISECONDS = 120_000
"""How long something on the screen may take. A busy machine is no failed test."""


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[RunningStack]:
    """The deployed stack, one for all worker processes of this run; nobody may expect it empty."""
    with stack_of_this_run(tmp_path_factory, worker_id) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver of the test's own."""
    with Receiver() as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a process."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with chromium.browser() as browser:
        yield browser


@pytest.fixture
def looks(request: pytest.FixtureRequest) -> Looks:
    """How wide and how bright the screen is: wide and light unless a test is `@every_look` or names its own."""
    return getattr(request, "param", Looks())


@pytest.fixture
def watch(browser: Browser, looks: Looks) -> Iterator[Watch]:
    """A page without cookies or storage: what it logs as an error, or its policy refuses, fails the test."""
    context = browser.new_context(
        viewport={"width": looks.width, "height": looks.height},
        color_scheme=looks.scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    watch = Watch(context.new_page())
    yield watch
    context.close()
    assert watch.problems == []


@pytest.fixture
def page(watch: Watch) -> Page:
    """That page."""
    return watch.page


@pytest.fixture
def console(page: Page, stack: RunningStack, looks: Looks) -> Console:
    """The console in that page; nobody is signed in yet."""
    return Console(page, stack, looks)
