"""The worker that publishes system events from the settings table's stream."""

import io
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from latchhook import aws
from local.receiver import Receiver
from tests.functions.callers import (
    ACCOUNT,
    OTHER_ACCOUNT,
    admin,
    holder,
    made_key,
    made_member,
    made_profile,
    made_webhook,
)
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud, failed_ids
from tests.functions.conftest import Fail
from tests.functions.environment import EVENT_QUEUE, SYSTEM_EVENT_DEAD_LETTER_QUEUE, queue_url
from tests.template_tables import SETTINGS

WORKER = "publish_system_events"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "SendMessage")


def published(cloud: Cloud) -> list[dict[str, Any]]:
    """Receive the bodies of all events in the event queue, in order."""
    bodies = []
    while batch := cloud.batch(EVENT_QUEUE, "fan_out_event")["Records"]:
        for record in batch:
            bodies.append(json.loads(record["body"]))
            cloud.sqs.delete_message(QueueUrl=queue_url(EVENT_QUEUE), ReceiptHandle=record["receiptHandle"])
    return bodies


def action(record: Mapping[str, Any]) -> str | None:
    """Return the action of an audit entry's record, or None for another record."""
    found: str | None = record["dynamodb"]["NewImage"].get("action", {}).get("S")
    return found


def image(action: str, target_id: str, *, account_id: str = ACCOUNT, details: Any = None) -> dict[str, Any]:
    """Return a stream record with a new audit entry."""
    (record,) = own_event(WORKER)["Records"]
    number = str(uuid4().int % 10**20)
    values = {"pk": f"AUDIT#{account_id}", "sk": f"1777629600250#{uuid4()}", "action": action}
    values |= {"targetId": target_id, "details": json.dumps(details or {})}
    record["dynamodb"]["NewImage"] |= {name: {"S": value} for name, value in values.items()}
    record["dynamodb"]["SequenceNumber"] = number
    assert isinstance(record, dict)
    return record


def test_record_of_a_missing_key_is_moved_to_the_dead_letter_queue(cloud: Cloud) -> None:
    assert failed_ids(invoke(WORKER, own_event(WORKER))) == []
    assert published(cloud) == []
    assert cloud.waiting(SYSTEM_EVENT_DEAD_LETTER_QUEUE) == 1


def test_change_of_a_key_publishes_the_key_as_get_returns_it(cloud: Cloud) -> None:
    made = made_key("orders:read", metadata={"team": "a"})
    assert cloud.run_streams() == []
    (event,) = published(cloud)
    assert list(event) == ["event", "accountId", "entity", "id", "occurredAt"]
    assert event["entity"] == call("get_api_key", admin(), object_id=made["id"]).body
    assert (event["event"], event["accountId"], event["occurredAt"]) == ("api_key.created", ACCOUNT, made["createdAt"])
    (entry,) = [item for item in cloud.items(SETTINGS) if item["pk"] == f"AUDIT#{ACCOUNT}"]
    assert entry["sk"].endswith(f"#{event['id']}")


def test_changes_of_a_member_are_published_without_personal_data(cloud: Cloud) -> None:
    profile_id = made_profile()["id"]
    cloud.run_streams()
    made_member("zoe", profileId=profile_id, name="Zoë", email="zoe@example.com")
    made_member("zoe", role="advisor")
    assert call("delete_member", admin(), path={"userId": "zoe"}).status == 204
    assert cloud.run_streams() == []
    events = published(cloud)
    assert [(event["event"], event["entity"]["role"], event["entity"]["profileId"]) for event in events] == [
        ("member.created", "member", profile_id),
        ("member.updated", "advisor", None),
        ("member.removed", "advisor", None),
    ]
    for event in events:
        assert event["accountId"] == ACCOUNT
        assert list(event["entity"]) == ["userId", "accountId", "role", "profileId"]
        assert event["entity"]["userId"] == "zoe"
    assert cloud.waiting(SYSTEM_EVENT_DEAD_LETTER_QUEUE) == 0


def test_changes_of_a_key_are_published_in_order_without_secrets(cloud: Cloud) -> None:
    made = made_key()
    rotated = call("rotate_api_key", admin(), object_id=made["id"]).body
    call("revoke_api_key", admin(), object_id=made["id"])
    cloud.run_streams()
    events = published(cloud)
    assert [event["event"] for event in events] == ["api_key.created", "api_key.rotated", "api_key.revoked"]
    assert events[1]["entity"]["previousKeyExpiresAt"] == rotated["previousKeyExpiresAt"]
    assert events[-1]["entity"]["status"] == "revoked"
    text = json.dumps(events)
    assert made["key"] not in text
    assert rotated["key"] not in text


def test_event_contains_only_the_details_of_its_action(cloud: Cloud) -> None:
    key_id = made_key()["id"]
    exposure = {"url": "https://github.com/acme/shop/blob/1/.env", "source": "github"}
    records = [
        image("api_key.exposed", key_id, details={"exposure": exposure, "note": "not for receivers"}),
        image(
            "api_key.rotated", key_id, details={"previousKeyExpiresAt": "2026-05-01T10:05:00Z", "exposure": exposure}
        ),
        image("api_key.updated", key_id, details={"fields": ["name"]}),
    ]
    assert failed_ids(invoke(WORKER, {"Records": records})) == []
    exposed, rotated, updated = published(cloud)
    key = call("get_api_key", admin(), object_id=key_id).body
    assert exposed["entity"] == {**key, "exposure": exposure}
    assert rotated["entity"] == {**key, "previousKeyExpiresAt": "2026-05-01T10:05:00Z"}
    assert updated["entity"] == key
    assert updated["occurredAt"] == "2026-05-01T10:00:00.250Z"


def audit_numbers(cloud: Cloud) -> list[str]:
    """Return the sequence numbers of the audit entries in the stream."""
    changes = [each["dynamodb"] for each in cloud.stream_records(SETTINGS)]
    return [each["SequenceNumber"] for each in changes if each["Keys"]["pk"]["S"].startswith("AUDIT#")]


@pytest.mark.parametrize("name", ["created", "updated", "rotated", "revoked", "expiring", "expired", "limit_reached"])
def test_every_event_about_keys_is_published(name: str, cloud: Cloud) -> None:
    invoke(WORKER, {"Records": [image(f"api_key.{name}", made_key()["id"])]})
    assert [event["event"] for event in published(cloud)] == [f"api_key.{name}"]


def test_other_records_publish_nothing(cloud: Cloud) -> None:
    made = made_key("api-keys:read")
    cloud.run_streams()
    published(cloud)
    made_webhook()
    call("get_webhook_settings", admin())
    assert call("create_api_key", holder(made["key"])).status == 403
    assert len(cloud.stream_records(SETTINGS)) >= 4
    cloud.run_streams()
    assert failed_ids(invoke(WORKER, {"Records": [image("api_key.secret_read", made["id"])]})) == []
    assert published(cloud) == []
    assert cloud.waiting(SYSTEM_EVENT_DEAD_LETTER_QUEUE) == 0


def test_repeated_record_is_delivered_once(cloud: Cloud, receiver: Receiver) -> None:
    made_webhook(receiver.url("/ours"), events=["api_key.*"])
    made_webhook(receiver.url("/others"), account_id=OTHER_ACCOUNT)
    made_key()
    records = [each for each in cloud.stream_records(SETTINGS) if action(each) == "api_key.created"]
    for _ in range(2):
        assert failed_ids(invoke(WORKER, {"Records": records})) == []
        cloud.run_event_path()
    (request,) = receiver.requests()
    assert request.path == "/ours"
    assert request.headers["x-latchhook-event"] == "api_key.created"


def test_record_without_an_event_is_set_aside_and_the_others_continue(cloud: Cloud, log: io.StringIO) -> None:
    key_id, others = made_key()["id"], made_key(account_id=OTHER_ACCOUNT)["id"]
    strange = [image("api_key.created", target) for target in ("no id", str(uuid4()), others)]
    broken = image("api_key.created", key_id)
    del broken["dynamodb"]["NewImage"]["actorKind"]
    records = [*strange, broken, image("api_key.created", key_id)]
    assert failed_ids(invoke(WORKER, {"Records": records})) == []
    assert [event["entity"]["id"] for event in published(cloud)] == [key_id]
    response = cloud.sqs.receive_message(QueueUrl=queue_url(SYSTEM_EVENT_DEAD_LETTER_QUEUE), MaxNumberOfMessages=10)
    kept = [json.loads(message["Body"]) for message in response["Messages"]]
    assert sorted(kept, key=str) == sorted([{"Records": [record]} for record in [*strange, broken]], key=str)
    assert log.getvalue().count("system event moved to dead-letter queue") == 4


def test_dead_letter_is_a_valid_invocation_of_the_worker(cloud: Cloud) -> None:
    key_id = made_key()["id"]
    record = image("api_key.created", key_id)
    mended, record["dynamodb"]["NewImage"]["actorKind"] = record["dynamodb"]["NewImage"]["actorKind"], {"N": "x"}
    invoke(WORKER, {"Records": [record]})
    (message,) = cloud.sqs.receive_message(QueueUrl=queue_url(SYSTEM_EVENT_DEAD_LETTER_QUEUE))["Messages"]
    payload = json.loads(message["Body"])
    payload["Records"][0]["dynamodb"]["NewImage"]["actorKind"] = mended
    assert failed_ids(invoke(WORKER, payload)) == []
    assert [event["entity"]["id"] for event in published(cloud)] == [key_id]


@pytest.mark.parametrize(("service", "operation"), [("dynamodb", "BatchGetItem"), ("sqs", "SendMessage")])
def test_outage_returns_the_batch_and_sets_nothing_aside(
    service: str, operation: str, cloud: Cloud, fail_operation: Fail
) -> None:
    made_key()
    made_key()
    numbers = audit_numbers(cloud)
    with fail_operation(service, operation, DENIED):
        assert cloud.run_streams() == [numbers[0]]
    assert cloud.waiting(SYSTEM_EVENT_DEAD_LETTER_QUEUE) == 0
    assert cloud.run_streams() == []
    assert len(published(cloud)) == 2


def test_outage_within_a_batch_returns_the_unpublished_records(cloud: Cloud) -> None:
    made = [made_key()["id"] for _ in range(3)]
    numbers = audit_numbers(cloud)
    sent = 0

    def one_then_none(**_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == 2:
            raise DENIED

    events = aws.sqs().meta.events
    events.register("before-call.sqs.SendMessage", one_then_none)
    try:
        assert cloud.run_streams() == [numbers[1]]
    finally:
        events.unregister("before-call.sqs.SendMessage", one_then_none)
    assert cloud.run_streams() == []
    assert [event["entity"]["id"] for event in published(cloud)] == made


def test_many_changes_of_a_key_read_it_once(cloud: Cloud) -> None:
    key_id = made_key()["id"]
    records = [image("api_key.updated", key_id) for _ in range(100)]
    assert failed_ids(invoke(WORKER, {"Records": records})) == []
    assert cloud.waiting(EVENT_QUEUE) == 100


def test_audit_entries_can_be_published_again_as_the_same_events(cloud: Cloud) -> None:
    """docs/operate/alarms.md describes this procedure for records that have left the stream."""
    made_key()
    made_webhook()
    cloud.run_streams()
    before = published(cloud)
    response = cloud.dynamodb.query(
        TableName=SETTINGS,
        KeyConditionExpression="#pk = :pk AND sk BETWEEN :from AND :to",
        ExpressionAttributeNames={"#pk": "pk"},
        ExpressionAttributeValues={":pk": {"S": f"AUDIT#{ACCOUNT}"}, ":from": {"S": "0"}, ":to": {"S": "9"}},
    )
    assert len(response["Items"]) == 2
    records = [{"dynamodb": {"SequenceNumber": item["sk"]["S"], "NewImage": item}} for item in response["Items"]]
    assert failed_ids(invoke(WORKER, {"Records": records})) == []
    assert published(cloud) == before


def test_empty_batch_returns_no_failures() -> None:
    assert invoke(WORKER, {"Records": []}) == {"batchItemFailures": []}
