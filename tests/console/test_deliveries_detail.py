"""One delivery: its attempts with requests and responses, and a manual retry."""

import re
import subprocess

from playwright.sync_api import Page, expect

from local.receiver import Behaviour, ReceivedRequest, Receiver
from local.stack import RunningStack
from tests.console.browsing import Console
from tests.console.delivering import HOOK, Delivering, delivering
from tests.journeys.product import PATIENCE_SECONDS

BIG_NUMBER = 12345678901234567000
JSON_ANSWER = b'{"accepted":true,"items":[1,2.50],"note":"thanks"}'


def opened(console: Console, hook: Delivering, attempt: int | None = None) -> Page:
    """Open the webhook's newest delivery on the screen."""
    newest = hook.attempts()[0]
    query = "" if attempt is None else f"?attempt={attempt}"
    hook.open(console, f"/deliveries/{newest['deliveryId']}{query}")
    expect(console.page.get_by_role("heading", name=newest["eventType"], level=1)).to_be_visible()
    return console.page


def clipboard(page: Page) -> str:
    """Return the text of the clipboard."""
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_delivery_is_retried_by_keyboard_and_shows_what_was_sent(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    headers = {"Content-Type": "application/json", "X-Served-By": "eu-1"}
    receiver.response(HOOK, Behaviour(statuses=[500, 200], headers=headers, body=JSON_ANSWER))
    hook = delivering(stack, receiver, headers={"X-Team": "garage"})
    hook.publish(
        externalId="ERP_PART_12345", entity={"number": BIG_NUMBER, "a": [1.0, 1e3], "name": "Räder <b> 'so' $HOME"}
    )
    hook.made(1)
    page = opened(console, hook)
    expect(page.get_by_text("No more attempts are planned.")).to_be_visible()
    page.get_by_role("button", name="Retry now").focus()
    page.keyboard.press("Enter")
    first, second = receiver.wait_for(2, PATIENCE_SECONDS)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    expect(page.get_by_role("heading", name="Attempt 2")).to_be_visible()
    expect(page.get_by_role("button", name="Attempt 2")).to_contain_text("Retried by hand")
    expect(page.get_by_role("button", name="Attempt 2")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("button", name="Retry now")).to_be_focused()
    assert [(each["attempt"], each["trigger"]) for each in hook.attempts()] == [(2, "manual"), (1, "event")]

    request = page.get_by_role("region", name="Request", exact=True)
    response = page.get_by_role("region", name="Response", exact=True)
    for text in ("X-Team", f'"number": {BIG_NUMBER}', "Räder <b>"):
        expect(request).to_contain_text(text)
    for text in ("HTTP 200", "eu-1", '"items": ['):
        expect(response).to_contain_text(text)
    expect(page.get_by_text("First byte")).to_be_visible()
    expect(page.get_by_text("127.0.0.1", exact=True)).to_be_visible()
    console.check_screen("delivery")
    check_copies(page, receiver, second)
    page.get_by_role("button", name="Attempt 1").click()
    expect(page.get_by_role("heading", name="Attempt 1")).to_be_visible()
    expect(page.get_by_text(f"HTTP 500 from {receiver.url(HOOK)}")).to_be_visible()
    expect(page.get_by_text("The receiver failed: its log says why.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?attempt=1$"))
    console.check_screen("delivery-failed")


def check_copies(page: Page, receiver: Receiver, sent: ReceivedRequest) -> None:
    """Check that the copied and the raw bodies are the sent bytes, and that the curl command repeats the request."""
    page.get_by_role("button", name="Copy the request body").click()
    assert clipboard(page) == sent.body.decode()
    page.get_by_role("radiogroup", name="Form of the request body").get_by_text("Raw").click()
    expect(page.get_by_role("region", name="The request body")).to_have_text(sent.body.decode())
    page.get_by_role("button", name="Copy the response body").click()
    assert clipboard(page) == JSON_ANSWER.decode()
    page.get_by_role("radiogroup", name="Form of the response body").get_by_text("Raw").click()
    expect(page.get_by_role("region", name="The response body")).to_have_text(JSON_ANSWER.decode())
    count = len(receiver.requests())
    page.get_by_role("button", name="Copy as curl").click()
    subprocess.run(["sh", "-c", clipboard(page).replace("curl", "curl -s", 1)], check=True, timeout=PATIENCE_SECONDS)
    again = receiver.requests()[count]
    assert (again.path, again.body, again.headers["webhook-id"]) == (sent.path, sent.body, sent.headers["webhook-id"])
    assert "webhook-signature" not in again.headers


HTML = "<html><h1>Oops</h1><script>window.owned = 1</script><img src=x onerror='window.owned = 1'>\u202efdp"


def test_receivers_response_is_shown_as_text(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    headers = {"Content-Type": "text/html", "X-Note": "<img src=x onerror='window.owned = 1'>"}
    body = HTML.encode() + bytes(range(256)) + b"x" * 300_000
    receiver.response(HOOK, Behaviour(statuses=[500], headers=headers, body=body))
    hook = delivering(stack, receiver)
    hook.publish(externalId="<b>bold</b>", entity={"html": "</pre><script>window.owned = 1</script>"})
    hook.made(1)
    page = opened(console, hook)
    response = page.get_by_role("region", name="Response", exact=True)
    expect(response).to_contain_text(headers["X-Note"])
    expect(page.get_by_text("<b>bold</b>")).to_be_visible()
    expect(page.get_by_role("region", name="Request", exact=True)).to_contain_text(
        "</pre><script>window.owned = 1</script>"
    )
    expect(page.get_by_role("region", name="The response body")).to_contain_text(HTML.replace("\u202e", "‹U+202E›"))
    for text in ("␀␁␂", "Bytes that are no text are shown", "Only this beginning is kept."):
        expect(response).to_contain_text(text)
    assert page.get_by_role("heading", name="Oops").count() == 0
    assert page.evaluate("window.owned") is None
    console.check_screen("delivery-hostile")


def test_failure_without_a_response_is_explained(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    hook = delivering(stack, receiver, url="http://127.0.0.1:9/nobody")
    hook.publish()
    hook.made(1)
    page = opened(console, hook)
    expect(page.get_by_text("Connection refused at http://127.0.0.1:9/nobody")).to_be_visible()
    expect(page.get_by_role("region", name="Response", exact=True)).to_contain_text("No answer came.")
    console.screenshot("delivery-no-answer")
