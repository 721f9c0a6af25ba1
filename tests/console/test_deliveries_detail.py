"""One delivery: its attempts with requests and responses, and a manual retry."""

import json
import subprocess

import pytest
from playwright.sync_api import Page, expect

from local.receiver import Behaviour, Receiver
from local.stack import RunningStack
from tests.console.browsing import Console, Watch
from tests.console.delivering import HOOK, Delivering, delivering
from tests.journeys.product import PATIENCE_SECONDS, eventually

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


def test_attempt_shows_request_response_and_timings(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    receiver.response(
        HOOK,
        Behaviour(
            statuses=[500, 200], headers={"Content-Type": "application/json", "X-Served-By": "eu-1"}, body=JSON_ANSWER
        ),
    )
    hook = delivering(stack, receiver, retryScheduleSeconds=[1], headers={"X-Team": "garage"})
    hook.publish(externalId="ERP_PART_12345", entity={"number": BIG_NUMBER, "name": "Räder <b>"})
    hook.made(2)
    page = opened(console, hook)
    request, response = (
        page.get_by_role("region", name="Request", exact=True),
        page.get_by_role("region", name="Response", exact=True),
    )
    expect(page.get_by_role("heading", name="Attempt 2")).to_be_visible()
    expect(request).to_contain_text("X-Team")
    expect(request).to_contain_text(f'"number": {BIG_NUMBER}')
    expect(request).to_contain_text('"name": "Räder <b>"')
    expect(response).to_contain_text("HTTP 200")
    expect(response).to_contain_text("eu-1")
    expect(response).to_contain_text('"items": [')
    expect(page.get_by_text("First byte")).to_be_visible()
    expect(page.get_by_text("127.0.0.1", exact=True)).to_be_visible()
    console.check_screen("delivery")
    page.get_by_role("button", name="Attempt 1").click()
    expect(page.get_by_role("heading", name="Attempt 1")).to_be_visible()
    expect(page.get_by_text(f"HTTP 500 from {receiver.url(HOOK)}")).to_be_visible()
    expect(page.get_by_text("The receiver failed: its log says why.")).to_be_visible()
    assert page.url.endswith("?attempt=1")
    console.check_screen("delivery-failed")
    page.reload()
    expect(page.get_by_role("heading", name="Attempt 1")).to_be_visible()


def test_copied_body_equals_the_sent_body(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    receiver.response(HOOK, Behaviour(body=JSON_ANSWER))
    hook = delivering(stack, receiver)
    hook.publish(entity={"price": 1.5, "name": "Räder 'so' $HOME"})
    hook.made(1)
    sent = receiver.requests()[0]
    page = opened(console, hook)
    page.get_by_role("button", name="Copy the request body").click()
    assert clipboard(page) == sent.body.decode()
    page.get_by_role("button", name="Copy the response body").click()
    assert clipboard(page) == JSON_ANSWER.decode()
    response = page.get_by_role("region", name="The response body")
    expect(response).to_contain_text('"accepted": true')
    page.get_by_role("radiogroup", name="Form of the response body").get_by_text("Raw").click()
    expect(response).to_have_text(JSON_ANSWER.decode())
    page.get_by_role("button", name="Copy as curl").click()
    subprocess.run(["sh", "-c", clipboard(page).replace("curl", "curl -s", 1)], check=True, timeout=PATIENCE_SECONDS)
    again = receiver.requests()[1]
    assert (again.path, again.body, again.headers["webhook-id"]) == (sent.path, sent.body, sent.headers["webhook-id"])
    assert "webhook-signature" not in again.headers


def test_manual_retry_has_the_same_id_and_appears_automatically(
    console: Console, stack: RunningStack, receiver: Receiver
) -> None:
    receiver.response(HOOK, Behaviour(statuses=[500, 200]))
    hook = delivering(stack, receiver)
    hook.publish()
    hook.made(1)
    page = opened(console, hook)
    expect(page.get_by_text("No more attempts are planned.")).to_be_visible()
    page.get_by_role("button", name="Retry now").click()
    first, second = receiver.wait_for(2, PATIENCE_SECONDS)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    expect(page.get_by_role("heading", name="Attempt 2")).to_be_visible()
    expect(page.get_by_role("button", name="Attempt 2")).to_contain_text("Retried by hand")
    expect(page.get_by_role("button", name="Attempt 2")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("button", name="Retry now")).to_be_enabled()
    assert [(each["attempt"], each["trigger"]) for each in hook.attempts()] == [(2, "manual"), (1, "event")]


def test_retry_by_keyboard_keeps_the_focus(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    hook = delivering(stack, receiver)
    hook.publish()
    hook.made(1)
    page = opened(console, hook)
    page.get_by_role("button", name="Retry now").focus()
    page.keyboard.press("Enter")
    receiver.wait_for(2, PATIENCE_SECONDS)
    expect(page.get_by_role("heading", name="Attempt 2")).to_be_visible()
    expect(page.get_by_role("button", name="Retry now")).to_be_focused()


def test_next_step_of_a_delivery_is_shown(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    receiver.response(HOOK, Behaviour(statuses=[503]))
    hook = delivering(stack, receiver, retryScheduleSeconds=[3600])
    hook.publish()
    hook.made(1)
    page = opened(console, hook)
    expect(page.get_by_text("Attempt 2 in ")).to_be_visible()
    hook.account.call("PATCH", hook.path, {"status": "paused"})
    page.reload()
    expect(page.get_by_text("Attempt 2 waits until the webhook is resumed.")).to_be_visible()
    expect(page.get_by_role("button", name="Retry now")).to_be_disabled()
    expect(page.get_by_text("Resume the webhook to retry.")).to_be_visible()
    console.check_screen("delivery-paused")


def test_selected_attempt_stays_when_another_arrives(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    receiver.response(HOOK, Behaviour(statuses=[500, 200]))
    hook = delivering(stack, receiver, retryScheduleSeconds=[10])
    hook.publish()
    hook.made(1)
    page = opened(console, hook)
    expect(page.get_by_text("Attempt 2 in a moment").or_(page.get_by_text("Attempt 2 is due now"))).to_be_visible()
    expect(page.get_by_role("button", name="Attempt 2")).to_be_visible()
    expect(page.get_by_role("heading", name="Attempt 1")).to_be_visible()


ANSWERS = {
    "html": b"<html><body><h1>Oops</h1><script>window.owned = 1</script><img src=x onerror='window.owned = 1'></body>",
    "binary": bytes(range(256)) * 4,
    "long": b"x" * 300_000,
    "directions": "invoice\u202efdp.exe\u2066".encode(),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_receivers_response_is_shown_as_text(
    console: Console, stack: RunningStack, receiver: Receiver, watch: Watch, kind: str
) -> None:
    headers = {"Content-Type": "text/html", "X-Note": "<img src=x onerror='window.owned = 1'>"}
    receiver.response(HOOK, Behaviour(statuses=[500], headers=headers, body=ANSWERS[kind]))
    hook = delivering(stack, receiver)
    hook.publish(externalId="<b>bold</b>", entity={"html": "</pre><script>window.owned = 1</script>"})
    hook.made(1)
    page = opened(console, hook)
    response = page.get_by_role("region", name="Response", exact=True)
    body = page.get_by_role("region", name="The response body")
    expect(response).to_contain_text(headers["X-Note"])
    expect(page.get_by_text("<b>bold</b>")).to_be_visible()
    expect(page.get_by_role("region", name="Request", exact=True)).to_contain_text(
        "</pre><script>window.owned = 1</script>"
    )
    if kind == "html":
        expect(body).to_have_text(ANSWERS[kind].decode())
        assert page.get_by_role("heading", name="Oops").count() == 0
    if kind == "binary":
        expect(body).to_contain_text("␀␁␂")
        expect(response).to_contain_text("Bytes that are no text are shown, and copied, as �.")
    if kind == "long":
        expect(response).to_contain_text("First 64.0 KiB")
        expect(response).to_contain_text("The receiver sent more. Only this beginning is kept.")
        page.get_by_role("button", name="Copy the response body").click()
        assert clipboard(page) == "x" * 65_536
    if kind == "directions":
        expect(body).to_have_text("invoice‹U+202E›fdp.exe‹U+2066›")
    assert page.evaluate("window.owned") is None
    console.check_screen(f"delivery-{kind}")
    assert watch.problems == []


def test_failure_without_a_response_is_explained(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    hook = delivering(stack, receiver, url="http://127.0.0.1:9/nobody")
    hook.publish()
    hook.made(1)
    page = opened(console, hook)
    expect(page.get_by_text("Connection refused at http://127.0.0.1:9/nobody")).to_be_visible()
    expect(page.get_by_role("region", name="Response", exact=True)).to_contain_text("No answer came.")
    expect(page.get_by_text("Until it failed")).to_be_visible()
    console.check_screen("delivery-no-answer")


def test_delivery_of_another_account_is_not_found(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    theirs, mine = delivering(stack, receiver), delivering(stack, receiver)
    theirs.publish()
    delivery = theirs.made(1)[0]["deliveryId"]
    mine.open(console, f"/deliveries/{delivery}")
    expect(console.page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()


def test_refused_retry_shows_the_reason(console: Console, stack: RunningStack, receiver: Receiver, page: Page) -> None:
    hook = delivering(stack, receiver)
    hook.publish()
    hook.made(1)
    opened(console, hook)
    hook.account.call("PATCH", hook.path, {"status": "paused"})
    eventually(lambda: hook.account.call("GET", hook.path)["status"], lambda status: bool(status == "paused"))
    page.get_by_role("button", name="Retry now").click()
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("The delivery wasn't retried")
    expect(notice).to_contain_text("The webhook is not active. Activate it and try again.")
    expect(notice).to_contain_text("Request ")
    console.check_screen("delivery-retry-refused")


def test_shown_request_body_equals_the_signed_body(console: Console, stack: RunningStack, receiver: Receiver) -> None:
    hook = delivering(stack, receiver)
    hook.publish(entity={"b": 1, "a": [1.0, 1e3]})
    hook.made(1)
    page = opened(console, hook)
    page.get_by_role("radiogroup", name="Form of the request body").get_by_text("Raw").click()
    shown = page.get_by_role("region", name="The request body").inner_text()
    assert shown == receiver.requests()[0].body.decode()
    assert json.loads(shown)["entity"] == {"b": 1, "a": [1.0, 1e3]}
