"""Each function may do exactly what it does: its policy equals the calls that it makes in a life of the product."""

import json
from functools import partial

import boto3
import pytest
from botocore.exceptions import ClientError

from latchhook import bootstrap
from local.receiver import Behaviour, Receiver
from tests.functions.callers import (
    OTHER_ACCOUNT,
    admin,
    holder,
    made_key,
    made_profile,
    made_webhook,
    operator_key,
    published,
)
from tests.functions.calls import call, endpoints, invoke, own_event
from tests.functions.cloud import Cloud, failed_ids
from tests.functions.conftest import Fail
from tests.functions.environment import DELIVERY_QUEUE, EVENT_QUEUE, USE_QUEUE
from tests.functions.github import Github, labels
from tests.template.recording import Permission, recording
from tests.template.stack import consumed_queue, consumed_stream, functions, permissions
from tests.template_tables import snake_case

THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "UpdateItem")


def keep_keys(cloud: Cloud, fail_operation: Fail) -> None:
    """Everything that is done with keys, by sessions and by keys, also by one that is used too fast."""
    manager = holder(made_key("api-keys:read", "api-keys:write")["key"])
    made = call("create_api_key", manager, body={"name": "k", "expiresAt": "2099-01-01T00:00:00Z"}).body
    call("list_api_keys", manager)
    call("get_api_key", manager, thing_id=made["id"])
    verifier = holder(operator_key("api-keys:verify")["key"])
    question = own_event("authorize_api_key") | {"headers": {"x-api-key": made["key"]}}
    for verify in (
        partial(call, "verify_api_key", verifier, body={"key": made["key"]}),
        partial(invoke, "verify_api_key", {"key": made["key"]}),
        partial(invoke, "authorize_api_key", question),
    ):
        verify()
    with fail_operation("dynamodb", "UpdateItem", THROTTLED):
        invoke("verify_api_key", {"key": made["key"]})
        invoke("authorize_api_key", question)
    cloud.drain(USE_QUEUE, "count_key_uses")
    cloud.change_key(made["id"], expiresAt=1)
    invoke("expire_api_keys", own_event("expire_api_keys"))
    call("rotate_api_key", manager, thing_id=made["id"])
    call("revoke_api_key", manager, thing_id=made["id"])
    call("generate_integration_key", admin())
    call("list_integration_keys", admin())
    call("revoke_integration_key", admin(), thing_id=made_key()["id"])


def keep_profiles() -> None:
    """Everything that is done with permission profiles, and the revocation of keys that have one."""
    manager = holder(made_key("api-keys:read", "api-keys:write", "orders:read")["key"])
    body = {"name": "Readers", "rules": [{"effect": "allow", "actions": ["orders:read"]}]}
    profile = call("create_permission_profile", manager, body=body).body
    call("list_permission_profiles", manager)
    call("get_permission_profile", manager, thing_id=profile["id"])
    call("update_permission_profile", manager, thing_id=profile["id"], body={"name": "All readers"})
    for revoke in ("revoke_api_key", "revoke_integration_key"):
        call(revoke, admin(), thing_id=made_key(profileId=profile["id"])["id"])
    assert call("delete_permission_profile", manager, thing_id=profile["id"]).status == 204


def keep_webhooks() -> None:
    """Everything that is done with webhooks; the settings of an account that has none yet, by each of its routes."""
    manager = holder(made_key("webhooks:read", "webhooks:write")["key"])
    webhook = call("create_webhook", manager).body
    call("list_webhooks", manager)
    call("list_webhook_deliveries", manager, thing_id=webhook["id"])
    call("delete_webhook", manager, thing_id=webhook["id"])
    for account, function in enumerate(
        ("get_webhook_settings", "put_webhook_settings", "rotate_webhook_settings_secret")
    ):
        call(function, admin(f"account-{account}"))
        call(function, admin(f"account-{account}"))
    call("list_integration_deliveries", admin())


def find_leaks() -> None:
    """Leaks under each policy, of keys that have a profile."""
    profile = made_profile()
    manager = holder(made_key("api-keys:read", "api-keys:write")["key"])
    with Github() as github:
        github.believed_by_function()
        for action in ("tell", "disable", "revoke"):
            call("put_leaked_key_policy", manager, body={"action": action})
            assert labels(github.report(made_key(profileId=profile["id"])["key"])) == ["true_positive"]
    call("get_leaked_key_policy", manager)


def rotate_managed_key() -> None:
    """A rotation by Secrets Manager."""
    content = json.dumps({"apiKey": made_key()["key"]})
    secret_id = boto3.client("secretsmanager").create_secret(Name="billing/key", SecretString=content)["ARN"]
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        invoke("rotate_managed_key", own_event("rotate_managed_key") | {"Step": step, "SecretId": secret_id})


def deliver(cloud: Cloud, receiver: Receiver) -> None:
    """First and later attempts that fail, that must wait for hours, and that meet a receiver who is gone."""
    receiver.answer("/failing", Behaviour(statuses=[500]))
    receiver.answer("/patient", Behaviour(statuses=[429], headers={"Retry-After": "7200"}))
    receiver.answer("/gone", Behaviour(statuses=[410]))
    for account in ("acme", OTHER_ACCOUNT):
        for path in ("/failing", "/patient", "/gone"):
            made_webhook(receiver.url(path), account_id=account)
    call("publish_event", holder(operator_key("events:write")["key"]))
    # The workers share this process, and so the secrets that one of them has decrypted: each gets webhooks of its own.
    for account, worker in (("acme", "deliver_webhook"), (OTHER_ACCOUNT, "retry_webhook")):
        published(account)
        cloud.drain(EVENT_QUEUE, "fan_out_event")
        while batch := cloud.batch(DELIVERY_QUEUE, worker)["Records"]:
            assert failed_ids(invoke(worker, {"Records": batch})) == []


def from_event_source(logical_id: str) -> set[Permission]:
    """What Lambda does with the function's own role to hand it its queue's messages or its stream's records."""
    queue, stream = consumed_queue(logical_id), consumed_stream(logical_id)
    if queue is not None:
        return {(f"sqs:{action}", queue[0]) for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}
    if stream is not None:
        reading = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
        return {(f"dynamodb:{action}", f"{stream[0]}/stream/*") for action in reading}
    return set()


def be_refused() -> None:
    """An attempt at every endpoint by somebody who may not: each is written down."""
    member = admin(app_metadata={"account_id": "acme", "role": "member"})
    key = holder(made_key(profileId=made_profile()["id"])["key"])
    for function in endpoints():
        # One environment, here, is many functions; what it has written this minute it would not write again.
        bootstrap.refused_attempts.cache_clear()
        by_session, by_key = call(function, member), call(function, key, headers={"x-account-id": OTHER_ACCOUNT})
        assert 403 in {by_session.status, by_key.status}


@pytest.mark.usefixtures("name_service")
def test_every_functions_policy_is_what_it_needs_and_no_more(
    cloud: Cloud, receiver: Receiver, fail_operation: Fail
) -> None:
    with recording() as needed:
        keep_keys(cloud, fail_operation)
        keep_profiles()
        keep_webhooks()
        deliver(cloud, receiver)
        find_leaks()
        rotate_managed_key()
        be_refused()
        call("list_audit_events", holder(made_key("audit-events:read")["key"]))
        assert cloud.run_streams() == []
        invoke("publish_key_events", own_event("publish_key_events"))
        for function in ("get_openapi", "answer_unknown_route"):
            call(function)
    for logical_id in functions():
        used = needed[snake_case(logical_id)] | from_event_source(logical_id)
        assert permissions(logical_id) == used, logical_id
