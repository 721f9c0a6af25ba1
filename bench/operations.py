"""The product's operations, each with the state that it needs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from latchhook.api_keys.key_format import issue_key_text
from latchhook.bootstrap.event_types import event_type_cache
from local.receiver import Behaviour, Receiver
from tests.functions.callers import (
    admin,
    holder,
    made_key,
    made_member,
    made_profile,
    made_webhook,
    operator,
    operator_key,
    published,
    registered,
)
from tests.functions.calls import Caller, http_event, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.environment import BUS_QUEUE, DELIVERY_QUEUE, EVENT_QUEUE, KEY_PREFIX, RETRY_QUEUE, queue_url
from tests.functions.oauth.apps import VERIFIER, code_of, connected, credentials, made_client, own_token, user
from tests.functions.portal_sessions.portal import opened

EVENT = "order.created"
BY_WORDS = {"entity": {"severity": [{"ordinal": [">=", "major"]}]}}
LIMITS = {
    "credits": {"remaining": 1_000, "refill": {"amount": 1_000, "interval": "monthly"}},
    "rateLimit": {"limit": 60, "windowSeconds": 3600},
    "ipAllowList": ["203.0.113.0/24"],
}
"""All limits that the single write of a verification can check."""


@dataclass(frozen=True)
class World:
    """The environment of an operation: the stack, a receiver, and a separate account."""

    cloud: Cloud
    receiver: Receiver
    account_id: str


Run = Callable[[], object]


@dataclass(frozen=True)
class Operation:
    """An operation to measure. `prepare` creates its state and returns the call to count."""

    name: str
    function: str
    prepare: Callable[[World], Run]
    by_http: bool = True
    from_queue: bool = False
    at_once: bool = False
    """Whether the worker handles all messages of a batch concurrently."""
    assumed_millis: int = 8
    """The assumed billed duration: a write to the database, or a receiver's response."""
    most_calls: int | None = None
    most_item_writes: int | None = None
    most_dollars: float | None = None


def _request(function: str, caller: Caller, **request: Any) -> Run:
    """Return a call that sends one HTTP request and asserts its success."""
    event = http_event(function, caller, **request)

    def run() -> None:
        response = invoke(function, event)
        assert response["statusCode"] < 300, response

    return run


def _used_key(world: World, *scopes: str, **settings: Any) -> str:
    """Create a key and use it, because the first use of a month also writes an index."""
    key = str(made_key(*scopes, account_id=world.account_id, **settings)["key"])
    assert invoke("verify_api_key", {"key": key, "ipAddress": "203.0.113.24"})["valid"]
    return key


def _verified(key: str, **asked: Any) -> Run:
    return _request("verify_api_key", operator(), body={"key": key, **asked})


def _verified_with_limits(*, idle: bool) -> Callable[[World], Run]:
    """Prepare a key with all limits. A key that was idle for long has its full rate limit again."""
    scopes = ["orders:read", "products:read"]

    def prepare(world: World) -> Run:
        made = made_key(*scopes, account_id=world.account_id, **LIMITS)
        run = _verified(made["key"], requiredScopes=scopes, ipAddress="203.0.113.24")
        run()
        if idle:
            world.cloud.change_key(made["id"], tat=0, readyAt=0)
        return run

    return prepare


def _verified_with_profile(world: World) -> Run:
    rules = [{"effect": "allow", "actions": ["orders:*"]}, {"effect": "deny", "actions": ["orders:write"]}]
    profile = made_profile(world.account_id, rules=rules)
    return _verified(_used_key(world, profileId=profile["id"]), requiredScopes=["orders:read"])


def _verified_with_oauth(world: World) -> Run:
    """Prepare a token of a user, and use it once."""
    client = made_client(world.account_id)
    run = _verified(connected(client, user(account_id=world.account_id)).access, requiredScopes=["orders:read"])
    run()
    return run


def _machine(world: World) -> dict[str, Any]:
    return made_client(world.account_id, grantTypes=["client_credentials"], redirectUris=[])


def _verified_of_client(world: World) -> Run:
    run = _verified(own_token(_machine(world)), requiredScopes=["orders:read"])
    run()
    return run


def _token_request(fields: Mapping[str, str]) -> Run:
    """Return a call of the token endpoint."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return _request("create_token", {}, raw=urlencode(fields).encode(), headers=headers)


def _exchanged_code(world: World) -> Run:
    client = made_client(world.account_id)
    code = code_of(client, user(account_id=world.account_id))
    fields = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    return _token_request({**fields, **credentials(client)})


def _refreshed_tokens(world: World) -> Run:
    made = connected(made_client(world.account_id), user(account_id=world.account_id))
    fields = {"grant_type": "refresh_token", "refresh_token": made.refresh}
    return _token_request({**fields, **credentials(made.client)})


def _own_oauth_token(world: World) -> Run:
    return _token_request({"grant_type": "client_credentials", **credentials(_machine(world))})


def _verified_with_owner(world: World) -> Run:
    """Prepare a key that has a profile and follows an owner who has another profile."""
    rules = [{"effect": "allow", "actions": ["orders:*"]}]
    profiles = [made_profile(world.account_id, rules=rules)["id"] for _ in range(2)]
    owner = made_member("owner", world.account_id, profileId=profiles[0])["userId"]
    key = _used_key(world, profileId=profiles[1], ownerUserId=owner, followsOwner=True)
    return _verified(key, requiredScopes=["orders:read"])


def _verified_from_elsewhere(world: World) -> Run:
    text = f"old_live_{world.account_id}_of_another_system"
    _imported(world, [text])()
    run = _verified(text)
    run()
    return run


def _verified_at_once(world: World) -> Run:
    keys = [{"key": _used_key(world)} for _ in range(10)]
    return _request("verify_api_keys", operator(), body={"keys": keys})


def _imported(world: World, texts: Sequence[str]) -> Run:
    keys = [{"name": "From elsewhere", "hash": sha256(text.encode()).hexdigest()} for text in texts]
    return _request("import_api_keys", admin(world.account_id), body={"keys": keys})


def _texts(world: World, count: int) -> list[str]:
    return [f"old_live_{world.account_id}_{number}" for number in range(count)]


def _revoked_at_once(world: World) -> Run:
    _imported(world, _texts(world, 100))()
    return _request("revoke_api_keys", admin(world.account_id), body={"filter": {"all": True}})


def _searched(world: World) -> Run:
    _imported(world, _texts(world, 30))()
    return _request("list_api_keys", admin(world.account_id), query={"search": "elsewhere", "limit": "10"})


def _of_own_key(function: str) -> Callable[[World], Run]:
    return lambda world: _request(function, holder(_used_key(world)))


def _sent_again(function: str, body: Callable[[World], Any]) -> Callable[[World], Run]:
    def prepare(world: World) -> Run:
        headers = {"idempotency-key": world.account_id}
        run = _request(function, admin(world.account_id), body=body(world), headers=headers)
        run()
        return run

    return prepare


def _authorized(world: World) -> Run:
    event = own_event("authorize_api_key")
    event["headers"]["x-api-key"] = _used_key(world)

    def run() -> None:
        assert invoke("authorize_api_key", event)["isAuthorized"]

    return run


def _directly_verified(world: World) -> Run:
    key = _used_key(world)

    def run() -> None:
        assert invoke("verify_api_key", {"key": key})["valid"]

    return run


def _listed(world: World) -> Run:
    for _ in range(3):
        made_key(account_id=world.account_id)
    return _request("list_api_keys", admin(world.account_id))


def _listed_in_the_portal(world: World) -> Run:
    for _ in range(3):
        made_key(account_id=world.account_id)
    return _request("list_api_keys", opened(accountId=world.account_id)[1])


def _usage_listed(world: World) -> Run:
    for _ in range(3):
        made_key(account_id=world.account_id)
    return _request("list_api_key_usage", admin(world.account_id), query={"days": "60"})


def _of_key(function: str) -> Callable[[World], Run]:
    def prepare(world: World) -> Run:
        key = made_key(account_id=world.account_id)
        return _request(function, admin(world.account_id), object_id=key["id"])

    return prepare


def _created(world: World) -> Run:
    body = {"name": "Production Integration", "scopes": ["orders:read", "orders:write"]}
    return _request("create_api_key", admin(world.account_id), body=body)


def _webhook_created(**settings: Any) -> Callable[[World], Run]:
    return lambda world: _request(
        "create_webhook", admin(world.account_id), body={"url": world.receiver.url("/"), **settings}
    )


def _of_webhook(function: str, body: Any, **settings: Any) -> Callable[[World], Run]:
    def prepare(world: World) -> Run:
        webhook = made_webhook(world.receiver.url("/"), world.account_id, **settings)
        return _request(function, admin(world.account_id), object_id=webhook["id"], body=body)

    return prepare


def _type_is_known(*, known: bool = True) -> None:
    """Set whether the environment has looked up the event type within the last minute."""
    types = event_type_cache()
    types.forget()
    if known:
        types.find(EVENT)


def _published(caller: Callable[[], Caller], *, first: bool = False) -> Callable[[World], Run]:
    def prepare(world: World) -> Run:
        _type_is_known(known=not first)
        body = {"accountId": world.account_id, "event": EVENT, "entity": {"number": 1001}}
        return _request("publish_event", caller(), body=body)

    return prepare


def _batch_published(world: World) -> Run:
    _type_is_known()
    events = [{"accountId": world.account_id, "event": EVENT, "entity": {"number": number}} for number in range(100)]
    return _request("publish_events", operator(), body={"events": events})


def _published_from_bus(world: World) -> Run:
    _type_is_known()
    (record,) = own_event("publish_bus_event")["Records"]
    world.cloud.sqs.send_message(QueueUrl=queue_url(BUS_QUEUE), MessageBody=record["body"])
    return _worked("publish_bus_event", BUS_QUEUE, world)


def _fanned_out(*, type_is_known: bool = True, **settings: Any) -> Callable[[World], Run]:
    """Prepare the fan-out of an event to one webhook with these settings."""

    def prepare(world: World) -> Run:
        made_webhook(world.receiver.url("/"), world.account_id, **settings)
        published(world.account_id)
        _type_is_known(known=type_is_known)
        return _worked("fan_out_event", EVENT_QUEUE, world)

    return prepare


def _delivered(*, path: str = "/", warm: bool = False, attempt: int = 1, **settings: Any) -> Callable[[World], Run]:
    """Prepare attempt number `attempt` of a delivery.

    With `warm`, the environment has the webhook's secret in memory.
    """

    def prepare(world: World) -> Run:
        world.receiver.response("/fails", Behaviour(statuses=[500]))
        made_webhook(world.receiver.url(path), world.account_id, **settings)
        if warm:
            published(world.account_id)
            world.cloud.run_event_path()
        published(world.account_id)
        assert world.cloud.drain(EVENT_QUEUE, "fan_out_event") == []
        if attempt == 1:
            return _worked("deliver_webhook", DELIVERY_QUEUE, world)
        assert world.cloud.drain(DELIVERY_QUEUE, "deliver_webhook") == []
        for _ in range(2, attempt):
            assert world.cloud.drain(RETRY_QUEUE, "retry_webhook") == []
        return _worked("retry_webhook", RETRY_QUEUE, world)

    return prepare


def _passed_on(world: World) -> Run:
    """Prepare a task for a slow webhook in the fast queue."""
    webhook = made_webhook(world.receiver.url("/slow"), world.account_id)
    published(world.account_id)
    assert world.cloud.drain(EVENT_QUEUE, "fan_out_event") == []
    world.cloud.change_webhook(world.account_id, webhook["id"], slowSeconds=4)
    return _worked("deliver_webhook", DELIVERY_QUEUE, world)


def _delivered_slowly(world: World) -> Run:
    _passed_on(world)()
    world.receiver.response("/slow", Behaviour(delay_seconds=4 / 3 + 0.1))
    return _worked("retry_webhook", RETRY_QUEUE, world)


def _worked(worker: str, queue: str, world: World) -> Run:
    batch = world.cloud.batch(queue, worker)
    (record,) = batch["Records"]
    world.cloud.sqs.delete_message(QueueUrl=queue_url(queue), ReceiptHandle=record["receiptHandle"])

    def run() -> None:
        assert invoke(worker, batch) == {"batchItemFailures": []}

    return run


def _tested(body: Mapping[str, Any]) -> Callable[[World], Run]:
    def prepare(world: World) -> Run:
        registered(EVENT, example={"number": 1001})
        webhook = made_webhook(world.receiver.url("/"), world.account_id)
        return _request("send_test_delivery", admin(world.account_id), object_id=webhook["id"], body=body)

    return prepare


def _of_delivery(function: str) -> Callable[[World], Run]:
    """Prepare a delivery with one attempt."""

    def prepare(world: World) -> Run:
        webhook = made_webhook(world.receiver.url("/"), world.account_id)
        session = admin(world.account_id)
        sent = invoke("send_test_delivery", http_event("send_test_delivery", session, object_id=webhook["id"]))
        path = {"deliveryId": json.loads(sent["body"])["deliveryId"]}
        return _request(function, session, object_id=webhook["id"], path=path)

    return prepare


def _paused(world: World, *, events: int) -> str:
    """Create a paused webhook with `events` tasks in the delivery queue, and return its id."""
    webhook_id = str(made_webhook(world.receiver.url("/"), world.account_id)["id"])
    _set_status(world, webhook_id, "paused")
    for _ in range(events):
        published(world.account_id)
    assert world.cloud.drain(EVENT_QUEUE, "fan_out_event") == []
    return webhook_id


def _set_status(world: World, webhook_id: str, status: str) -> None:
    _request("update_webhook", admin(world.account_id), object_id=webhook_id, body={"status": status})()


def _parked(world: World) -> Run:
    _paused(world, events=1)
    return _worked("deliver_webhook", DELIVERY_QUEUE, world)


def _resumed(world: World, *, events: int) -> str:
    """Create a resumed webhook with parked deliveries, before its drain starts, and return its id."""
    webhook_id = _paused(world, events=events)
    assert world.cloud.drain(DELIVERY_QUEUE, "deliver_webhook") == []
    _set_status(world, webhook_id, "active")
    return webhook_id


def _drain_started(world: World) -> Run:
    batch = own_event("start_drains")
    batch["Records"][0]["dynamodb"]["NewImage"] |= {
        "pk": {"S": f"AUDIT#{world.account_id}"},
        "targetId": {"S": _resumed(world, events=1)},
    }

    def run() -> None:
        assert invoke("start_drains", batch) == {"batchItemFailures": []}

    return run


def _step(world: World, webhook_id: str) -> Run:
    """Return a call that takes the first step of a webhook's drain."""
    batch = own_event("drain_deliveries")
    step = json.loads(batch["Records"][0]["body"])
    batch["Records"][0]["body"] = json.dumps(step | {"accountId": world.account_id, "webhookId": webhook_id})

    def run() -> None:
        assert invoke("drain_deliveries", batch) == {"batchItemFailures": []}

    return run


def _stats_listed(world: World) -> Run:
    made_webhook(world.receiver.url("/"), world.account_id)
    return _request("list_webhook_stats", admin(world.account_id))


def _counted(*, webhooks: int) -> Callable[[World], Run]:
    """Prepare a stream batch of a hundred attempts for `webhooks` webhooks."""

    def prepare(world: World) -> Run:
        records = []
        for number in range(100):
            (record,) = own_event("count_attempts")["Records"]
            change = record["dynamodb"]
            change["SequenceNumber"] = str(10**20 + number)
            change["NewImage"] |= {
                "pk": {"S": f"WEBHOOK#{UUID(int=number % webhooks)}"},
                "accountId": {"S": world.account_id},
            }
            records.append(record)

        def run() -> None:
            assert invoke("count_attempts", {"Records": records}) == {"batchItemFailures": []}

        return run

    return prepare


def _missed_by_a_disabled_webhook(world: World) -> Run:
    webhook = made_webhook(world.receiver.url("/"), world.account_id)
    world.cloud.change_webhook(world.account_id, webhook["id"], status="disabled")
    published(world.account_id)
    _type_is_known()
    return _worked("fan_out_event", EVENT_QUEUE, world)


def _recovery_started(world: World) -> Run:
    webhook = made_webhook(world.receiver.url("/"), world.account_id)
    body = {"since": "2020-01-01T00:00:00Z"}
    return _request("recover_webhook", admin(world.account_id), object_id=webhook["id"], body=body)


def _recovery_step(*, only: str, events: int) -> Callable[[World], Run]:
    """Prepare the first step of a recovery of `events` deliveries."""

    def prepare(world: World) -> Run:
        world.receiver.response("/fails", Behaviour(statuses=[500]))
        webhook = made_webhook(world.receiver.url("/fails"), world.account_id, retryScheduleSeconds=[])
        if only == "missing":
            world.cloud.change_webhook(world.account_id, webhook["id"], status="disabled")
        for _ in range(events):
            published(world.account_id)
        world.cloud.run_event_path()
        world.cloud.change_webhook(world.account_id, webhook["id"], status="active")
        body = {"since": "2020-01-01T00:00:00Z", "only": only}
        event = http_event("recover_webhook", admin(world.account_id), object_id=webhook["id"], body=body)
        assert invoke("recover_webhook", event)["statusCode"] == 202
        return _step(world, webhook["id"])

    return prepare


def _limited(world: World, *, events: int) -> Mapping[str, Any]:
    """Create a webhook with a limit of one delivery a day, one delivery sent and `events` tasks waiting."""
    limit = {"limit": 1, "windowSeconds": 86_400}
    webhook = made_webhook(world.receiver.url("/"), world.account_id, rateLimit=limit)
    published(world.account_id)
    world.cloud.run_event_path()
    for _ in range(events):
        published(world.account_id)
        world.cloud.drain(EVENT_QUEUE, "fan_out_event")
    return webhook


def _parked_over_the_limit(world: World) -> Run:
    _limited(world, events=10)
    batch = world.cloud.batch(DELIVERY_QUEUE, "deliver_webhook")

    def run() -> None:
        assert invoke("deliver_webhook", batch) == {"batchItemFailures": []}

    return run


def _released(world: World) -> Run:
    webhook = _limited(world, events=10)
    world.cloud.run_event_path()
    world.cloud.change_webhook(world.account_id, webhook["id"], rateLimit=[100, 1])
    return _step(world, webhook["id"])


def _unknown_key(_: World) -> Run:
    return _verified(issue_key_text(KEY_PREFIX, UUID(int=1), Random(1)))


PUBLISH = Operation("publish an event, operator's token", "publish_event", _published(operator), most_calls=1)
FAN_OUT = Operation(
    "fan out an event to one webhook",
    "fan_out_event",
    _fanned_out(),
    by_http=False,
    from_queue=True,
    most_item_writes=2,
)
DELIVERY = Operation(
    "deliver, secret in memory",
    "deliver_webhook",
    _delivered(warm=True),
    by_http=False,
    from_queue=True,
    at_once=True,
    assumed_millis=150,
    most_item_writes=1,
)

EVENT_PATH = (PUBLISH, FAN_OUT, DELIVERY)
"""Publishing an event and delivering it to one webhook."""

EVENT_PATH_DOLLARS = 5.0

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "verify a good key over HTTP",
        "verify_api_key",
        lambda world: _verified(_used_key(world)),
        most_calls=1,
        most_dollars=2.0,
    ),
    Operation(
        "verify a good key directly",
        "verify_api_key",
        _directly_verified,
        by_http=False,
        most_calls=1,
        most_dollars=1.0,
    ),
    Operation("authorize a good key", "authorize_api_key", _authorized, by_http=False, most_calls=1, most_dollars=1.0),
    Operation(
        "verify a text that is not a key", "verify_api_key", lambda _: _verified("lh_live_nothing"), most_calls=0
    ),
    Operation("verify an unknown key", "verify_api_key", _unknown_key, most_calls=1),
    Operation(
        "verify a key with all limits, used a moment ago",
        "verify_api_key",
        _verified_with_limits(idle=False),
        most_calls=1,
        most_dollars=2.0,
    ),
    Operation(
        "verify a key with all limits, long idle", "verify_api_key", _verified_with_limits(idle=True), most_calls=2
    ),
    Operation(
        "verify a good key, first use of a month",
        "verify_api_key",
        lambda world: _verified(made_key(account_id=world.account_id)["key"]),
        most_calls=1,
    ),
    Operation("verify a key with a profile", "verify_api_key", _verified_with_profile, most_calls=2, most_dollars=2.0),
    Operation("verify a key that follows its owner", "verify_api_key", _verified_with_owner, most_calls=2),
    Operation("verify a user's OAuth token", "verify_api_key", _verified_with_oauth, most_calls=2),
    Operation("verify a client's own OAuth token", "verify_api_key", _verified_of_client, most_calls=1),
    Operation("exchange an OAuth code", "create_token", _exchanged_code, most_calls=3),
    Operation("refresh OAuth tokens", "create_token", _refreshed_tokens, most_calls=3),
    Operation("get a client's own OAuth token", "create_token", _own_oauth_token, most_calls=3),
    Operation("verify an imported key", "verify_api_key", _verified_from_elsewhere, most_calls=1, most_dollars=2.0),
    Operation(
        "verify a key text that was not imported",
        "verify_api_key",
        lambda _: _verified("old_live_of_another_system"),
        most_calls=1,
    ),
    Operation(
        "refuse a key without the required scope",
        "verify_api_key",
        lambda world: _verified(made_key(account_id=world.account_id)["key"], requiredScopes=["orders:read"]),
        most_calls=2,
    ),
    Operation("verify ten keys in one request", "verify_api_keys", _verified_at_once, assumed_millis=20, most_calls=10),
    Operation("create a key", "create_api_key", _created),
    Operation(
        "create a key, repeated request", "create_api_key", _sent_again("create_api_key", lambda _: {"name": "Once"})
    ),
    Operation("list three keys", "list_api_keys", _listed),
    Operation("list three keys in a portal session", "list_api_keys", _listed_in_the_portal),
    Operation("list ten of thirty keys by name", "list_api_keys", _searched),
    Operation("get a key", "get_api_key", _of_key("get_api_key")),
    Operation("get a key's usage", "get_api_key_usage", _of_key("get_api_key_usage")),
    Operation("list three keys' usage", "list_api_key_usage", _usage_listed),
    Operation("get the current key", "get_current_api_key", _of_own_key("get_current_api_key"), most_calls=1),
    Operation("change a key", "update_api_key", _of_key("update_api_key")),
    Operation("replace a key's settings", "replace_api_key", _of_key("replace_api_key")),
    Operation("rotate a key", "rotate_api_key", _of_key("rotate_api_key")),
    Operation("revoke a key", "revoke_api_key", _of_key("revoke_api_key")),
    Operation("revoke the current key", "revoke_current_api_key", _of_own_key("revoke_current_api_key")),
    Operation("create a webhook", "create_webhook", _webhook_created()),
    Operation(
        "create a webhook, repeated request",
        "create_webhook",
        _sent_again("create_webhook", lambda world: {"url": world.receiver.url("/")}),
    ),
    Operation("create a webhook with a key pair", "create_webhook", _webhook_created(asymmetricSignatures=True)),
    Operation("change a webhook", "update_webhook", _of_webhook("update_webhook", {"events": ["lap.*"]})),
    Operation(
        "change a webhook's secret header",
        "update_webhook",
        _of_webhook(
            "update_webhook",
            {"headers": {"Authorization": "Bearer of their own"}},
            headers={"Authorization": "Bearer of old", "X-Key": "one that stays"},
        ),
    ),
    Operation(
        "rotate a webhook's secret",
        "rotate_webhook_secret",
        _of_webhook("rotate_webhook_secret", {"gracePeriodSeconds": 60}),
    ),
    Operation(
        "rotate a webhook's secret and its key pair",
        "rotate_webhook_secret",
        _of_webhook("rotate_webhook_secret", {"gracePeriodSeconds": 60}, asymmetricSignatures=True),
    ),
    PUBLISH,
    Operation(
        "publish an event, operator's key",
        "publish_event",
        _published(lambda: holder(operator_key("events:write")["key"])),
        most_calls=2,
    ),
    Operation("publish an event, event type not in memory", "publish_event", _published(operator, first=True)),
    Operation("publish a batch of 100 events", "publish_events", _batch_published, assumed_millis=100, most_calls=10),
    Operation(
        "publish an event from the event bus",
        "publish_bus_event",
        _published_from_bus,
        by_http=False,
        from_queue=True,
        most_calls=1,
    ),
    FAN_OUT,
    Operation(
        "fan out an event to a webhook with a filter",
        "fan_out_event",
        _fanned_out(filter={"entity": {"number": [{"numeric": [">", 1000]}]}}),
        by_http=False,
        from_queue=True,
        most_calls=3,
    ),
    Operation(
        "fan out an event to an ordinal filter, event type not in memory",
        "fan_out_event",
        _fanned_out(type_is_known=False, filter={"$or": [BY_WORDS, {"entity": {"number": [{"exists": True}]}}]}),
        by_http=False,
        from_queue=True,
    ),
    Operation(
        "deliver, secret not in memory",
        "deliver_webhook",
        _delivered(),
        by_http=False,
        from_queue=True,
        at_once=True,
        assumed_millis=150,
        most_item_writes=1,
    ),
    DELIVERY,
    Operation(
        "deliver, secret and key pair not in memory",
        "deliver_webhook",
        _delivered(asymmetricSignatures=True),
        by_http=False,
        from_queue=True,
        at_once=True,
        assumed_millis=150,
        most_item_writes=1,
    ),
    Operation(
        "deliver, secret and key pair in memory",
        "deliver_webhook",
        _delivered(warm=True, asymmetricSignatures=True),
        by_http=False,
        from_queue=True,
        at_once=True,
        assumed_millis=150,
        most_item_writes=1,
    ),
    Operation(
        "deliver to a webhook with a rate limit",
        "deliver_webhook",
        _delivered(warm=True, rateLimit={"limit": 1_000, "windowSeconds": 1}),
        by_http=False,
        from_queue=True,
        at_once=True,
        assumed_millis=150,
        most_item_writes=2,
    ),
    Operation(
        "move a slow webhook's task to the slow queue",
        "deliver_webhook",
        _passed_on,
        by_http=False,
        from_queue=True,
        at_once=True,
        assumed_millis=50,
        most_item_writes=1,
    ),
    Operation(
        "deliver from the slow queue to a slow webhook",
        "retry_webhook",
        _delivered_slowly,
        by_http=False,
        from_queue=True,
        at_once=True,
        assumed_millis=2_000,
        most_item_writes=1,
    ),
    Operation(
        "deliver, failed: retry in seconds",
        "deliver_webhook",
        _delivered(path="/fails", warm=False),
        by_http=False,
        from_queue=True,
        at_once=True,
        assumed_millis=150,
        most_item_writes=2,
    ),
    Operation(
        "retry, failed: retry in hours",
        "retry_webhook",
        _delivered(path="/fails", attempt=3),
        by_http=False,
        from_queue=True,
        at_once=True,
        assumed_millis=150,
        most_item_writes=2,
    ),
    Operation("send a test to a webhook", "send_test_delivery", _tested({}), assumed_millis=150, most_item_writes=3),
    Operation(
        "send the example of an event type to a webhook",
        "send_test_delivery",
        _tested({"event": EVENT}),
        assumed_millis=150,
        most_item_writes=3,
    ),
    Operation("get a delivery", "get_webhook_delivery", _of_delivery("get_webhook_delivery"), most_item_writes=0),
    Operation(
        "retry a delivery by hand", "retry_webhook_delivery", _of_delivery("retry_webhook_delivery"), most_item_writes=1
    ),
    Operation(
        "park a delivery of a paused webhook",
        "deliver_webhook",
        _parked,
        by_http=False,
        from_queue=True,
        at_once=True,
        most_item_writes=1,
    ),
    Operation(
        "start the drain of a resumed webhook",
        "start_drains",
        _drain_started,
        by_http=False,
        most_item_writes=1,
    ),
    Operation(
        "release ten parked deliveries of a resumed webhook",
        "drain_deliveries",
        lambda world: _step(world, _resumed(world, events=10)),
        by_http=False,
        from_queue=True,
        assumed_millis=50,
        most_item_writes=12,
    ),
    Operation(
        "count a hundred attempts of one webhook",
        "count_attempts",
        _counted(webhooks=1),
        by_http=False,
        most_calls=1,
    ),
    Operation(
        "count a hundred attempts of ten webhooks",
        "count_attempts",
        _counted(webhooks=10),
        by_http=False,
        assumed_millis=20,
        most_calls=10,
    ),
    Operation("get a webhook's stats", "get_webhook_stats", _of_webhook("get_webhook_stats", None), most_calls=3),
    Operation("get the stats of all webhooks", "list_webhook_stats", _stats_listed, most_calls=3),
    Operation(
        "fan out an event to a disabled webhook",
        "fan_out_event",
        _missed_by_a_disabled_webhook,
        by_http=False,
        from_queue=True,
        most_item_writes=2,
    ),
    Operation(
        "park ten deliveries over the rate limit",
        "deliver_webhook",
        _parked_over_the_limit,
        by_http=False,
        from_queue=True,
        assumed_millis=40,
        most_item_writes=13,
    ),
    Operation(
        "release ten deliveries parked over the rate limit",
        "drain_deliveries",
        _released,
        by_http=False,
        from_queue=True,
        assumed_millis=60,
        most_calls=10,
        most_item_writes=13,
    ),
    Operation("start a recovery", "recover_webhook", _recovery_started, most_item_writes=4),
    Operation(
        "recover sixty failed deliveries",
        "drain_deliveries",
        _recovery_step(only="failed", events=60),
        by_http=False,
        from_queue=True,
        assumed_millis=100,
        most_item_writes=6,
    ),
    Operation(
        "recover ten missed deliveries",
        "drain_deliveries",
        _recovery_step(only="missing", events=10),
        by_http=False,
        from_queue=True,
        assumed_millis=50,
        most_item_writes=16,
    ),
    Operation("revoke a hundred keys", "revoke_api_keys", _revoked_at_once, assumed_millis=150, most_item_writes=205),
    Operation(
        "import a hundred keys",
        "import_api_keys",
        lambda world: _imported(world, _texts(world, 100)),
        assumed_millis=150,
        most_item_writes=205,
    ),
)
