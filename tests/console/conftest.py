"""The fixtures of the browser tests: the deployed console in a Chromium that reports errors."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from local import chromium
from local.receiver import Receiver
from local.stack import RunningStack
from tests.console.browsing import Console, Looks, Watch
from tests.journeys.product import Caller, admin, new_account, stack_of_this_run

PATIENCE_MILLISECONDS = 300_000
"""The timeout for changes on the screen. It is long, because a busy machine must not fail a test."""


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[RunningStack]:
    """The deployed stack. All worker processes of the run share it, so that tests cannot expect an empty stack."""
    with stack_of_this_run(tmp_path_factory, worker_id) as running:
        yield running


@pytest.fixture
def account_id() -> str:
    """The id of a new account."""
    return new_account()


@pytest.fixture
def owner(stack: RunningStack, account_id: str) -> Caller:
    """The account's admin, for calls of the API."""
    return admin(stack, account_id)


@pytest.fixture
def token(stack: RunningStack, account_id: str) -> str:
    """The session token of the account's admin."""
    return stack.tokens.account_token(account_id)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a webhook receiver for one test."""
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
    """The screen of a test: wide and light, unless the test is `@narrow`."""
    return getattr(request, "param", Looks())


@pytest.fixture
def watch(browser: Browser, looks: Looks) -> Iterator[Watch]:
    """A page without cookies or storage. An error in its log or a violation of its policy fails the test."""
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
    """The watched page."""
    return watch.page


@pytest.fixture
def console(page: Page, stack: RunningStack, looks: Looks) -> Console:
    """The console in the page, before sign-in."""
    return Console(page, stack, looks)
