"""Each function's policy equals the permissions that it uses when all operations of the product run."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from latchhook.bootstrap.audit import refused_attempts
from latchhook.bootstrap.event_types import event_type_cache
from latchhook.bootstrap.scopes import added_scopes
from latchhook.permissions.scopes import OPERATOR_SCOPES
from local.receiver import Behaviour, Receiver
from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.callers import (
    ACCOUNT,
    OTHER_ACCOUNT,
    acting,
    admin,
    bearer,
    described_scope,
    holder,
    made_key,
    made_member,
    made_profile,
    made_webhook,
    operator,
    operator_key,
    published,
)
from tests.functions.calls import NOBODY, Caller, call, invoke, own_event
from tests.functions.cloud import Cloud, failed_ids, record
from tests.functions.conftest import Fail
from tests.functions.described import described
from tests.functions.environment import DELIVERY_QUEUE, DRAIN_QUEUE, EVENT_QUEUE, USE_QUEUE
from tests.functions.faults import lost_response
from tests.functions.github import Github, labels
from tests.functions.oauth.apps import (
    REDIRECT_URI,
    USER,
    Signer,
    code_of,
    connected,
    credentials,
    exchange,
    form,
    made_client,
    own_token,
    query_of,
    refresh,
    request_of,
    user,
)
from tests.functions.pausing import set_status
from tests.functions.recovering import LONG_AGO, disabled, enabled
from tests.template.recording import Permission, recording
from tests.template.stack import consumed_queue, consumed_stream, functions, permissions, written_prefixes
from tests.template_tables import snake_case

THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "UpdateItem")


def keep_keys(cloud: Cloud, fail_operation: Fail) -> None:
    """Run every operation on API keys, with sessions and with keys.

    Each created, changed or ended key has a profile.
    """
    profile_id = made_profile()["id"]
    manager = holder(made_key("api-keys:read", "api-keys:write")["key"])
    body = {"name": "k", "expiresAt": "2099-01-01T00:00:00Z", "profileId": profile_id}
    made = call("create_api_key", manager, body=body).body
    for _ in range(2):
        call("create_api_key", manager, body=body, headers={"idempotency-key": "create-1"})
        call("rotate_api_key", manager, object_id=made["id"], headers={"idempotency-key": "rotate-1"})
    for query in ({}, {"search": "k"}):
        call("list_api_keys", manager, query=query)
    call("list_api_key_usage", manager, query={"days": "90"})
    for function in ("get_api_key", "get_api_key_usage"):
        call(function, manager, object_id=made["id"])
    for function in ("replace_api_key", "update_api_key"):
        for chosen in (None, profile_id):
            call(function, manager, object_id=made["id"], body={"name": "k", "profileId": chosen})
    imported = {"name": "k", "profileId": profile_id, "hash": sha256(b"made elsewhere").hexdigest()}
    for _ in range(2):
        call("import_api_keys", manager, body={"keys": [imported]}, headers={"idempotency-key": "import-1"})
    call("revoke_api_key", manager, object_id=made["id"])
    call("revoke_current_api_key", holder(made_key(profileId=profile_id)["key"]))
    for chosen_keys in ({"ids": [made_key(profileId=profile_id)["id"]]}, {"profileId": profile_id}):
        call("revoke_api_keys", manager, body={"filter": chosen_keys})
    for _ in range(2):
        call("generate_integration_key", admin(), headers={"idempotency-key": "generate-1"})
    call("list_integration_keys", admin())
    call("revoke_integration_key", admin(), object_id=made_key(profileId=profile_id)["id"])
    expiring = made_key(expiresAt="2099-01-01T00:00:00Z")
    cloud.change_key(expiring["id"], expiresAt=1, dueAt=1)
    invoke("expire_api_keys", own_event("expire_api_keys"))
    cloud.change_key(expiring["id"], u20200101=7, usedSince=202001)
    invoke("roll_up_usage", own_event("roll_up_usage"))
    verify_keys(cloud, fail_operation)


def verify_keys(cloud: Cloud, fail_operation: Fail) -> None:
    """Verify keys in all ways: valid keys, used-up keys, keys with a profile, and keys that are used too fast."""
    profile_id = made_profile()["id"]
    owned = {"ownerUserId": made_member(profileId=profile_id)["userId"], "followsOwner": True}
    asking = own_event("authorize_api_key")
    ways: list[Callable[[str], object]] = [
        lambda key: call("verify_api_key", operator(), body={"key": key, "requiredScopes": ["orders:read"]}),
        lambda key: call("verify_api_keys", operator(), body={"keys": [{"key": key, "cost": 0}]}),
        lambda key: invoke("verify_api_key", {"key": key}),
        lambda key: invoke("authorize_api_key", asking | {"headers": {"x-api-key": key}}),
        lambda key: call("get_current_api_key", holder(key)),
    ]
    for verify in ways:
        verify(made_key()["key"])
        verify(made_key(profileId=profile_id)["key"])
        verify(made_key(**owned)["key"])
        last_credit = made_key(credits={"remaining": 1})["key"]
        verify(last_credit)
        verify(last_credit)
        hot = made_key("orders:read")["key"]
        with fail_operation("dynamodb", "UpdateItem", THROTTLED):
            verify(hot)
    cloud.drain(USE_QUEUE, "count_key_uses")


def keep_profiles() -> None:
    """Run every operation on permission profiles, and revoke keys that have one."""
    manager = holder(made_key("api-keys:read", "api-keys:write", "orders:read")["key"])
    body = {"name": "Readers", "rules": [{"effect": "allow", "actions": ["orders:read"]}]}
    profile = call("create_permission_profile", manager, body=body).body
    call("list_permission_profiles", manager)
    call("get_permission_profile", manager, object_id=profile["id"])
    call("update_permission_profile", manager, object_id=profile["id"], body={"name": "All readers"})
    for revoke in ("revoke_api_key", "revoke_integration_key"):
        call(revoke, admin(), object_id=made_key(profileId=profile["id"])["id"])
    assert call("delete_permission_profile", manager, object_id=profile["id"]).status == 204


def keep_members() -> None:
    """Add, read, change and remove members with a profile and with client accounts."""
    profile_id = made_profile()["id"]
    made_member("first", role="admin")
    member = {"userId": made_member(profileId=profile_id)["userId"]}
    call("list_members", admin())
    call("get_me", admin())
    call("get_member", admin(), path=member)
    advisor = {"role": "advisor", "clientAccountIds": ["globex"]}
    for caller, body in ((acting(operator()), advisor), (admin(), {"role": "admin"}), (acting(operator()), advisor)):
        assert call("put_member", caller, body=body, path=member).status == 200
    assert call("delete_member", admin(), path=member).status == 204


def keep_portal_sessions() -> None:
    """Create, open, use, read and delete a portal session, by token and by the operator's key."""
    profile = made_profile(rules=[{"effect": "allow", "actions": ["orders:read"]}])
    body = {"accountId": ACCOUNT, "userId": "zoe", "profileId": profile["id"], "expiresInSeconds": 60}
    for caller in (operator(), holder(operator_key("accounts:manage")["key"])):
        created = call("create_portal_session", caller, body=body, headers={"idempotency-key": "open-1"})
        call("create_portal_session", caller, body=body, headers={"idempotency-key": "open-1"})
        opened = call("exchange_portal_code", {}, body={"code": created.body["url"].partition("=")[2]})
        assert call("get_me", bearer(opened.body["token"])).status == 200
        for function in ("get_portal_session", "delete_portal_session"):
            call(function, caller, object_id=created.body["id"])


def keep_oauth() -> None:
    """Create, change, use and delete OAuth clients with their grants and tokens, by session and by key."""
    for name in ("laps:read", "laps:write"):
        described_scope(name)
    own = holder(made_key("*")["key"])
    for caller in (admin(), own):
        body = {"name": "App", "redirectUris": [REDIRECT_URI], "scopes": ["laps:read"]}
        made = call("create_oauth_client", caller, body=body, headers={"idempotency-key": "make-1"}).body
        call("create_oauth_client", caller, body=body, headers={"idempotency-key": "make-1"})
        for _ in range(2):
            rotated = call(
                "rotate_oauth_client_secret",
                caller,
                object_id=made["id"],
                body={"gracePeriodSeconds": 60},
                headers={"idempotency-key": "rotate-1"},
            )
            assert rotated.status == 200
        refused = call("update_oauth_client", caller, object_id=made["id"], body={"scopes": ["nothing:read"]})
        assert refused.status == 422
        body = {"grantTypes": ["client_credentials"], "scopes": ["orders:read", "laps:write"]}
        assert call("update_oauth_client", caller, object_id=made["id"], body=body).status == 200
        assert call("update_oauth_client", caller, object_id=made["id"], body={"name": "Other"}).status == 200
        call("list_oauth_clients", caller)
        call("get_oauth_client", caller, object_id=made["id"])
        assert call("delete_oauth_client", caller, object_id=made["id"]).status == 204
    signer = Signer()
    robot = made_client(grantTypes=["client_credentials"], redirectUris=[], jwks=signer.jwks)
    token = form("create_token", {"grant_type": "client_credentials", **signer.credentials(robot)}).body["access_token"]
    for function in ("introspect_token", "revoke_token"):
        assert form(function, {"token": token, **signer.credentials(robot)}).status == 200
    token = own_token(made_client(grantTypes=["client_credentials"], redirectUris=[]))
    assert call("verify_api_key", operator(), body={"key": token}).body["valid"]
    client, consenting = made_client(), user()
    call("authorize", NOBODY, query=request_of(client))
    for _ in range(2):
        made = connected(client, consenting, scope="api-keys:read")
        call("describe_consent", consenting, body={"query": query_of(request_of(client))})
    assert refresh(client, made.refresh).status == 200
    for token in (made.access, made.refresh):
        form("introspect_token", {"token": token, **credentials(client)})
    for token in (made.access, refresh(client, made.refresh).body["refresh_token"]):
        form("revoke_token", {"token": token, **credentials(client)})
    rules = [{"effect": "allow", "actions": ["laps:*"]}, {"effect": "deny", "actions": ["laps:write"]}]
    reader = user("reader", role="member", profileId=made_profile(rules=rules)["id"])
    narrowed = connected(made_client(scopes=["laps:*"]), reader, scope="laps:*")
    made_member("reader", profileId=made_profile(rules=rules)["id"])
    added_scopes.cache_clear()
    form("introspect_token", {"token": narrowed.access, **credentials(narrowed.client)})
    code = code_of(client, consenting)
    assert exchange(client, code).status == 200
    assert exchange(client, code).status == 400
    for caller in (consenting, own):
        connected(client, consenting)
        call("list_oauth_grants", caller)
        (grant, *_) = call("list_oauth_grants", caller, query={"userId": USER}).body["data"]
        assert call("revoke_oauth_grant", caller, object_id=grant["id"]).status == 204
    for function in ("get_authorization_server_metadata", "get_protected_resource_metadata"):
        call(function)


def keep_webhooks() -> None:
    """Run every operation on webhooks. Each settings route also runs in an account without a webhook."""
    manager = holder(made_key("webhooks:read", "webhooks:write")["key"])
    webhook = call("create_webhook", manager).body
    call("list_webhooks", manager)
    call("get_webhook", manager, object_id=webhook["id"])
    for body in ({"description": "Orders"}, {"headers": {"Authorization": "Bearer of their own"}}):
        assert call("update_webhook", manager, object_id=webhook["id"], body=body).status == 200
    call("rotate_webhook_secret", manager, object_id=webhook["id"])
    for _ in range(2):
        assert call("create_webhook", manager, headers={"idempotency-key": "create-1"}).status == 201
        again = {"idempotency-key": "rotate-1"}
        assert call("rotate_webhook_secret", manager, object_id=webhook["id"], headers=again).status == 200
    call("list_webhook_deliveries", manager, object_id=webhook["id"])
    call("list_webhook_stats", manager)
    assert call("get_webhook_stats", manager, object_id=webhook["id"]).status == 200
    call("delete_webhook", manager, object_id=webhook["id"])
    for account, function in enumerate(
        ("get_webhook_settings", "put_webhook_settings", "rotate_webhook_settings_secret")
    ):
        call(function, admin(f"account-{account}"))
        call(function, admin(f"account-{account}"))
    call("list_integration_deliveries", admin())


def look_up_event_types(cloud: Cloud) -> None:
    """Run every operation on event types, and the lookups of each function without cached types."""
    manager = holder(operator_key("event-types:read", "event-types:write")["key"])
    for status in (201, 200):
        assert call("put_event_type", manager).status == status
    call("list_event_types", manager)
    assert call("delete_event_type", manager).status == 204
    call("check_webhook_filter", holder(made_key("webhooks:read")["key"]))
    made_webhook(filter={"entity": {"severity": [{"ordinal": [">=", "major"]}]}})
    types = event_type_cache()
    for publish in ("publish_event", "publish_events"):
        types.forget()
        call(publish, holder(operator_key("events:write")["key"]))
    types.forget()
    invoke("publish_bus_event", own_event("publish_bus_event"))
    types.forget()
    cloud.drain(EVENT_QUEUE, "fan_out_event")


def look_up_scopes() -> None:
    """Run every operation on scopes, and each function that reads added scopes without cached names."""
    manager = holder(operator_key("scopes:write")["key"])
    for status in (201, 200):
        assert call("put_scope", manager).status == status
    assert call("list_scopes", manager).status == 200
    assert call("delete_scope", manager).status == 204
    rules = [{"effect": "deny", "actions": ["orders:write"]}]
    profile = made_profile(rules=rules)
    narrowed = made_key("orders:*", profileId=profile["id"])
    unknown = {"name": "Reader", "scopes": ["reports:read"]}
    imported = {"keys": [{**unknown, "hash": "0" * 64}]}
    actions = {"name": "Readers", "rules": [{"effect": "allow", "actions": ["reports:read"]}]}
    verified = {"key": narrowed["key"]}
    by_function: list[tuple[str, Caller, dict[str, Any], int]] = [
        ("create_api_key", admin(), {"body": unknown}, 422),
        ("replace_api_key", admin(), {"body": unknown, "object_id": narrowed["id"]}, 422),
        ("update_api_key", admin(), {"body": unknown, "object_id": narrowed["id"]}, 422),
        ("import_api_keys", admin(), {"body": imported}, 422),
        ("create_permission_profile", admin(), {"body": actions}, 422),
        ("update_permission_profile", admin(), {"body": actions, "object_id": profile["id"]}, 422),
        ("verify_api_key", operator(), {"body": verified}, 200),
        ("verify_api_keys", operator(), {"body": {"keys": [verified]}}, 200),
        ("get_current_api_key", holder(narrowed["key"]), {}, 200),
        ("get_me", holder(narrowed["key"]), {}, 200),
        ("rotate_api_key", admin(), {"object_id": narrowed["id"]}, 200),
    ]
    for function, caller, arguments, status in by_function:
        added_scopes.cache_clear()
        response = call(function, caller, **arguments)
        assert response.status == status, (function, response.text)
    added_scopes.cache_clear()
    key = made_key("orders:*", profileId=profile["id"])["key"]
    added_scopes.cache_clear()
    invoke("authorize_api_key", own_event("authorize_api_key") | {"headers": {"x-api-key": key}})


def bill_by_account_day(cloud: Cloud) -> None:
    """Run every operation on billing periods, and the functions that read the billing day."""
    manager = holder(operator_key("accounts:manage")["key"])
    for function in ("put_billing_period", "get_billing_period"):
        assert call(function, manager).status == 200
    made = made_key()
    cloud.change_key(made["id"], u20200101=7, usedSince=202001)
    assert invoke("roll_up_usage", own_event("roll_up_usage")) == {"done": 1}


def compare_expensive_filters(cloud: Cloud) -> None:
    """Fan out an event twice to a filter that is too expensive."""
    made_webhook(filter={"entity": {"a": [{"prefix": str(number)} for number in range(100)]}})
    published(entity={"a": [0] * 2030})
    batch = cloud.batch(EVENT_QUEUE, "fan_out_event")
    for _ in range(2):
        assert failed_ids(invoke("fan_out_event", batch)) == []


def find_leaks() -> None:
    """Report leaks under each policy, of keys that have a profile."""
    profile = made_profile()
    manager = holder(made_key("api-keys:read", "api-keys:write")["key"])
    with Github() as github:
        github.believed_by_function()
        for action in ("tell", "disable", "revoke"):
            call("put_leaked_key_policy", manager, body={"action": action})
            assert labels(github.report(made_key(profileId=profile["id"])["key"])) == ["true_positive"]
        assert labels(github.report(connected().access)) == ["true_positive"]
    call("get_leaked_key_policy", manager)


def rotate_secrets_manager_key() -> None:
    """Rotate a key as Secrets Manager does."""
    content = json.dumps({"apiKey": made_key()["key"]})
    secret_id = boto3.client("secretsmanager").create_secret(Name="billing/key", SecretString=content)["ARN"]
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        invoke(
            "rotate_secrets_manager_key",
            own_event("rotate_secrets_manager_key") | {"Step": step, "SecretId": secret_id},
        )


def deliver(cloud: Cloud, receiver: Receiver) -> None:
    """Run first and later attempts: rate-limited, failing, retried after hours, and with a 410 from the receiver."""
    receiver.response("/failing", Behaviour(statuses=[500]))
    receiver.response("/patient", Behaviour(statuses=[429], headers={"Retry-After": "7200"}))
    receiver.response("/gone", Behaviour(statuses=[410]))
    for account in ("acme", OTHER_ACCOUNT):
        for path in ("/failing", "/patient", "/gone"):
            made_webhook(receiver.url(path), account_id=account, rateLimit={"limit": 1_000, "windowSeconds": 1})
    for publish in ("publish_event", "publish_events"):
        call(publish, holder(operator_key("events:write")["key"]))
    no_event = record("publish_bus_event", "what can't be an event")
    invoke("publish_bus_event", {"Records": [*own_event("publish_bus_event")["Records"], no_event]})
    # The workers share this process and its decrypted secrets. Therefore each worker gets separate webhooks.
    for account, worker in (("acme", "deliver_webhook"), (OTHER_ACCOUNT, "retry_webhook")):
        published(account)
        cloud.drain(EVENT_QUEUE, "fan_out_event")
        while batch := cloud.batch(DELIVERY_QUEUE, worker)["Records"]:
            assert failed_ids(invoke(worker, {"Records": batch})) == []


def redeliver(cloud: Cloud, receiver: Receiver) -> None:
    """Run a test delivery and its retry."""
    manager = holder(made_key("webhooks:read", "webhooks:write")["key"])
    webhook = made_webhook(receiver.url("/tested"))
    with lost_response("BatchExecuteStatement"):
        sent = call("send_test_delivery", manager, object_id=webhook["id"])
    for function, answered in (("get_webhook_delivery", 200), ("retry_webhook_delivery", 202)):
        path = {"deliveryId": sent.body["deliveryId"]}
        assert call(function, manager, object_id=webhook["id"], path=path).status == answered


def park_and_drain(cloud: Cloud, receiver: Receiver) -> None:
    """Park deliveries with each worker, of a paused webhook and over a rate limit, and release them."""
    for worker in ("deliver_webhook", "retry_webhook"):
        webhook = made_webhook(receiver.url("/"), account_id=worker, rateLimit={"limit": 1, "windowSeconds": 86_400})
        for status in ("active", "active", "paused"):
            set_status(webhook, status, worker)
            published(worker)
            cloud.drain(EVENT_QUEUE, "fan_out_event")
            assert cloud.drain(DELIVERY_QUEUE, worker) == []
        set_status(webhook, "active", worker)
        for body in ({}, {"rateLimit": {"limit": 1_000, "windowSeconds": 1}}):
            call("update_webhook", admin(worker), object_id=webhook["id"], body=body)
            cloud.take_step()


def recover(cloud: Cloud, receiver: Receiver) -> None:
    """Run every operation on recoveries: one that finishes, and one that is cancelled."""
    manager = holder(made_key("webhooks:read", "webhooks:write")["key"])
    webhook = enabled(disabled(cloud, receiver, events=51))
    for since in (webhook["recoverSince"], LONG_AGO):
        body, headers = {"since": since}, {"idempotency-key": since}
        recovery = call("recover_webhook", manager, object_id=webhook["id"], body=body, headers=headers).body
        path = {"recoveryId": recovery["id"]}
        assert call("get_webhook_recovery", manager, object_id=webhook["id"], path=path).status == 200
        assert call("list_webhook_recoveries", manager, object_id=webhook["id"]).status == 200
        if since == LONG_AGO:
            assert call("cancel_webhook_recovery", manager, object_id=webhook["id"], path=path).status == 200
        cloud.take_step()
        while cloud.waiting(DRAIN_QUEUE):  # not the attempts, because some webhooks of this test have no receiver
            cloud.take_step()


def from_event_source(logical_id: str) -> set[Permission]:
    """Return the permissions that Lambda needs to read the function's queue or stream."""
    queue, stream = consumed_queue(logical_id), consumed_stream(logical_id)
    if queue is not None:
        return {(f"sqs:{action}", queue[0]) for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}
    if stream is not None:
        reading = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
        return {(f"dynamodb:{action}", f"{stream[0]}/stream/*") for action in reading}
    return set()


def be_refused() -> None:
    """Call every endpoint without permission. Each refusal is recorded in the audit log."""
    member = admin(app_metadata={"account_id": "acme", "role": "member"})
    for function, endpoint in described().items():
        # All functions share this process, and an environment records a refusal only once a minute.
        refused_attempts.cache_clear()
        if endpoint.takes_sessions:
            assert call(function, member).status == 403
        else:
            key = holder(endpoint.made_key()["key"])
            assert call(function, key, headers={"x-account-id": OTHER_ACCOUNT}).status == 403


def call_by_key() -> None:
    """Call every limited endpoint with a key that has a profile, and with a key without credits."""
    keys: dict[str, tuple[Caller, Caller]] = {}
    for account_id, scopes in ((ACCOUNT, ["*"]), (OPERATOR_ACCOUNT_ID, ["*", *OPERATOR_SCOPES])):
        profile_id = made_profile(account_id)["id"]
        keys[account_id] = (
            holder(made_key(*scopes, account_id=account_id, profileId=profile_id)["key"]),
            holder(made_key(*scopes, account_id=account_id, credits={"remaining": 0})["key"]),
        )
    for function, endpoint in described().items():
        if endpoint.is_for_keys and 429 in endpoint.statuses:
            with_profile, used_up = keys[endpoint.account_id]
            assert call(function, with_profile).status not in {401, 403}
            assert call(function, used_up).status == 429
    profile_id = made_profile(OPERATOR_ACCOUNT_ID)["id"]
    key = made_key("accounts:manage", account_id=OPERATOR_ACCOUNT_ID, profileId=profile_id)["key"]
    for function, endpoint in described().items():
        if endpoint.takes_keys and not endpoint.is_for_keys:
            assert call(function, acting(holder(key))).status not in {401, 403}


@pytest.mark.usefixtures("name_service", "no_waits_in_drains", "account_days")
def test_function_policy_equals_its_used_permissions(cloud: Cloud, receiver: Receiver, fail_operation: Fail) -> None:
    with recording() as needed:
        keep_keys(cloud, fail_operation)
        keep_profiles()
        keep_members()
        keep_portal_sessions()
        keep_oauth()
        keep_webhooks()
        look_up_event_types(cloud)
        look_up_scopes()
        bill_by_account_day(cloud)
        compare_expensive_filters(cloud)
        deliver(cloud, receiver)
        redeliver(cloud, receiver)
        park_and_drain(cloud, receiver)
        recover(cloud, receiver)
        find_leaks()
        rotate_secrets_manager_key()
        be_refused()
        call_by_key()
        call("list_audit_events", holder(made_key("audit-events:read")["key"]))
        assert cloud.run_streams() == []
        invoke("publish_system_events", own_event("publish_system_events"))
        strange = own_event("start_drains")["Records"][0]
        del strange["dynamodb"]["NewImage"]["targetId"]
        assert failed_ids(invoke("start_drains", {"Records": [strange]})) == []
        unreadable = own_event("count_attempts")["Records"][0]
        del unreadable["dynamodb"]["NewImage"]["status"]
        assert failed_ids(invoke("count_attempts", {"Records": [unreadable]})) == []
        for function in ("get_openapi", "handle_unknown_route"):
            call(function)
    for logical_id in functions():
        function = snake_case(logical_id)
        used = needed.permissions[function] | from_event_source(logical_id)
        assert permissions(logical_id) == used, logical_id
        assert written_prefixes(logical_id) == needed.prefixes[function], logical_id
