"""Making one attempt of a delivery: prepare, send, record, then plan what follows.

The order is what keeps deliveries: an attempt is recorded together with the moment of the next one before that
is planned, so a run that stops anywhere in between is finished by the next one that finds the record. Attempts that
end together are recorded together (edge/delivery_batch.py), each for itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Literal, Protocol
from uuid import UUID

from latchhook.clock import Clock
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.webhooks.custom_headers import REDACTED, CustomHeader, is_secret
from latchhook.webhooks.delivery import Attempt, AttemptStatus, DeliveryTask, accepted_at, missing_slot
from latchhook.webhooks.endpoint_url import parse_endpoint_url
from latchhook.webhooks.event import Event
from latchhook.webhooks.health import Health
from latchhook.webhooks.outcome import MAX_BODY_BYTES, HttpOutcome
from latchhook.webhooks.response_redaction import without_secrets
from latchhook.webhooks.retry_schedule import next_attempt_at
from latchhook.webhooks.secrets import StoredSecret, live
from latchhook.webhooks.signatures import signature_headers
from latchhook.webhooks.webhook import Webhook

USER_AGENT = "Latchhook/1.0"
GONE = 410
"""RFC 9110, 15.5.11: the receiver says that there will be no receiver again."""

TRUNCATED = f"The body is longer than {MAX_BODY_BYTES // 1024} KiB; the rest was not read."

NoAttempt = Literal["recorded", "held", "resumed", "disabled", "deleted", "expired", "late"]
"""Why a task's attempt is not made: it was made before; its webhook is paused, or was when it was read; the webhook is
disabled, or is not there, or has no URL; the event is not kept any more; its slot is over, so it needs another one."""


class MissingEventError(Exception):
    """A task names an event that is not there: our own fault, and the task must not be lost over it."""


class _TooLateError(Exception):
    """The call would begin after its latest moment."""


@dataclass(frozen=True, slots=True)
class MadeAttempt:
    """What must be known of an attempt that is recorded already."""

    response_status: int | None
    next_attempt_at: datetime | None
    attempted_at: datetime
    status: AttemptStatus = "failed"
    uncounted: int = 0
    """As its task has it."""


def made_attempt(attempt: Attempt) -> MadeAttempt:
    """What must be known of an attempt once it is recorded."""
    return MadeAttempt(
        attempt.response_status, attempt.next_attempt_at, attempt.attempted_at, attempt.status, attempt.task.uncounted
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that an attempt needs, as it was read at once; what is None does not exist."""

    webhook: Webhook | None
    event: Event | None
    made: MadeAttempt | None


@dataclass(slots=True)
class Call:
    """The call of an attempt's receiver, for others to look at while it runs."""

    began_at: datetime | None = None
    """None before and after."""
    not_after: datetime | None = None
    """The latest moment at which the call may begin."""

    def seconds(self, now: datetime) -> float:
        """How long it has run."""
        began_at = self.began_at
        return 0.0 if began_at is None else (now - began_at).total_seconds()


class AttemptRecords(Protocol):
    """Where attempts are kept."""

    def record(self, attempts: Sequence[Attempt]) -> Sequence[MadeAttempt | DependencyUnavailableError]:
        """Keeps attempts, no two of them the same, and gives what is kept: another run's, where that one was first.

        In the place of one that was not kept stands why; raises that if it is so of all.
        """

    def hold(self, task: DeliveryTask, event: Event, *, hold_id: UUID) -> bool:
        """Keeps a task until its webhook is resumed; False if the webhook is not paused any more."""

    def miss(self, tasks: Sequence[DeliveryTask]) -> None:
        """Keeps deliveries that are not attempted now, for a recovery."""


class Vault(Protocol):
    """Decrypts webhook secrets."""

    def reveal(self, account_id: str, webhook_id: UUID, secret: StoredSecret) -> str:
        """The secret's text."""


class Sender(Protocol):
    """Sends HTTP to receivers, and nowhere else."""

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpOutcome:
        """One POST within the deadline; never raises for what a receiver does."""


class Retries(Protocol):
    """Where later attempts wait."""

    def plan(self, task: DeliveryTask, *, due: datetime, now: datetime) -> None:
        """Has `task` come back at `due`; planned twice, it comes once or does nothing the second time."""


@dataclass(frozen=True, slots=True)
class AttemptMaker:
    """Makes attempts, from any number of threads at once: `send`, record, `conclude`."""

    records: AttemptRecords
    vault: Vault
    sender: Sender
    retries: Retries
    health: Health
    clock: Clock
    rng: Random
    header_prefix: str
    schedule_seconds: Sequence[int]
    event_retention: timedelta | None = None
    """How long events are kept; None where one that is missing is always our own fault."""

    def send(self, task: DeliveryTask, prepared: Prepared, call: Call | None = None) -> Attempt | NoAttempt:
        """Makes the attempt that `task` names, which then is to be recorded and concluded, or tells why there is none.

        `call` is told of the call to the receiver, and of nothing that is ours.

        Where the call would begin after its latest moment, the task comes again, for another slot. Of one that was
        recorded only what follows is planned, again. A task whose webhook is paused is held until it is
        resumed; if that has happened meanwhile it comes again. Of a disabled webhook's a first attempt is kept as
        missed. Raises `MissingEventError`, and `DependencyUnavailableError` from any store.
        """
        webhook = prepared.webhook
        if prepared.made is not None:
            self._follow_up(task, webhook, prepared.made)
            self._note_again(webhook, prepared.made)
            return "recorded"
        if webhook is None or webhook.url is None:
            return "deleted"
        if webhook.status == "disabled":
            if task.attempt == 1:
                self.records.miss([task])
            return "disabled"
        event = prepared.event
        if event is None:
            if self._is_over(task):
                return "expired"
            raise MissingEventError(f"event {task.event_id} of delivery {task.delivery_id}")
        if webhook.status == "paused":
            return self._hold(task, event)
        return self._send_in_time(task, webhook, webhook.url, event, call or Call())

    def record(self, attempt: Attempt) -> MadeAttempt:
        """Records one attempt alone. Raises `DependencyUnavailableError`."""
        (kept,) = self.records.record([attempt])
        if isinstance(kept, DependencyUnavailableError):
            raise kept
        return kept

    @staticmethod
    def is_done(attempt: Attempt, webhook: Webhook, made: MadeAttempt) -> bool:
        """Whether nothing follows from a recorded attempt: `conclude` would find nothing to do."""
        return attempt.status == made.status == "success" and webhook.failing_since is None

    def conclude(self, attempt: Attempt, webhook: Webhook, made: MadeAttempt) -> None:
        """Plans what follows from an attempt of which `made` is recorded. Raises `DependencyUnavailableError`."""
        self._follow_up(attempt.task, webhook, made)
        if attempt.status == "success":
            self.health.succeeded(webhook)
        elif attempt.response_status != GONE:
            self.health.failed(webhook, now=attempt.attempted_at)

    def test(self, task: DeliveryTask, webhook: Webhook, url: str, event: Event) -> Attempt:
        """Makes one attempt and records it, whatever the webhook's status, and nothing follows from it."""
        attempt = replace(self._send(task, webhook, url, event, Call()), next_attempt_at=None)
        self.record(attempt)
        return attempt

    def _hold(self, task: DeliveryTask, event: Event) -> NoAttempt:
        if self.records.hold(task, event, hold_id=UUID(int=self.rng.getrandbits(128), version=4)):
            return "held"
        self._plan_now(task)
        return "resumed"

    def _plan_now(self, task: DeliveryTask) -> None:
        now = self.clock()
        self.retries.plan(task, due=now, now=now)

    def _is_over(self, task: DeliveryTask) -> bool:
        """Whether the task's event was kept as long as events are: it was asked for late, or its attempts took long."""
        kept = self.event_retention
        return kept is not None and accepted_at(task.delivery_id) + kept <= self.clock()

    def _send_in_time(
        self, task: DeliveryTask, webhook: Webhook, url: str, event: Event, call: Call
    ) -> Attempt | NoAttempt:
        try:
            return self._send(task, webhook, url, event, call)
        except _TooLateError:
            self._plan_now(missing_slot(task))
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
        """The account's own; one that has become ours since it was saved, the prefix being a setting, is left out."""
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
        """What the run that recorded the attempt may not have come to.

        Whether it counted a failure nobody knows: it is not counted again, and one less decides nothing for long.
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
    """Why it is no delivery: the status, or why there is none."""
    return outcome.error if outcome.status is None else _words(outcome.status, url)


def _note(outcome: HttpOutcome) -> str | None:
    """What became of the answer's body where not all of it was read; its status counts all the same."""
    if outcome.status is None:
        return None
    return outcome.error or (TRUNCATED if outcome.body_truncated else None)


def _words(status: int, url: str) -> str:
    """What is wrong with a status, for the webhook's owner; the URL's query may hold a token and is left out."""
    words = f"HTTP {status} from {parse_endpoint_url(url, allow_insecure=True).shown}"
    return f"{words}: redirects are not followed" if status in _REDIRECTS else words


def _shown(name: str, value: str) -> str:
    """A request header as it is kept: what is secret is left out, it would let a reader of the log pass for us."""
    return REDACTED if is_secret(name) else value
