"""The guarantees of a history. Each check raises `Violation` with the events, deliveries and times concerned."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.samples import NOW
from tests.simulation.model import EventModel, Model, WebhookModel
from tests.simulation.wiring import SETTINGS
from tests.simulation.world import Post, World

SCHEDULE = [int(each) for each in SETTINGS["RETRY_SCHEDULE_SECONDS"].split(",")]
EARLY_SECONDS = 1.5
"""The longest time by which a retry may be early. The planned time includes the jitter of the schedule."""
OVERLAP_SECONDS = 20.0
"""The longest time for which two runs of an attempt can be unaware of each other: a request and its record, with
retries.
"""
LATE_SECONDS = 10.0
"""A task that is at most this late uses its reservation (docs/contribute/follow-a-webhook.md)."""


class Violation(AssertionError):  # noqa: N818  # the field's word for a broken guarantee
    """A broken guarantee."""


@dataclass(frozen=True)
class Attempt:
    """A recorded attempt as the API shows it."""

    delivery_id: str
    event_id: str
    number: int
    trigger: str
    status: str
    response_status: int | None
    next_at: float | None
    made_at: float
    post: int | None
    """The number of the request whose response is recorded, or None if there was no response."""

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> "Attempt":
        response = shown["response"] or {}
        words = response.get("body", "").split()
        return cls(
            delivery_id=shown["deliveryId"],
            event_id=shown["eventId"],
            number=shown["attempt"],
            trigger=shown["trigger"],
            status=shown["status"],
            response_status=response.get("status"),
            next_at=None if shown["nextAttemptAt"] is None else _seconds(shown["nextAttemptAt"]),
            made_at=_seconds(shown["createdAt"]),
            post=int(words[1]) if len(words) == 2 and words[0] == "post" else None,
        )


def _seconds(text: str) -> float:
    return (datetime.fromisoformat(text) - NOW).total_seconds()


Records = Mapping[str, Mapping[str, Sequence[Attempt]]]
"""By webhook and event: the attempts of its only delivery, ordered by number."""


class Checks:
    """The checks of a history."""

    def __init__(self, world: World, model: Model) -> None:
        self.world, self.model = world, model

    @property
    def webhooks(self) -> Mapping[str, WebhookModel]:
        return {webhook.base: webhook for webhook in self.model.webhooks}

    def webhook_of(self, post: Post) -> WebhookModel:
        return self.webhooks["/".join(post.url.split("/", 3)[:3])]

    # ---- Requests ----

    def requests(self) -> None:
        """Check that every request was allowed when sent, is signed, and contains its event."""
        ids: dict[tuple[str, str], str] = {}
        pairs: dict[str, tuple[str, str]] = {}
        for post in self.world.posts:
            webhook = self.webhook_of(post)
            self._was_allowed(post, webhook)
            self._is_signed(post, webhook)
            sent = json.loads(post.body)
            pair = (webhook.id, sent["id"])
            if ids.setdefault(pair, post.delivery_id) != post.delivery_id:
                raise Violation(f"two webhook-ids for {pair}: {ids[pair]} and {post.delivery_id}")
            if pairs.setdefault(post.delivery_id, pair) != pair:
                raise Violation(f"one webhook-id, {post.delivery_id}, for {pair} and {pairs[post.delivery_id]}")
            if (event := self.model.events.get(sent["id"])) is not None:
                self._carries(post, event, webhook, sent)

    def _was_allowed(self, post: Post, webhook: WebhookModel) -> None:
        possible = list(webhook.possible(post.process.started_at, post.started_at))
        if not any(each.is_active and each.config and each.config["url"] == post.url for each in possible):
            raise Violation(
                f"request {post.number} to {post.url} at {post.started_at:.3f} by {post.process.name}, which began at "
                f"{post.process.started_at:.3f}, when the webhook was {[each.config for each in possible]}"
            )

    @staticmethod
    def _is_signed(post: Post, webhook: WebhookModel) -> None:
        secrets = [
            each.text
            for each in webhook.secrets
            if each.asked_at <= post.started_at and each.until >= post.timestamp - NOW.timestamp() - 1
        ]
        if not any(post.is_signed_by(secret) for secret in secrets):
            raise Violation(
                f"request {post.number} at {post.started_at:.3f} is signed by no live secret of {webhook.id}"
            )

    @staticmethod
    def _carries(post: Post, event: EventModel, webhook: WebhookModel, sent: Mapping[str, Any]) -> None:
        event.bodies.add(post.body)
        if len(event.bodies) > 1:
            raise Violation(f"two bodies for event {event.id}: {event.bodies}")
        if (sent["event"], sent["accountId"], sent["entity"]) != (event.name, event.account, dict(event.entity)):
            raise Violation(f"request {post.number} carries {sent}, not {event}")
        if event.account != webhook.account:
            raise Violation(f"event {event.id} of {event.account} went to a webhook of {webhook.account}")
        last = max((message.worked_until for message in event.messages), default=post.started_at)
        if not any(event.wanted_by(each.config) for each in webhook.possible(event.asked_at, last)):
            raise Violation(f"event {event.id} went to webhook {webhook.id}, which never wanted it")

    def rates(self) -> None:
        """Check that no window exceeds the rate limit, except by late tasks and repetitions after a fault."""
        by_webhook: dict[str, list[Post]] = defaultdict(list)
        for post in self.world.posts:
            by_webhook[self.webhook_of(post).base].append(post)
        for base, posts in by_webhook.items():
            posts.sort(key=lambda each: each.started_at)
            webhook = self.webhooks[base]
            for at, version in enumerate(webhook.versions):
                limit = (version.config or {}).get("rateLimit")
                end = webhook.versions[at + 1].asked_at if at + 1 < len(webhook.versions) else float("inf")
                if limit is not None:
                    # An invocation that started before the change may have read the previous limit.
                    some = [each for each in posts if version.answered_at + 30 <= each.started_at < end]
                    self._rate(webhook, limit, some)

    def _rate(self, webhook: WebhookModel, limit: Mapping[str, int], posts: Sequence[Post]) -> None:
        window, start = limit["windowSeconds"], 0
        allowed = limit["limit"] * (1 + LATE_SECONDS / window) + 1
        for end, post in enumerate(posts):
            while posts[start].started_at <= post.started_at - window:
                start += 1
            seen = posts[start : end + 1]
            if len(seen) > allowed:
                repeated = sum(each.process.had_fault or _is_twin(each, seen) for each in seen)
                if len(seen) - repeated > allowed:
                    raise Violation(
                        f"{len(seen)} requests in {window} s up to {post.started_at:.3f}, {repeated} of them repeated, "
                        f"to webhook {webhook.id}, limited to {limit}: {[each.number for each in seen]}"
                    )

    # ---- Records ----

    def records_of(self, webhook: WebhookModel) -> Mapping[str, Sequence[Attempt]]:
        """Return all recorded attempts of a webhook by event, as the API lists them. Call this in a task."""
        attempts: dict[str, list[Attempt]] = defaultdict(list)
        cursor: str | None = None
        while True:
            query = {"limit": "100", **({"cursor": cursor} if cursor else {})}
            answered = self.world.send_request(
                "list_webhook_deliveries", account=webhook.account, path={"id": webhook.id}, query=query
            )
            if answered.status != 200:
                raise Violation(f"listing the deliveries of {webhook.id}: {answered}")
            for shown in answered.body["data"]:
                attempt = Attempt.of(shown)
                attempts[attempt.event_id].append(attempt)
            cursor = answered.body["nextCursor"]
            if cursor is None:
                return {event: sorted(each, key=lambda one: one.number) for event, each in attempts.items()}

    def recorded(self, records: Records) -> None:
        """Check that exactly the sent requests are recorded, and that the attempts of a delivery are in order."""
        posts: dict[tuple[str, str], list[Post]] = defaultdict(list)
        for post in self.world.posts:
            posts[self.webhook_of(post).id, post.delivery_id].append(post)
        for webhook_id, by_event in records.items():
            for attempts in by_event.values():
                self._in_order(webhook_id, attempts)
        for (webhook_id, delivery_id), some in posts.items():
            if webhook_id in records:
                event_id = json.loads(some[0].body)["id"]
                self._are_recorded(webhook_id, delivery_id, some, records[webhook_id].get(event_id, []))
        for webhook_id, by_event in records.items():
            for event_id, attempts in by_event.items():
                if not posts.get((webhook_id, attempts[0].delivery_id)):
                    raise Violation(f"attempts of event {event_id} at webhook {webhook_id} that no receiver got")

    def _in_order(self, webhook_id: str, attempts: Sequence[Attempt]) -> None:
        name = f"event {attempts[0].event_id} at webhook {webhook_id}"
        if [each.number for each in attempts] != list(range(1, len(attempts) + 1)):
            raise Violation(f"{name} has the attempts {[each.number for each in attempts]}")
        for before, after in pairwise(attempts):
            if after.made_at < before.made_at:
                raise Violation(f"{name}: attempt {after.number} was made before attempt {before.number}: {attempts}")
            if after.trigger == "retry" and (before.next_at is None or after.made_at < before.next_at - EARLY_SECONDS):
                raise Violation(f"{name}: attempt {after.number} was not due: {attempts}")

    def _are_recorded(
        self, webhook_id: str, delivery_id: str, posts: Sequence[Post], attempts: Sequence[Attempt]
    ) -> None:
        kept = {each.post for each in attempts if each.post is not None}
        silent = [each.made_at for each in attempts if each.post is None]
        for post in sorted(posts, key=lambda each: each.number):
            if post.number in kept:
                continue
            if (near := next((at for at in silent if -0.01 < post.started_at - at < 4), None)) is not None:
                silent.remove(near)
                continue
            if post.process.had_fault or any(_overlap(post, other) for other in posts if other is not post):
                continue
            raise Violation(
                f"request {post.number} of delivery {delivery_id} to webhook {webhook_id} at {post.started_at:.3f} by "
                f"{post.process.name} is not recorded: {attempts}"
            )
        if silent:
            raise Violation(
                f"delivery {delivery_id} to webhook {webhook_id} has attempts that no receiver got: {silent}"
            )

    def ended(self, records: Records, *, was_disabled: Mapping[str, bool]) -> None:
        """Check that every accepted event for a webhook has an outcome.

        It was delivered, failed after its whole retry schedule, or was missed while the webhook was disabled.
        """
        for webhook, event in self._wanted():
            attempts = records[webhook.id].get(event.id, [])
            if was_disabled[webhook.id] or (attempts and _has_ended(attempts)):
                continue
            raise Violation(f"event {event.id} is lost at webhook {webhook.id}: {attempts or 'no attempt'}")

    def delivered(self, records: Records) -> None:
        """Check that every accepted event for a webhook was delivered, after a recovery with working receivers."""
        for webhook, event in self._wanted():
            attempts = records[webhook.id].get(event.id, [])
            if not attempts or attempts[-1].status != "success":
                raise Violation(
                    f"event {event.id} is not recovered at webhook {webhook.id}: {attempts or 'no attempt'}"
                )

    def _wanted(self) -> list[tuple[WebhookModel, EventModel]]:
        found = []
        for webhook in self.model.webhooks:
            if webhook.is_deleted:
                continue
            for event in self.model.events.values():
                if event.is_accepted and event.account == webhook.account and _surely_wanted(webhook, event):
                    found.append((webhook, event))
        return found

    def nothing_waits(self) -> None:
        """Check that all queues, including the dead-letter queues, are empty."""
        left = {queue.name: queue.left for queue in self.world.sqs.queues.values() if queue.left}
        if left:
            raise Violation(f"messages are left in {left}")
        if any(stream.left for stream in self.world.streams):
            raise Violation("records are left in streams")
        if self.world.lambdas.unhandled:
            raise Violation(f"handlers raised {self.world.lambdas.unhandled[:3]!r}")


def _surely_wanted(webhook: WebhookModel, event: EventModel) -> bool:
    """Return whether every version of the webhook that the fan-out can have read matches the event."""
    read_at = min((message.first_done_at for message in event.messages if message.is_deleted), default=None)
    if read_at is None:
        return False
    last = max(message.worked_until for message in event.messages)
    return webhook.versions[0].answered_at <= event.asked_at and all(
        event.wanted_by(each.config) for each in webhook.possible(event.asked_at, last)
    )


def _has_ended(attempts: Sequence[Attempt]) -> bool:
    newest = attempts[-1]
    if newest.status == "success":
        return True
    if newest.next_at is not None:
        return False
    # A manual retry or a recovery does not count towards the schedule. A 410 response ends it.
    return newest.response_status == 410 or len(attempts) > len(SCHEDULE)


def _is_twin(post: Post, others: Sequence[Post]) -> bool:
    """Return whether the request repeats another one because the queue delivered a message twice."""
    return any(
        other.number < post.number and other.delivery_id == post.delivery_id and _overlap(post, other)
        for other in others
    )


def _overlap(one: Post, other: Post) -> bool:
    """Return whether neither request can have seen the record of the other before it was sent."""
    return (
        one.started_at < other.ended_at + OVERLAP_SECONDS
        and other.started_at < max(one.ended_at, one.started_at) + OVERLAP_SECONDS
    )
