"""Makes one attempt of a delivery: prepare, send, record, then plan the next attempt.

This order ensures that no delivery is lost. The attempt is recorded together with the time of the next attempt, before
the next attempt is planned. If a run stops in between, the next run finds the record and continues. Attempts that end
at the same time are written in one call (workers/delivery_batch.py), but each is a record of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Literal, Protocol

from latchhook.clock import Clock
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.webhooks.custom_headers import REDACTED, CustomHeader, is_secret
from latchhook.webhooks.delivery import Attempt, AttemptStatus, DeliveryTask, accepted_at
from latchhook.webhooks.endpoint_url import parse_endpoint_url
from latchhook.webhooks.event import Event
from latchhook.webhooks.health import Health
from latchhook.webhooks.outcome import MAX_BODY_BYTES, HttpOutcome
from latchhook.webhooks.ports import Retries, Revealer
from latchhook.webhooks.response_redaction import without_secrets
from latchhook.webhooks.retry_schedule import next_attempt_at
from latchhook.webhooks.secrets import StoredSecret, live
from latchhook.webhooks.signatures import signature_headers
from latchhook.webhooks.webhook import Webhook

USER_AGENT = "Latchhook/1.0"
GONE = 410
"""RFC 9110, 15.5.11: the receiver is permanently unavailable."""

TRUNCATED = f"The body is longer than {MAX_BODY_BYTES // 1024} KiB; the rest was not read."

NoAttempt = Literal["recorded", "deleted", "expired", "late"]
"""The reason why an attempt is not made.

- `recorded`: the attempt was made before.
- `deleted`: the webhook does not exist or has no URL.
- `expired`: the event is no longer stored.
- `late`: the task missed its reservation and needs another one.
"""


class MissingEventError(Exception):
    """The event of a task does not exist. This is a fault in Latchhook, so the task must not be lost."""


class _TooLateError(Exception):
    """The call would start after the latest allowed time."""


@dataclass(frozen=True, slots=True)
class MadeAttempt:
    """The fields of a recorded attempt that later steps need."""

    response_status: int | None
    next_attempt_at: datetime | None
    attempted_at: datetime
    status: AttemptStatus = "failed"
    uncounted: int = 0
    """The `uncounted` of its task."""


def made_attempt(attempt: Attempt) -> MadeAttempt:
    """Return the fields of a recorded attempt that later steps need."""
    return MadeAttempt(
        attempt.response_status, attempt.next_attempt_at, attempt.attempted_at, attempt.status, attempt.task.uncounted
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """All data that an attempt needs, read together. A missing object is None."""

    webhook: Webhook | None
    event: Event | None
    made: MadeAttempt | None

    @property
    def called_webhook(self) -> Webhook | None:
        """The webhook that the attempt calls, or None if the attempt needs no call."""
        if self.webhook is None or self.webhook.url is None or self.event is None or self.made is not None:
            return None
        return self.webhook


@dataclass(slots=True)
class Call:
    """The running call to a receiver. Other threads read it."""

    began_at: datetime | None = None
    """Start of the call, or None while no call runs."""
    not_after: datetime | None = None
    """The latest time at which the call may start."""

    def seconds(self, now: datetime) -> float:
        """Return the seconds since the start of the call, or 0 while no call runs."""
        began_at = self.began_at
        return 0.0 if began_at is None else (now - began_at).total_seconds()


class AttemptRecords(Protocol):
    """The storage of attempts."""

    def record(self, attempts: Sequence[Attempt]) -> Sequence[MadeAttempt | DependencyUnavailableError]:
        """Store different attempts and return the stored versions. An attempt of an earlier run is not overwritten.

        For an attempt that could not be stored, the result contains the error. If none could be stored, the error is
        raised.
        """


class Sender(Protocol):
    """Sends HTTP requests to receivers only."""

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpOutcome:
        """Send one POST within the deadline. A receiver's behaviour never raises an error."""


@dataclass(frozen=True, slots=True)
class AttemptMaker:
    """Makes attempts, in any number of threads: `send`, record, `conclude`."""

    records: AttemptRecords
    vault: Revealer
    sender: Sender
    retries: Retries
    health: Health
    clock: Clock
    rng: Random
    header_prefix: str
    schedule_seconds: Sequence[int]
    event_retention: timedelta | None = None
    """The retention of events. With None, a missing event is always a fault in Latchhook."""

    def send(self, task: DeliveryTask, prepared: Prepared, call: Call | None = None) -> Attempt | NoAttempt:
        """Make the task's attempt, or return the reason why it is not made.

        The caller must record and conclude the attempt. `call` covers only the call to the receiver.

        - If the call would start too late, the task is queued again for another reservation.
        - If the attempt is already recorded, only its next attempt is planned again.

        Raises `MissingEventError`, and `DependencyUnavailableError` from any storage.
        """
        webhook = prepared.webhook
        if prepared.made is not None:
            self._follow_up(task, webhook, prepared.made)
            self._note_again(webhook, prepared.made)
            return "recorded"
        if webhook is None or webhook.url is None:
            return "deleted"
        event = prepared.event
        if event is None:
            if self._is_over(task):
                return "expired"
            raise MissingEventError(f"event {task.event_id} of delivery {task.delivery_id}")
        return self._send_in_time(task, webhook, webhook.url, event, call or Call())

    def record(self, attempt: Attempt) -> MadeAttempt:
        """Record one attempt. Raises `DependencyUnavailableError`."""
        (kept,) = self.records.record([attempt])
        if isinstance(kept, DependencyUnavailableError):
            raise kept
        return kept

    @staticmethod
    def is_done(attempt: Attempt, webhook: Webhook, made: MadeAttempt) -> bool:
        """Return whether `conclude` has nothing to do for a recorded attempt."""
        return attempt.status == made.status == "success" and webhook.failing_since is None

    def conclude(self, attempt: Attempt, webhook: Webhook, made: MadeAttempt) -> None:
        """Plan the next attempt and update the webhook's health. `made` is the recorded attempt.

        Raises `DependencyUnavailableError`.
        """
        self._follow_up(attempt.task, webhook, made)
        if attempt.status == "success":
            self.health.succeeded(webhook)
        elif attempt.response_status != GONE:
            self.health.failed(webhook, now=attempt.attempted_at)

    def test(self, task: DeliveryTask, webhook: Webhook, url: str, event: Event) -> Attempt:
        """Make and record one attempt, with any status of the webhook. Plan no retry and do not change its health."""
        attempt = replace(self._send(task, webhook, url, event, Call()), next_attempt_at=None)
        self.record(attempt)
        return attempt

    def _is_over(self, task: DeliveryTask) -> bool:
        """Return whether the event's retention is over, because of a late request or a long retry schedule."""
        kept = self.event_retention
        return kept is not None and accepted_at(task.delivery_id) + kept <= self.clock()

    def _send_in_time(
        self, task: DeliveryTask, webhook: Webhook, url: str, event: Event, call: Call
    ) -> Attempt | NoAttempt:
        try:
            return self._send(task, webhook, url, event, call)
        except _TooLateError:
            now = self.clock()
            self.retries.plan(task.missing_reservation(), due=now, now=now)
            return "late"

    def _send(self, task: DeliveryTask, webhook: Webhook, url: str, event: Event, call: Call) -> Attempt:
        started = self.clock()
        body = event.body.encode()
        secrets = self._revealed(webhook, webhook.secrets, started)
        ours = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            **signature_headers(
                header_prefix=self.header_prefix,
                event_name=event.name,
                webhook_uuid=str(webhook.id),
                delivery_id=str(task.delivery_id),
                body=body,
                secrets=secrets,
                private_keys=self._revealed(webhook, webhook.key_pairs, started),
                now=started,
            ),
        }
        headers = {**self._custom_headers(webhook, ours), **ours}
        began_at = self.clock()
        if call.not_after is not None and began_at > call.not_after:
            raise _TooLateError
        call.began_at = began_at
        try:
            outcome = self.sender.post(url, headers=headers, body=body)
        finally:
            call.began_at = None
        response = without_secrets(outcome, [*secrets, *(value for name, value in headers.items() if is_secret(name))])
        delivered = outcome.status is not None and 200 <= outcome.status < 300
        taken = {name: getattr(outcome.timings, name) for name in _TIMINGS}
        return Attempt(
            task=task,
            event_name=event.name,
            external_id=event.external_id,
            status="success" if delivered else "failed",
            error_message=None if delivered else _failure(outcome, url),
            note=_note(outcome),
            trigger=task.trigger,
            attempted_at=started,
            next_attempt_at=None if delivered else self._next_at(task, webhook, outcome),
            request_headers={name: _shown(name, value) for name, value in {**outcome.added_headers, **headers}.items()},
            response_status=outcome.status,
            response_headers=response.headers,
            response_body=response.body,
            response_truncated=outcome.body_truncated,
            timings_ms={name: round(millis, 3) for name, millis in taken.items() if millis is not None},
            remote_address=outcome.remote_address,
        )

    def _revealed(self, webhook: Webhook, secrets: Sequence[StoredSecret], now: datetime) -> list[str]:
        return [self.vault.reveal(webhook.account_id, webhook.id, secret) for secret in live(secrets, now)]

    def _custom_headers(self, webhook: Webhook, ours: Mapping[str, str]) -> Mapping[str, str]:
        """Return the account's headers without those that Latchhook sets.

        A saved header can become one of Latchhook's headers when the operator changes the header prefix.
        """
        taken = {name.lower() for name in ours}
        return {
            header.name: self._value(webhook, header) for header in webhook.headers if header.name.lower() not in taken
        }

    def _value(self, webhook: Webhook, header: CustomHeader) -> str:
        if header.sealed is None:
            return header.value or ""
        return self.vault.reveal(webhook.account_id, webhook.id, header.sealed)

    def _next_at(self, task: DeliveryTask, webhook: Webhook, outcome: HttpOutcome) -> datetime | None:
        if outcome.status == GONE:
            return None
        asked = (value for name, value in outcome.headers if name.lower() == "retry-after")
        return next_attempt_at(
            attempt=task.counted,
            schedule_seconds=self.schedule_seconds
            if webhook.retry_schedule_seconds is None
            else webhook.retry_schedule_seconds,
            status=outcome.status,
            retry_after=next(asked, None),
            now=self.clock(),
            rng=self.rng,
        )

    def _note_again(self, webhook: Webhook | None, made: MadeAttempt) -> None:
        """Repeat the health update, because the run that recorded the attempt may have stopped before it.

        It is unknown whether that run counted the failure, so the failure is not counted again. A missing failure only
        delays a decision.
        """
        if webhook is None or made.response_status == GONE:
            return
        if made.status == "failed":
            self.health.decide(webhook, now=made.attempted_at)
        elif webhook.failing_since is not None and webhook.failing_since <= made.attempted_at:
            self.health.succeeded(webhook)

    def _follow_up(self, task: DeliveryTask, webhook: Webhook | None, made: MadeAttempt) -> None:
        if made.response_status == GONE:
            if webhook is not None and webhook.status == "active":
                self.health.gone(webhook, now=self.clock(), as_of=made.attempted_at)
        elif made.next_attempt_at is not None:
            following = task.following("retry", uncounted=made.uncounted)
            self.retries.plan(following, due=made.next_attempt_at, now=self.clock())


_REDIRECTS = (301, 302, 303, 307, 308)
_TIMINGS = ("dns", "connect", "tls", "first_byte", "total")


def _failure(outcome: HttpOutcome, url: str) -> str | None:
    """Return why the attempt failed: its status, or the error if no response arrived."""
    return outcome.error if outcome.status is None else _words(outcome.status, url)


def _note(outcome: HttpOutcome) -> str | None:
    """Return why the response body was not read completely, or None. The attempt's status does not depend on it."""
    if outcome.status is None:
        return None
    return outcome.error or (TRUNCATED if outcome.body_truncated else None)


def _words(status: int, url: str) -> str:
    """Return an error text about a status, for the webhook's owner. It omits the URL's query, which may be secret."""
    words = f"HTTP {status} from {parse_endpoint_url(url, allow_insecure=True).shown}"
    return f"{words}: redirects are not followed" if status in _REDIRECTS else words


def _shown(name: str, value: str) -> str:
    """Return a request header's value for the log. Secrets are redacted, so that readers cannot forge requests."""
    return REDACTED if is_secret(name) else value
