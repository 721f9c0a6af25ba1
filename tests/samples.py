"""Complete, valid domain objects for tests. A test names only the fields that matter to it."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.identity.caller import Caller
from latchhook.permissions.grants import Grants
from latchhook.permissions.profiles import Profile, Rule
from latchhook.permissions.roles import ROLES
from latchhook.permissions.scopes import Catalogue
from latchhook.settings import MARKETPLACE_SCOPES
from latchhook.webhooks.delivery import Attempt, DeliveryTask, delivery_id
from latchhook.webhooks.event import Event, event_body
from latchhook.webhooks.event_types import EventType
from latchhook.webhooks.recovery import Recovery, recovery_id
from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.webhook import Webhook

NOW = datetime(2027, 3, 15, 12, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)
PREFIX = "lh_live_"
ACCOUNT = "acct_1"
CATALOGUE = Catalogue.of(MARKETPLACE_SCOPES)


class MovableClock:
    """A clock that shows the same time until the test moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def caller(account_id: str = ACCOUNT, *, scopes: frozenset[str] | None = None, operator: bool = False) -> Caller:
    """Return an account's admin, or a caller with exactly `scopes`."""
    grants = ROLES["admin"].grants if scopes is None else Grants(scopes)
    return Caller("user", account_id, "user_1", grants, operator)


def origin(account_id: str = ACCOUNT, *, at: datetime = NOW, by: Caller | None = None) -> Origin:
    """Return the origin of a request of an account's admin."""
    return Origin(by or caller(account_id), "203.0.113.9", "request-1", at)


def entry(account_id: str = ACCOUNT, *, action: str = "thing.changed", seed: int = 1, at: datetime = NOW) -> AuditEntry:
    """Return an audit entry. Each `seed` gives a different entry."""
    return new_entry(origin(account_id, at=at), action, UUID(int=seed), rng=Random(seed))


def api_key(key_id: UUID | int = 1, **changes: Any) -> ApiKey:
    """Return an active key without scopes and expiry."""
    the_id = key_id if isinstance(key_id, UUID) else UUID(int=Random(key_id).getrandbits(128), version=4)
    settings: dict[str, Any] = {
        "account_id": ACCOUNT,
        "user_id": "user_1",
        "name": "API Key",
        "description": None,
        "prefix": key_format.display_prefix(PREFIX, the_id),
        "key_prefix": key_format.leading_characters(PREFIX, the_id),
        "scopes": (),
        "stored_status": "active",
        "created_at": NOW,
        "updated_at": NOW,
        "expires_at": None,
        "last_used_at": None,
        "revoked_at": None,
        "daily_requests": {},
        "metadata": {},
    }
    return ApiKey(id=the_id, **settings | changes)


def key_text(key: ApiKey, seed: int = 1) -> str:
    """Return a text of the key. Each `seed` gives a different secret."""
    return key_format.issue_key_text(PREFIX, key.id, Random(seed))


def webhook(number: int = 1, **changes: Any) -> Webhook:
    """Return an active webhook for all events, with one secret."""
    settings: dict[str, Any] = {
        "id": UUID(int=Random(number).getrandbits(128), version=4),
        "account_id": ACCOUNT,
        "url": f"https://receiver-{number}.example/hooks",
        "events": ("*",),
        "description": None,
        "status": "active",
        "secrets": (StoredSecret(b"sealed secret"),),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Webhook(**settings | changes)


def profile(number: int = 1, **changes: Any) -> Profile:
    """Return an unused profile that allows all actions on orders except writing."""
    settings: dict[str, Any] = {
        "id": UUID(int=Random(number).getrandbits(128), version=4),
        "account_id": ACCOUNT,
        "name": "Order readers",
        "description": None,
        "rules": (Rule("allow", ("orders:*",)), Rule("deny", ("orders:write",))),
        "key_count": 0,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Profile(**settings | changes)


def event(event_id: str = "evt_1", *, name: str = "order.paid", account_id: str = ACCOUNT, **changes: Any) -> Event:
    """Return an accepted event."""
    settings: dict[str, Any] = {
        "external_id": "order-7",
        "accepted_at": NOW,
        "body": event_body(
            event_id=event_id, name=name, account_id=account_id, entity={"total": 12.5}, occurred_at=NOW
        ),
    }
    return Event(id=event_id, account_id=account_id, name=name, **settings | changes)


def event_type(name: str = "order.paid", **changes: Any) -> EventType:
    """Return an event type with only a name."""
    settings: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
    return EventType(name, **settings | changes)


def task(of: Event | None = None, to: Webhook | None = None, *, attempt: int = 1) -> DeliveryTask:
    """Return the task of one attempt to deliver `of` to `to`."""
    event_, webhook_ = of or event(), to or webhook()
    return DeliveryTask(
        account_id=event_.account_id,
        webhook_id=webhook_.id,
        event_id=event_.id,
        delivery_id=delivery_id(
            account_id=event_.account_id,
            event_id=event_.id,
            webhook_id=webhook_.id,
            accepted_at=event_.accepted_at,
        ),
        attempt=attempt,
    )


def attempt(of: DeliveryTask | None = None, **changes: Any) -> Attempt:
    """Return a recorded, successful attempt."""
    settings: dict[str, Any] = {
        "event_name": "order.paid",
        "external_id": "order-7",
        "status": "success",
        "error_message": None,
        "trigger": "event",
        "attempted_at": NOW,
        "next_attempt_at": None,
        "request_headers": {"Content-Type": "application/json", "webhook-signature": "[redacted]"},
        "response_status": 200,
        "response_headers": (("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
        "response_body": b"thanks \xff",
        "response_truncated": False,
        "timings_ms": {"dns": 1.5, "total": 20.25},
        "remote_address": "203.0.113.7",
    }
    return Attempt(task=of or task(), **settings | changes)


def recovery(number: int = 1, **changes: Any) -> Recovery:
    """Return a recovery of everything since an hour ago, before its first step."""
    settings: dict[str, Any] = {
        "id": recovery_id(NOW, Random(number)),
        "account_id": ACCOUNT,
        "webhook_id": webhook().id,
        "only": None,
        "since": NOW - timedelta(hours=1),
        "until": NOW,
        "status": "running",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Recovery(**settings | changes)
