"""Changes of working webhooks, deployed: headers, overlapping secrets, own retry schedules, enabling again."""

import base64
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from local.receiver import Behaviour, ReceivedRequest, Receiver
from local.stack import RunningStack
from tests.journeys.product import PATIENCE_SECONDS, Caller, admin, check_signatures, eventually, new_account, publish

SECRET_VALUE = "Bearer journey-Zq7-value-that-nobody-may-read"
GRACE_SECONDS = 10


def made_webhook(account: Caller, url: str, **chosen: Any) -> dict[str, Any]:
    made: dict[str, Any] = account.call("POST", "/webhooks", {"url": url, **chosen}, status=201)
    return made


def patched(account: Caller, webhook: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = account.call("PATCH", f"/webhooks/{webhook['id']}", patch)
    return changed


def next_delivery(stack: RunningStack, receiver: Receiver, account_id: str) -> ReceivedRequest:
    arrived = len(receiver.requests())
    publish(stack, account_id, "lap.created")
    return receiver.wait_for(arrived + 1, PATIENCE_SECONDS)[-1]


def verified_by(request: ReceivedRequest, secrets: Sequence[str]) -> list[str]:
    """Return the secrets with which the Standard Webhooks library verifies the request."""
    accepted = []
    for secret in secrets:
        try:
            Webhook(secret).verify(request.body, dict(request.headers))
        except WebhookVerificationError:
            continue
        accepted.append(secret)
    return accepted


def stored(stack: RunningStack) -> str:
    """Return all items of all tables as text."""
    dynamodb = stack.client("dynamodb")
    pages = [
        page
        for table in dynamodb.list_tables()["TableNames"]
        for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    ]
    return str([page["Items"] for page in pages])


def written(stack: RunningStack) -> str:
    """Return all logs of the functions and all log files of the stack."""
    logs = stack.client("logs")
    groups = [
        group["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate()
        for group in page["logGroups"]
    ]
    lines = [
        event["message"]
        for group in groups
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in page["events"]
    ]
    files = [path.read_text("utf-8", "replace") for path in Path(stack.directory).glob("*.log")]
    return "".join(lines + files)


def test_events_filter_and_schedule_are_changed_and_reset(stack: RunningStack, receiver: Receiver) -> None:
    account = admin(stack, new_account())
    made = made_webhook(account, receiver.url("/"), events=["lap.*"])
    filter_ = {"entity": {"severity": [{"prefix": "maj"}], "Zoë": [1.5]}}
    changed = patched(account, made, {"events": ["issue.*"], "filter": filter_, "retryScheduleSeconds": [1, 86_400]})
    assert (changed["events"], changed["filter"], changed["retryScheduleSeconds"]) == (
        ["issue.*"],
        filter_,
        [1, 86_400],
    )
    assert changed["url"] == made["url"]
    assert account.call("GET", f"/webhooks/{made['id']}") == changed
    again = patched(account, made, {"events": ["lap.*"], "filter": None, "retryScheduleSeconds": None})
    assert again == {name: made[name] for name in again} | {"updatedAt": again["updatedAt"]}


def test_secret_header_is_delivered_and_never_readable(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    account = admin(stack, account_id)
    headers = {"X-Shop": "acme", "Authorization": SECRET_VALUE}
    made = made_webhook(account, receiver.url("/"), headers=headers)
    shown = {"X-Shop": "acme", "Authorization": "[redacted]"}
    assert made["headers"] == shown
    changed = patched(account, made, {"headers": {"X-Shop": "globex", "Authorization": "[redacted]"}})
    request = next_delivery(stack, receiver, account_id)
    assert (request.headers["x-shop"], request.headers["authorization"]) == ("globex", SECRET_VALUE)
    check_signatures(stack, request, made["secret"])
    assert changed["headers"] == account.call("GET", "/webhooks")["data"][0]["headers"] == {**shown, "X-Shop": "globex"}
    path = f"/webhooks/{made['id']}/deliveries"
    (attempt,) = eventually(lambda: account.call("GET", path)["data"], bool)
    sent = attempt["request"]["headers"]
    assert (sent["X-Shop"], sent["Authorization"]) == ("globex", "[redacted]")
    for everything in (stored(stack), written(stack)):
        assert account_id in everything
        for form in (SECRET_VALUE, base64.b64encode(SECRET_VALUE.encode()).decode()):
            assert form not in everything


def test_both_secrets_verify_during_the_grace_period_only(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    account = admin(stack, account_id)
    made = made_webhook(account, receiver.url("/"))
    rotate = f"/webhooks/{made['id']}/rotate-secret"
    rotated = account.call("POST", rotate, {"gracePeriodSeconds": GRACE_SECONDS})
    ends = time.monotonic() + GRACE_SECONDS
    both = [made["secret"], rotated["secret"]]
    request = next_delivery(stack, receiver, account_id)
    assert verified_by(request, both) == both
    check_signatures(stack, request, rotated["secret"])

    time.sleep(max(0, ends + 1 - time.monotonic()))
    request = next_delivery(stack, receiver, account_id)
    assert verified_by(request, both) == [rotated["secret"]]

    at_once = account.call("POST", rotate, {"gracePeriodSeconds": 0})
    assert at_once["previousSecretsSignUntil"] is None
    request = next_delivery(stack, receiver, account_id)
    assert verified_by(request, [*both, at_once["secret"]]) == [at_once["secret"]]

    own = "whsec_" + base64.b64encode(b"a secret of the receiver's own").decode()
    assert account.call("POST", rotate, {"secret": own})["secret"] == own
    check_signatures(stack, next_delivery(stack, receiver, account_id), own)


def test_webhook_disabled_by_410_can_be_enabled_again(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/back", Behaviour(statuses=[410, 200]))
    account_id = new_account()
    account = admin(stack, account_id)
    made = made_webhook(account, receiver.url("/back"))
    publish(stack, account_id, "lap.created")
    gone = eventually(
        lambda: account.call("GET", f"/webhooks/{made['id']}"), lambda seen: bool(seen["status"] == "disabled")
    )
    assert gone["disabledReason"] == "gone"
    enabled = patched(account, made, {"status": "active"})
    assert (enabled["status"], enabled["disabledReason"]) == ("active", None)
    assert next_delivery(stack, receiver, account_id).status == 200


def test_webhooks_own_retry_schedule_is_used(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/down", Behaviour(statuses=[500]))
    account_id = new_account()
    account = admin(stack, account_id)
    made = made_webhook(account, receiver.url("/down"), retryScheduleSeconds=[1, 1])
    once = made_webhook(account, receiver.url("/once"), retryScheduleSeconds=[])
    receiver.response("/once", Behaviour(statuses=[500]))
    publish(stack, account_id, "lap.created")
    receiver.wait_for(3, PATIENCE_SECONDS, "/down")
    attempts = eventually(
        lambda: account.call("GET", f"/webhooks/{made['id']}/deliveries")["data"], lambda seen: len(seen) == 3
    )
    assert [each["nextAttemptAt"] is None for each in attempts] == [True, False, False]
    (only,) = account.call("GET", f"/webhooks/{once['id']}/deliveries")["data"]
    assert only["nextAttemptAt"] is None
    assert (len(receiver.requests("/down")), len(receiver.requests("/once"))) == (3, 1)
