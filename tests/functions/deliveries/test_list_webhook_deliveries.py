"""GET /webhooks/{id}/deliveries."""

import pytest

from latchhook.bootstrap.receivers import outbound_http
from local.receiver import Behaviour, Receiver
from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, made_webhook, published
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.environment import RETRY_QUEUE

OBJECT = [
    "id", "deliveryId", "webhookId", "eventId", "eventType", "externalId", "attempt", "trigger", "status",
    "errorMessage", "request", "response", "timingsMs", "note", "remoteAddress", "nextAttemptAt", "createdAt",
]  # fmt: skip


def test_attempts_are_shown_with_request_and_response(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[503, 200], headers={"X-Served-By": "one"}, body=b"caf\xc3\xa9 \xff"))
    webhook = made_webhook(receiver.url("/"))
    event_id = published(event="lap.created", externalId="LAP-1")
    cloud.run_event_path()
    cloud.drain(RETRY_QUEUE, "retry_webhook")
    response = call("list_webhook_deliveries", admin(), object_id=webhook["id"])
    assert response.status == 200
    assert list(response.body) == ["data", "nextCursor"]
    second, first = response.body["data"]
    assert list(first) == list(second) == OBJECT
    assert [each["attempt"] for each in (first, second)] == [1, 2]
    assert [each["trigger"] for each in (first, second)] == ["event", "retry"]
    assert [each["status"] for each in (first, second)] == ["failed", "success"]
    assert first["deliveryId"] == second["deliveryId"]
    assert (first["webhookId"], first["eventId"]) == (webhook["id"], event_id)
    assert (first["eventType"], first["externalId"]) == ("lap.created", "LAP-1")
    assert first["errorMessage"] == f"HTTP 503 from {receiver.url('/')}"
    assert first["nextAttemptAt"] >= first["createdAt"]
    assert (second["errorMessage"], second["nextAttemptAt"]) == (None, None)
    assert first["response"]["status"] == 503
    assert first["response"]["body"] == "café \ufffd"
    assert first["response"]["truncated"] is False
    assert ["X-Served-By", "one"] in [list(pair) for pair in first["response"]["headers"].items()]
    assert first["remoteAddress"].startswith("127.0.0.1")
    assert first["timingsMs"]["total"] > 0


def test_request_is_shown_as_received_with_timings_of_each_part(cloud: Cloud, receiver: Receiver) -> None:
    url = receiver.url("/").replace("127.0.0.1", "loopback.example.com")
    webhook = made_webhook(url, headers={"X-Shop": "acme", "X-Api-Token": "s3cret-of-theirs"})
    outbound_http().close()
    for _ in range(2):
        published()
        cloud.run_event_path()
    again, first = call("list_webhook_deliveries", admin(), object_id=webhook["id"]).body["data"]
    got = {**receiver.requests()[0].headers}
    for name in ("x-latchhook-signature", "webhook-signature", "x-api-token"):
        got[name] = "[redacted]"
    assert {name.lower(): value for name, value in first["request"]["headers"].items()} == got
    assert first["timingsMs"].keys() == {"dns", "connect", "firstByte", "total"}
    assert again["timingsMs"].keys() == {"firstByte", "total"}
    assert first["timingsMs"]["total"] >= sum(first["timingsMs"][part] for part in ("dns", "connect", "firstByte"))
    assert (first["remoteAddress"], again["remoteAddress"]) == ("127.0.0.1", "127.0.0.1")


def test_secrets_repeated_in_a_response_are_redacted_and_not_stored(cloud: Cloud, receiver: Receiver) -> None:
    headers = {"Set-Cookie": "session=abcdefgh", "X-Echo": "s3cret-of-theirs"}
    receiver.response("/", Behaviour(statuses=[400], headers=headers, body=b'{"token": "s3cret-of-theirs"}'))
    webhook = made_webhook(receiver.url("/"), headers={"Authorization": "Bearer s3cret-of-theirs"})
    published()
    cloud.run_event_path()
    response = call("list_webhook_deliveries", admin(), object_id=webhook["id"])
    (attempt,) = response.body["data"]
    assert attempt["response"]["body"] == '{"token": "[redacted]"}'
    assert attempt["response"]["headers"]["Set-Cookie"] == attempt["response"]["headers"]["X-Echo"] == "[redacted]"
    for secret in ("s3cret-of-theirs", "session=abcdefgh"):
        assert secret not in response.text
        assert secret not in repr(cloud.contents())


def test_signatures_are_redacted(cloud: Cloud, receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    published()
    cloud.run_event_path()
    (attempt,) = call("list_webhook_deliveries", admin(), object_id=webhook["id"]).body["data"]
    (request,) = receiver.requests()
    shown = {name.lower(): value for name, value in attempt["request"]["headers"].items()}
    assert shown["webhook-id"] == request.headers["webhook-id"] == attempt["deliveryId"]
    assert {name for name, value in shown.items() if value == "[redacted]"} == {
        "x-latchhook-signature",
        "webhook-signature",
    }


def test_attempt_without_response_shows_null(cloud: Cloud) -> None:
    webhook = made_webhook("http://127.0.0.1:1/closed?token=abc")
    published()
    cloud.run_event_path()
    (attempt,) = call("list_webhook_deliveries", admin(), object_id=webhook["id"]).body["data"]
    assert (attempt["status"], attempt["response"]) == ("failed", None)
    assert attempt["errorMessage"] == "Connection refused at http://127.0.0.1:1/closed"


def test_pages_list_every_attempt_once(cloud: Cloud, receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    for number in range(5):
        published(id=f"event-{number}")
    cloud.run_event_path()
    seen: list[str] = []
    query = {"limit": "2"}
    for _ in range(3):
        page = call("list_webhook_deliveries", admin(), object_id=webhook["id"], query=query).body
        seen += [attempt["eventId"] for attempt in page["data"]]
        query["cursor"] = page["nextCursor"]
    assert page["nextCursor"] is None
    assert sorted(seen) == [f"event-{number}" for number in range(5)]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"cursor": "x"}])
def test_invalid_page_parameter_is_422(query: dict[str, str]) -> None:
    response = call("list_webhook_deliveries", admin(), object_id=made_webhook()["id"], query=query)
    assert (response.status, response.pointers) == (422, [f"?{next(iter(query))}"])


def test_cursor_of_another_webhook_is_422(cloud: Cloud, receiver: Receiver) -> None:
    one, other = made_webhook(receiver.url("/")), made_webhook(receiver.url("/"))
    published()
    published()
    cloud.run_event_path()
    cursor = call("list_webhook_deliveries", admin(), object_id=one["id"], query={"limit": "1"}).body["nextCursor"]
    response = call("list_webhook_deliveries", admin(), object_id=other["id"], query={"cursor": cursor})
    assert (response.status, response.pointers) == (422, ["?cursor"])


def test_other_accounts_webhook_gets_the_404_of_a_missing_webhook(cloud: Cloud, receiver: Receiver) -> None:
    theirs = made_webhook(receiver.url("/"), account_id=OTHER_ACCOUNT)
    published(OTHER_ACCOUNT)
    cloud.run_event_path()
    refused = call("list_webhook_deliveries", admin(), object_id=theirs["id"])
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call("list_webhook_deliveries", admin()).without_request_id


def test_key_with_the_scope_lists_deliveries() -> None:
    webhook = made_webhook()
    response = call("list_webhook_deliveries", holder(made_key("webhooks:read")["key"]), object_id=webhook["id"])
    assert response.body == {"data": [], "nextCursor": None}
