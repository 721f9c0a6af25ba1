"""Actions of callers and receivers. Each action is a request or a change of a receiver, and updates the model."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from latchhook.clock import rfc3339
from tests.simulation.model import EventModel, Model, Secret, WebhookModel
from tests.simulation.world import Answered, World

ACCOUNTS = ("acme", "globex")
NAMES = ("order.created", "order.paid", "order.refund.asked", "stock.low")
PATTERNS = (["*"], ["*"], ["order.*"], ["order.created", "stock.low"], ["order.refund.*", "order.paid"])
FILTERS = (None, None, {"entity": {"size": ["s", "m"]}}, {"entity": {"size": ["l"], "rush": [True]}})
RATE_LIMITS = (None, None, None, {"limit": 5, "windowSeconds": 60}, {"limit": 60, "windowSeconds": 60},
               {"limit": 2, "windowSeconds": 1})  # fmt: skip
MOST_TRIES = 40
RETRY_SECONDS = 3.0


class Actions:
    """All actions on a deployment. Each method runs in a task."""

    def __init__(self, world: World, model: Model) -> None:
        self.world, self.model = world, model
        self.rng: Random = world.rng

    # ---- Publishing ----

    def publish(self, account: str, count: int, *, is_batch: bool) -> None:
        """Publish events. A caller without a response repeats the request, and some callers give up."""
        events = [self._new_event(account) for _ in range(count)]
        if is_batch:
            self._publish(events, "publish_events", {"events": [_body(event) for event in events]})
        else:
            for event in events:
                self._publish([event], "publish_event", _body(event))

    def publish_again(self, event: EventModel) -> None:
        """Publish an event again, as a caller does after losing track."""
        self._publish([event], "publish_event", _body(event))

    def _publish(self, events: Sequence[EventModel], function: str, body: Any) -> None:
        for _ in range(self.rng.choice((1, 2, MOST_TRIES))):
            answered = self.world.send_request(function, body=body)
            for event in events:
                event.messages += answered.sent
            if answered.status == 202:
                for event in events:
                    event.is_accepted = True
                return
            if not answered.is_unknown:
                raise AssertionError(f"publishing: {answered}")
            self.world.time.sleep(self.rng.random() * RETRY_SECONDS)

    def _new_event(self, account: str) -> EventModel:
        entity = {"size": self.rng.choice("sml"), "rush": self.rng.random() < 0.5}
        name = self.rng.choice(NAMES)
        event = EventModel(f"e{len(self.model.events)}", account, name, entity, self.world.time.seconds)
        self.model.events[event.id] = event
        return event

    # ---- Webhooks ----

    def create(self, account: str) -> None:
        """Create a webhook. A caller without a response repeats the request with the same idempotency key and must
        succeed.
        """
        base = f"https://r{len(self.world.receivers)}.example.com"
        self.world.receivers[base] = responses
        secret = f"whsec_{self.rng.getrandbits(128):032x}"
        config = {
            "url": f"{base}/v1",
            "events": self.rng.choice(PATTERNS),
            "filter": self.rng.choice(FILTERS),
            "rateLimit": self.rng.choice(RATE_LIMITS),
        }
        key = f"{self.rng.getrandbits(64):x}"
        answered = self._until_known("create_webhook", account, body={**config, "secret": secret}, idempotency_key=key)
        assert answered.status == 201, answered
        webhook = WebhookModel(answered.body["id"], account, base)
        webhook.change(answered, config)
        webhook.secrets.append(Secret(secret, answered.asked_at))
        self.model.webhooks.append(webhook)

    def change(self, webhook: WebhookModel, **changes: Any) -> None:
        """Change a webhook, and repeat the request until there is a definite response."""
        answered = self._until_known("update_webhook", webhook.account, webhook, body=changes)
        if answered.status == 404 and webhook.is_deleted:
            return
        assert answered.status == 200, answered
        webhook.change(answered, _merged(webhook.current or {}, changes))

    def pause(self, webhook: WebhookModel) -> None:
        self.change(webhook, status="paused")

    def resume(self, webhook: WebhookModel) -> None:
        self.change(webhook, status="active")

    def move(self, webhook: WebhookModel) -> None:
        """Change the path of the endpoint URL."""
        self.change(webhook, url=f"{webhook.base}/v{self.rng.randrange(100)}")

    def choose(self, webhook: WebhookModel) -> None:
        """Change the events and the filter."""
        self.change(webhook, events=self.rng.choice(PATTERNS), filter=self.rng.choice(FILTERS))

    def limit(self, webhook: WebhookModel) -> None:
        """Change the rate limit."""
        self.change(webhook, rateLimit=self.rng.choice(RATE_LIMITS))

    def rotate(self, webhook: WebhookModel) -> None:
        """Rotate the secret."""
        secret = f"whsec_{self.rng.getrandbits(128):032x}"
        grace = self.rng.choice((0, 60, 86_400))
        answered = self._until_known(
            "rotate_webhook_secret", webhook.account, webhook,
            body={"secret": secret, "gracePeriodSeconds": grace}, idempotency_key=f"{self.rng.getrandbits(64):x}",
        )  # fmt: skip
        if answered.status == 200:
            for before in webhook.secrets:
                before.until = min(before.until, answered.answered_at + grace)
            webhook.secrets.append(Secret(secret, answered.asked_at))
        else:
            assert answered.status in (404, 409, 422), answered

    def delete(self, webhook: WebhookModel) -> None:
        """Delete the webhook."""
        answered = self._until_known("delete_webhook", webhook.account, webhook)
        assert answered.status in (204, 404), answered
        webhook.change(answered, None)

    # ---- Deliveries ----

    def recover(self, webhook: WebhookModel, *, hours: float, only: str | None = None) -> None:
        """Start a recovery, unless one is running."""
        since = self.world.time.clock() - timedelta(hours=hours)
        body = {"since": rfc3339(since), **({"only": only} if only else {})}
        answered = self._once("recover_webhook", webhook, body=body)
        webhook.was_recovered = True
        if answered.status in (200, 201, 202):
            webhook.recoveries.append(answered.body["id"])
        else:
            assert answered.is_unknown or answered.status in (404, 409, 422), answered

    def cancel(self, webhook: WebhookModel) -> None:
        """Cancel the newest recovery."""
        if webhook.recoveries:
            self._once("cancel_webhook_recovery", webhook, recoveryId=webhook.recoveries[-1])

    def retry(self, webhook: WebhookModel) -> None:
        """Retry a delivery manually."""
        posts = [post for post in self.world.posts if post.url.startswith(f"{webhook.base}/")]
        if posts:
            post = self.rng.choice(posts)
            webhook.wishes.add(post.delivery_id)
            self._once("retry_webhook_delivery", webhook, deliveryId=post.delivery_id)

    def _once(self, function: str, webhook: WebhookModel, *, body: Any = None, **path: str) -> Answered:
        return self.world.send_request(function, account=webhook.account, body=body, path={"id": webhook.id, **path})

    def _until_known(
        self, function: str, account: str, webhook: WebhookModel | None = None, **request: Any
    ) -> Answered:
        """Repeat a request until there is a definite response.

        The first request may have taken effect, so `asked_at` is its time.
        """
        path = None if webhook is None else {"id": webhook.id}
        first = self.world.time.seconds
        for _ in range(MOST_TRIES):
            answered = self.world.send_request(function, account=account, path=path, **request)
            if not answered.is_unknown and answered.status != 409:
                answered.asked_at = first
                return answered
            self.world.time.sleep(self.rng.random() * RETRY_SECONDS)
        raise AssertionError(f"no answer: {answered}")

    # ---- Receivers ----

    def behave(self, webhook: WebhookModel, behaviour: str) -> None:
        """Change the behaviour of a receiver."""
        self.world.receivers[webhook.base] = BEHAVIOURS[behaviour]


def _merged(document: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Apply a JSON merge patch (RFC 7396). Removed members become None."""
    merged = dict(document)
    for name, value in patch.items():
        before = merged.get(name)
        merged[name] = _merged(before or {}, value) if isinstance(value, dict) else value
    return merged


def _body(event: EventModel) -> dict[str, Any]:
    return {"id": event.id, "accountId": event.account, "event": event.name, "entity": event.entity}


def responses(rng: Random) -> tuple[float, int | None, Mapping[str, str]]:
    """Respond as a working receiver."""
    return 0.02 + 0.2 * rng.random() ** 4, rng.choice((200, 200, 204, 202)), {}


def _fails(rng: Random) -> tuple[float, int | None, Mapping[str, str]]:
    return 0.05 * rng.random(), rng.choice((500, 502, 302, 404, None)), {}


def _hangs(rng: Random) -> tuple[float, int | None, Mapping[str, str]]:
    return (60.0, None, {}) if rng.random() < 0.8 else responses(rng)


def _is_slow(rng: Random) -> tuple[float, int | None, Mapping[str, str]]:
    return rng.uniform(1, 9), 200, {}


def _is_busy(rng: Random) -> tuple[float, int | None, Mapping[str, str]]:
    return 0.01, rng.choice((429, 503)), {"Retry-After": str(rng.choice((1, 30, 1000)))}


def _flaps(rng: Random) -> tuple[float, int | None, Mapping[str, str]]:
    return responses(rng) if rng.random() < 0.6 else _fails(rng)


def _is_gone(rng: Random) -> tuple[float, int | None, Mapping[str, str]]:
    return 0.01, 410 if rng.random() < 0.2 else 200, {}


BEHAVIOURS = {
    "answers": responses,
    "fails": _fails,
    "hangs": _hangs,
    "is slow": _is_slow,
    "is busy": _is_busy,
    "flaps": _flaps,
    "is gone": _is_gone,
}
