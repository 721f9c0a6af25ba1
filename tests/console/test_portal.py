"""Portal links: the product shows the console in a frame of its own page."""

import itertools
import json
import re
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from tests.console.browsing import Console
from tests.journeys.product import new_account

PRODUCT = "http://product.test"

PAGE = """<!doctype html><html lang="en"><title>Product</title><h1>Integrations</h1>
<iframe title="Integrations" src="{src}" style="width: 100%; height: 200px; border: 0"></iframe>
<script>
  window.messages = [];
  addEventListener("message", ({{ data, origin }}) => {{
    messages.push({{ origin, ...data }});
    if (data.type === "latchhook:height") document.querySelector("iframe").style.height = `${{data.height}}px`;
  }});
</script></html>"""

BLOCKED = """Object.defineProperty(window, "sessionStorage", {
  get() { throw new DOMException("Access is denied for this document.", "SecurityError"); } });"""
"""What a browser does that blocks storage in frames of other sites."""


def allow_frame(console: Console) -> None:
    """Configure the product's origin in the page's settings and in its policy, as a deployment would."""

    def settings(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "frameAncestors": [PRODUCT]})

    def document(route: Route) -> None:
        response = route.fetch()
        policy = response.headers.get("content-security-policy", "")
        policy = policy.replace("frame-ancestors 'none'", f"frame-ancestors {PRODUCT}")
        route.fulfill(response=response, headers={**response.headers, "content-security-policy": policy})

    console.page.route("**/admin/integrations/config.json", settings)
    console.page.route(re.compile(r"/admin/integrations(/webhooks)?$"), document)


def exchange(console: Console, *, token: str, account_id: str) -> list[str]:
    """Answer the exchange of one code with a session, and refuse it afterwards. Return the list of codes."""
    codes: list[str] = []
    session = {
        "token": token,
        "sessionId": "0d6a5b3e-2f0c-4a51-9f37-6f1f0c3f7c11",
        "accountId": account_id,
        "userId": "user-7",
        "tabs": ["webhooks", "usage"],
        "returnUrl": f"{PRODUCT}/settings",
        "expiresAt": "2099-01-01T00:00:00Z",
    }

    def answer(route: Route) -> None:
        codes.append(json.loads(route.request.post_data or "{}")["code"])
        if len(codes) == 1:
            route.fulfill(json=session)
        else:
            route.fulfill(status=404, json={"code": "not_found", "detail": "No such code.", "requestId": "request-7"})

    console.page.route("**/portal-sessions/exchange", answer)
    return codes


def messages(page: Page, kind: str) -> list[dict[str, Any]]:
    """Return the messages of a kind that the product's page has received."""
    received: list[dict[str, Any]] = page.evaluate("messages")
    return [each for each in received if each["type"] == kind]


def embed(console: Console, code: str) -> FrameLocator:
    """Open the product's page with a portal link in a frame."""
    page = console.page
    html = PAGE.format(src=f"{console.url}/webhooks#portal_code={code}")
    page.route(f"{PRODUCT}/", lambda route: route.fulfill(content_type="text/html", body=html))
    page.goto(f"{PRODUCT}/")
    return page.frame_locator("iframe")


@pytest.mark.parametrize("is_blocked", [False, True], ids=["storage", "no-storage"])
def test_console_works_in_a_frame_of_another_origin(console: Console, *, is_blocked: bool) -> None:
    account_id, page = new_account(), console.page
    allow_frame(console)
    codes = exchange(console, token=console.stack.tokens.account_token(account_id), account_id=account_id)
    if is_blocked:
        page.add_init_script(BLOCKED)
    frame = embed(console, "code-1")
    expect(frame.get_by_role("heading", name="No webhooks yet")).to_be_visible()
    expect(frame.get_by_role("navigation", name="Integrations").get_by_role("link")).to_have_text(["Webhooks", "Usage"])
    expect(frame.get_by_role("button", name="account menu")).to_have_count(0)
    back = frame.get_by_role("link", name="Back to product.test")
    expect(back).to_have_attribute("href", f"{PRODUCT}/settings")
    inner = page.frames[1]
    assert inner.evaluate("location.hash") == ""
    assert codes == ["code-1"]

    # The frame has the height of its content, and gets no further message when the page has resized it.
    page.wait_for_function("messages.length > 0")
    inner.wait_for_function("innerHeight === Math.ceil(document.getElementById('root').getBoundingClientRect().height)")
    heights = [each["height"] for each in messages(page, "latchhook:height")]
    assert all(one != other for one, other in itertools.pairwise(heights)), heights
    page.get_by_role("heading", name="Integrations").evaluate("each => { each.style.marginBlock = '80px' }")
    assert [each["height"] for each in messages(page, "latchhook:height")] == heights

    with page.expect_event("framenavigated"):
        inner.evaluate("location.reload()")
    if is_blocked:
        expect(frame.get_by_role("heading", name="Sign in")).to_be_visible()
        return
    expect(frame.get_by_role("heading", name="No webhooks yet")).to_be_visible()
    refusal = {"code": "invalid_token", "detail": "The session has ended.", "requestId": "request-8"}
    page.route("**/api-keys/usage?*", lambda route: route.fulfill(status=401, json=refusal))
    frame.get_by_role("link", name="Usage").click()
    expect(frame.get_by_role("heading", name="Your session has ended")).to_be_visible()
    page.wait_for_function("messages.some(({ type }) => type === 'latchhook:signed-out')")
    (ended,) = messages(page, "latchhook:signed-out")
    assert ended["reason"] == "ended"
    assert ended["origin"] == console.url.partition("/admin")[0]
    embed(console, "code-1")
    expect(frame.get_by_role("heading", name="This link has expired")).to_be_visible()
