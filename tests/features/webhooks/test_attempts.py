"""One attempt of a delivery: its request, its record and the next attempt. A crash loses none of them."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from latchhook.audit import AuditEntry
from latchhook.webhooks.attempts import (
    AttemptMaker,
    Call,
    MadeAttempt,
    MissingEventError,
    NoAttempt,
    Prepared,
    made_attempt,
)
from latchhook.webhooks.custom_headers import REDACTED, CustomHeader
from latchhook.webhooks.delivery import Attempt, DeliveryTask, Trigger
from latchhook.webhooks.event import Event
from latchhook.webhooks.health import DISABLED_AFTER, MIN_FAILURES, Health
from latchhook.webhooks.key_pairs import StoredKeyPair, generate_private_key, public_key_of
from latchhook.webhooks.outcome import HttpOutcome, Timings
from latchhook.webhooks.secrets import StoredSecret, generate_secret
from latchhook.webhooks.signatures import product_signature, standard_signature
from latchhook.webhooks.webhook import Status, Webhook
from tests.features.webhooks.crashes import Crash, CrashError, Run, every_crash
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, MovableClock, event, task, webhook

SECRET = generate_secret(Random(1))
OLDER_SECRET = generate_secret(Random(2))
SCHEDULE = (5, 300, 7200)
RETENTION = timedelta(days=30)
OK = HttpOutcome(200, (("Content-Type", "text/plain"),), b"thanks", timings=Timings(dns=1.0, total=20.0))
BROKEN = HttpOutcome(500, body=b"oops", remote_address="203.0.113.7")
GONE = HttpOutcome(410)
UNREACHED = HttpOutcome(None, error="Connection refused at https://receiver-1.example/hooks")


@dataclass
class World:
    """The tables, receivers and queues outside of the code. Their state survives a crash of a run."""

    outcome: HttpOutcome = OK
    webhook: Webhook | None = field(default_factory=lambda: webhook(secrets=(StoredSecret(SECRET.encode()),)))
    event: Event | None = field(default_factory=event)
    kept: dict[tuple[UUID, int], Attempt] = field(default_factory=dict)
    recorded: list[Attempt] = field(default_factory=list)
    sent: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    planned: list[tuple[DeliveryTask, datetime]] = field(default_factory=list)
    clock: MovableClock = field(default_factory=MovableClock)

    def prepared(self, task_: DeliveryTask) -> Prepared:
        kept = self.kept.get((task_.delivery_id, task_.attempt))
        return Prepared(self.webhook, self.event, None if kept is None else made_attempt(kept))

    def record(self, attempts: Sequence[Attempt]) -> Sequence[MadeAttempt]:
        self.recorded += attempts
        return [
            made_attempt(self.kept.setdefault((each.task.delivery_id, each.task.attempt), each)) for each in attempts
        ]

    def reveal(self, account_id: str, webhook_id: UUID, secret: StoredSecret) -> str:
        return secret.ciphertext.decode()

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpOutcome:
        self.sent.append((url, headers, body))
        return self.outcome

    def plan(self, task: DeliveryTask, *, due: datetime, now: datetime) -> None:
        self.planned.append((task, due))

    def disable(self, webhook: Webhook, *, reason: str, as_of: datetime, entry: AuditEntry) -> None:
        if self.webhook is not None and self.webhook.status == "active":
            self.webhook = replace(self.webhook, status="disabled", disabled_reason=reason)

    def note_failure(self, webhook: Webhook, *, now: datetime) -> Webhook | None:
        if self.webhook is not None:
            since = self.webhook.failing_since or now
            self.webhook = replace(self.webhook, failing_since=since, failures=self.webhook.failures + 1)
        return self.webhook

    def note_success(self, webhook: Webhook) -> None:
        if self.webhook is not None:
            self.webhook = replace(self.webhook, failing_since=None, failures=0)

    def note_failing(self, webhook: Webhook, entry: AuditEntry) -> None:
        raise AssertionError("called after a first failure")


def _retry(number: int) -> DeliveryTask:
    return replace(task(attempt=number), trigger="retry")


def _make(world: World, task_: DeliveryTask | None = None, *, run: Run | None = None) -> Attempt | NoAttempt:
    outside = world if run is None else run.watches(world)
    return _make_with(_maker(outside, world.clock), outside, task_ or task(), world.prepared(task_ or task()))


def _make_with(maker: AttemptMaker, outside: World, task_: DeliveryTask, prepared: Prepared) -> Attempt | NoAttempt:
    """Run all three steps of an attempt, as the worker does for a batch."""
    attempt = maker.send(task_, prepared)
    if not isinstance(attempt, Attempt):
        return attempt
    assert prepared.webhook is not None
    (made,) = outside.record([attempt])
    if not maker.is_done(attempt, prepared.webhook, made):
        maker.conclude(attempt, prepared.webhook, made)
    return attempt


def _maker(outside: World, clock: MovableClock, *, seed: int = 1) -> AttemptMaker:
    return AttemptMaker(
        records=outside,
        vault=outside,
        sender=outside,
        retries=outside,
        health=Health(outside, Random(seed)),
        clock=clock,
        rng=Random(seed),
        header_prefix="X-Latchhook",
        schedule_seconds=SCHEDULE,
        event_retention=RETENTION,
    )


# ---- The request ----


def test_event_body_is_posted_byte_for_byte_to_the_endpoint_url() -> None:
    world = World()

    _make(world)

    ((url, _, body),) = world.sent
    assert url == "https://receiver-1.example/hooks"
    assert body == event().body.encode()


def test_request_has_all_headers_and_both_signatures_verify() -> None:
    world = World()
    world.clock.now = datetime.now(NOW.tzinfo)

    _make(world)

    ((_, headers, body),) = world.sent
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == "Latchhook/1.0"
    assert headers["X-Latchhook-Event"] == "order.paid"
    assert headers["X-Latchhook-Webhook-Id"] == str(webhook().id)
    assert headers["webhook-id"] == str(task().delivery_id)
    assert headers["X-Latchhook-Signature"] == product_signature(body, SECRET)
    standardwebhooks.Webhook(SECRET).verify(body, dict(headers))


def test_every_live_secret_signs_and_an_ended_secret_does_not() -> None:
    in_grace = StoredSecret(OLDER_SECRET.encode(), NOW + MILLISECOND)
    ended = StoredSecret(b"whsec_" + base64.b64encode(b"x" * 30), NOW)
    world = World(webhook=webhook(secrets=(StoredSecret(SECRET.encode()), in_grace, ended)))

    _make(world)

    ((_, headers, body),) = world.sent
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert headers["X-Latchhook-Signature"] == product_signature(body, SECRET)


def test_every_live_key_pair_signs_after_the_secrets() -> None:
    first, older, ended = (generate_private_key(Random(seed)) for seed in (1, 2, 3))
    pairs = [(first, None), (older, NOW + MILLISECOND), (ended, NOW)]
    world = World(
        webhook=webhook(
            secrets=(StoredSecret(SECRET.encode()),),
            key_pairs=tuple(
                StoredKeyPair(private.encode(), until, public_key=public_key_of(private)) for private, until in pairs
            ),
        )
    )

    made = _make(world)

    ((_, headers, body),) = world.sent
    timestamp = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == standard_signature(
        headers["webhook-id"], timestamp, body, [SECRET], [first, older]
    )
    assert isinstance(made, Attempt)
    assert made.request_headers["webhook-signature"] == REDACTED


SHOP = CustomHeader("X-Shop", "acme")
AUTHORIZATION = CustomHeader("Authorization", None, StoredSecret(b"Bearer s3cret-of-theirs"))


def _with_headers(*headers: CustomHeader) -> World:
    return World(webhook=webhook(secrets=(StoredSecret(SECRET.encode()),), headers=headers))


def test_custom_headers_are_sent_unchanged() -> None:
    world = _with_headers(SHOP, AUTHORIZATION)

    _make(world)

    headers = world.sent[0][1]
    assert (headers["X-Shop"], headers["Authorization"]) == ("acme", "Bearer s3cret-of-theirs")


@pytest.mark.parametrize(
    "name", ["X-Latchhook-Signature", "x-latchhook-signature", "WEBHOOK-ID", "user-agent", "content-Type"]
)
def test_saved_custom_header_that_is_now_reserved_is_not_sent(name: str) -> None:
    world = _with_headers(CustomHeader(name, "theirs"))

    _make(world)

    headers = world.sent[0][1]
    assert "theirs" not in headers.values()
    assert len({name.lower() for name in headers}) == len(headers)


@given(st.integers(min_value=1, max_value=10))
def test_webhook_id_header_is_the_same_for_all_attempts(number: int) -> None:
    world = World(outcome=BROKEN)

    _make(world, task(attempt=number))

    assert world.sent[0][1]["webhook-id"] == str(task().delivery_id)


# ---- The record ----


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_status_2xx_is_a_success(status: int) -> None:
    made = _make(World(outcome=HttpOutcome(status)))

    assert isinstance(made, Attempt)
    assert (made.status, made.error_message, made.next_attempt_at) == ("success", None, None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_a_failure_with_its_own_message(status: int) -> None:
    made = _make(World(outcome=HttpOutcome(status, (("Location", "https://elsewhere.example/"),))))

    assert isinstance(made, Attempt)
    words = f"HTTP {status} from https://receiver-1.example/hooks: redirects are not followed"
    assert (made.status, made.error_message) == ("failed", words)


@pytest.mark.parametrize("status", [100, 199, 300, 304, 400, 404, 410, 429, 500, 503, 599])
def test_any_other_status_is_a_failure_that_names_status_and_url(status: int) -> None:
    made = _make(World(outcome=HttpOutcome(status)))

    assert isinstance(made, Attempt)
    assert (made.status, made.error_message) == ("failed", f"HTTP {status} from https://receiver-1.example/hooks")


def test_query_of_the_endpoint_url_is_not_recorded() -> None:
    world = World(outcome=BROKEN)
    world.webhook = webhook(url="https://receiver.example/hooks?token=t0ken", secrets=(StoredSecret(SECRET.encode()),))

    made = _make(world)

    assert isinstance(made, Attempt)
    assert "t0ken" not in repr(made)


def test_failed_request_is_recorded_with_its_reason() -> None:
    made = _make(World(outcome=UNREACHED))

    assert isinstance(made, Attempt)
    assert (made.status, made.error_message) == ("failed", UNREACHED.error)
    assert made.response_status is None


@pytest.mark.parametrize("status", [200, 204, 299])
def test_status_2xx_with_an_incomplete_body_is_a_success_with_a_note(status: int) -> None:
    made = _make(World(outcome=HttpOutcome(status, error="The connection was closed")))

    assert isinstance(made, Attempt)
    assert (made.status, made.response_status, made.error_message) == ("success", status, None)
    assert (made.note, made.next_attempt_at) == ("The connection was closed", None)


def test_other_status_with_an_incomplete_body_fails_for_its_status() -> None:
    made = _make(World(outcome=HttpOutcome(500, error="The connection was closed")))

    assert isinstance(made, Attempt)
    assert (made.status, made.note) == ("failed", "The connection was closed")
    assert (made.error_message or "").startswith("HTTP 500 from ")


@pytest.mark.parametrize(
    ("outcome", "note"),
    [
        (OK, None),
        (replace(OK, body_truncated=True), "The body is longer than 64 KiB; the rest was not read."),
        (UNREACHED, None),
    ],
)
def test_note_describes_a_truncated_body(outcome: HttpOutcome, note: str | None) -> None:
    made = _make(World(outcome=outcome))

    assert isinstance(made, Attempt)
    assert made.note == note


def test_response_is_recorded_unchanged() -> None:
    made = _make(World(outcome=replace(OK, body_truncated=True, remote_address="203.0.113.7")))

    assert isinstance(made, Attempt)
    assert (made.response_status, made.response_headers, made.response_body) == (200, OK.headers, b"thanks")
    assert (made.response_truncated, made.remote_address) == (True, "203.0.113.7")
    assert made.timings_ms == {"dns": 1.0, "total": 20.0}
    assert (made.attempted_at, made.external_id, made.event_name) == (NOW, "order-7", "order.paid")


def test_timings_are_recorded_to_the_microsecond() -> None:
    made = _make(World(outcome=replace(OK, timings=Timings(dns=1.23456789, total=20.0006))))

    assert isinstance(made, Attempt)
    assert made.timings_ms == {"dns": 1.235, "total": 20.001}


def test_signatures_and_secrets_are_not_recorded() -> None:
    world = World()

    made = _make(world)

    assert isinstance(made, Attempt)
    sent = world.sent[0][1]
    assert made.request_headers.keys() == sent.keys()
    assert made.request_headers["webhook-signature"] == made.request_headers["X-Latchhook-Signature"] == REDACTED
    assert made.request_headers["webhook-id"] == sent["webhook-id"]
    for secret in (SECRET, sent["webhook-signature"], sent["X-Latchhook-Signature"]):
        assert secret not in repr(made)


def test_secret_values_of_custom_headers_are_not_recorded() -> None:
    made = _make(_with_headers(SHOP, AUTHORIZATION))

    assert isinstance(made, Attempt)
    assert (made.request_headers["X-Shop"], made.request_headers["Authorization"]) == ("acme", REDACTED)
    assert "s3cret" not in repr(made)


def test_secrets_repeated_by_the_receiver_are_not_recorded() -> None:
    world = _with_headers(SHOP, AUTHORIZATION)

    class Echo(World):
        def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpOutcome:
            super().post(url, headers=headers, body=body)
            said = (*headers.items(), ("X-Said", headers["Authorization"]), ("Set-Cookie", "session=1"))
            return HttpOutcome(200, said, json.dumps({**headers, "secret": SECRET}).encode())

    echo = Echo(webhook=world.webhook)
    made = _make(echo)

    assert isinstance(made, Attempt)
    sent = echo.sent[0][1]
    assert sent["Authorization"] == "Bearer s3cret-of-theirs"
    for secret in (SECRET, "s3cret-of-theirs", sent["webhook-signature"], sent["X-Latchhook-Signature"], "session=1"):
        assert secret not in repr(made)
    kept = dict(made.response_headers)
    assert (kept["X-Shop"], kept["X-Said"], kept["Set-Cookie"]) == ("acme", REDACTED, REDACTED)
    assert json.loads(made.response_body) == {
        **sent,
        "Authorization": REDACTED,
        "webhook-signature": REDACTED,
        "X-Latchhook-Signature": REDACTED,
        "secret": REDACTED,
    }


@pytest.mark.parametrize(("number", "trigger"), [(1, "event"), (2, "retry"), (4, "manual")])
def test_trigger_of_an_attempt_is_recorded(number: int, trigger: Trigger) -> None:
    made = _make(World(), replace(task(attempt=number), trigger=trigger))

    assert isinstance(made, Attempt)
    assert made.trigger == trigger


# ---- The next attempt ----


def test_success_plans_no_further_attempt() -> None:
    world = World()

    _make(world)

    assert world.planned == []


@pytest.mark.parametrize(("number", "seconds"), list(enumerate(SCHEDULE, start=1)))
def test_failed_attempt_is_retried_after_the_scheduled_wait(number: int, seconds: int) -> None:
    world = World(outcome=BROKEN)

    made = _make(world, task(attempt=number))

    assert isinstance(made, Attempt)
    ((next_task, due),) = world.planned
    assert next_task == _retry(number + 1)
    assert due == made.next_attempt_at
    assert due is not None
    assert abs(due - NOW - timedelta(seconds=seconds)) <= timedelta(seconds=seconds * 0.2)


def test_headers_added_by_the_http_client_are_recorded() -> None:
    world = World(outcome=replace(OK, added_headers={"Host": "receiver-1.example"}))

    made = _make(world)

    assert isinstance(made, Attempt)
    assert list(made.request_headers)[:2] == ["Host", "Content-Type"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_only_scheduled_attempts_count_for_the_schedule(number: int) -> None:
    world = World(outcome=BROKEN)
    by_hand = replace(task(attempt=number + 40), trigger="manual", uncounted=40)

    _make(world, by_hand)

    ((planned, due),) = world.planned
    assert planned == replace(_retry(number + 41), uncounted=40)
    assert NOW + 0.8 * SCHEDULE[number - 1] * SECOND <= due <= NOW + 1.2 * SCHEDULE[number - 1] * SECOND


def test_manual_attempt_after_the_last_retry_plans_no_retry() -> None:
    world = World(outcome=BROKEN)

    _make(world, replace(task(attempt=5), trigger="manual", uncounted=1))

    assert (len(world.sent), world.planned) == (1, [])


def test_repeated_task_continues_the_schedule_of_the_recorded_attempt() -> None:
    world = World(outcome=BROKEN)
    _make(world, replace(task(attempt=2), trigger="manual", uncounted=1))

    _make(world, _retry(2))

    assert [each.uncounted for each, _ in world.planned] == [1, 1]


@pytest.mark.parametrize(("number", "seconds"), [(1, 60), (2, 1)])
def test_webhooks_own_schedule_replaces_the_default(number: int, seconds: int) -> None:
    world = World(outcome=BROKEN, webhook=webhook(retry_schedule_seconds=(60, 1)))

    _make(world, task(attempt=number))

    ((_, due),) = world.planned
    assert abs(due - NOW - timedelta(seconds=seconds)) <= timedelta(seconds=seconds * 0.2)


@pytest.mark.parametrize(("schedule", "attempt"), [((60, 1), 3), ((), 1)])
def test_no_retry_follows_the_end_of_the_webhooks_own_schedule(schedule: tuple[int, ...], attempt: int) -> None:
    world = World(outcome=BROKEN, webhook=webhook(retry_schedule_seconds=schedule))

    made = _make(world, task(attempt=attempt))

    assert isinstance(made, Attempt)
    assert (made.next_attempt_at, world.planned) == (None, [])


def test_last_failure_plans_no_further_attempt() -> None:
    world = World(outcome=BROKEN)

    made = _make(world, task(attempt=len(SCHEDULE) + 1))

    assert isinstance(made, Attempt)
    assert made.next_attempt_at is None
    assert world.planned == []


@pytest.mark.parametrize("name", ["Retry-After", "retry-after"])
def test_receiver_can_request_a_longer_wait(name: str) -> None:
    world = World(outcome=HttpOutcome(503, ((name, "60"), (name, "7200"))))

    _make(world)

    assert world.planned[0][1] == NOW + timedelta(seconds=60)


@given(st.text())
def test_every_response_is_recorded(header: str) -> None:
    world = World(outcome=HttpOutcome(429, (("Retry-After", header), (header, "")), header.encode("utf-8", "replace")))

    _make(world)

    assert len(world.kept) == len(world.planned) == 1


def test_status_410_ends_the_retries_and_disables_the_webhook() -> None:
    world = World(outcome=GONE)

    made = _make(world)

    assert isinstance(made, Attempt)
    assert made.next_attempt_at is None
    assert world.planned == []
    assert world.webhook is not None
    assert world.webhook.status == "disabled"


# ---- Deliveries that are not sent ----


@pytest.mark.parametrize("state", [None, webhook(url=None)], ids=["deleted", "no url"])
def test_nothing_is_sent_to_a_deleted_webhook_or_without_url(state: Webhook | None) -> None:
    world = World(webhook=state)

    assert _make(world, task(attempt=2)) == "deleted"
    assert (world.sent, world.recorded, world.planned) == ([], [], [])


def test_only_attempts_that_make_a_call_have_a_called_webhook() -> None:
    made = MadeAttempt(200, None, NOW)
    for status in ("active", "paused", "disabled"):
        assert Prepared(webhook(status=status), event(), None).called_webhook == webhook(status=status)
    for prepared in (
        Prepared(None, event(), None),
        Prepared(webhook(), None, None),
        Prepared(webhook(), event(), made),
        Prepared(webhook(url=None), event(), None),
    ):
        assert prepared.called_webhook is None


def test_retry_of_a_recorded_attempt_is_planned_during_a_pause() -> None:
    world = World(outcome=BROKEN)
    _make(world)
    (first,) = world.planned
    world.webhook = webhook(status="paused")

    _make(world)

    assert world.planned == [first, first]


def test_delivery_ends_when_its_event_has_passed_its_retention() -> None:
    """The attempt was planned late, or the receiver requested very long waits."""
    world = World(event=None)
    world.clock.now = NOW + RETENTION - MILLISECOND
    with pytest.raises(MissingEventError):
        _make(world)

    world.clock.now = NOW + RETENTION
    assert _make(world) == "expired"
    assert (world.sent, world.recorded, world.planned) == ([], [], [])


@pytest.mark.parametrize(("micros", "is_late"), [(-1, True), (0, False), (1, False)])
def test_attempt_after_its_reservation_is_requeued_for_a_new_one(micros: int, is_late: bool) -> None:
    world = World()
    reserved = replace(task(), reserved_at=NOW - SECOND, missed_reservations=2)
    call = Call(not_after=NOW + timedelta(microseconds=micros))

    made = _maker(world, world.clock).send(reserved, world.prepared(reserved), call)

    assert (made == "late", world.sent == []) == (is_late, is_late)
    assert world.planned == ([(replace(task(), missed_reservations=3), NOW)] if is_late else [])


# ---- Test deliveries ----


def _test(world: World, status: Status = "active") -> Attempt:
    assert world.event is not None
    asked = replace(task(), trigger="test")
    tested = webhook(status=status, secrets=(StoredSecret(SECRET.encode()),))
    return _maker(world, world.clock).test(asked, tested, "https://receiver-1.example/hooks", world.event)


@pytest.mark.parametrize("outcome", [OK, BROKEN, UNREACHED, GONE, HttpOutcome(503, (("Retry-After", "60"),))])
@pytest.mark.parametrize("status", ["active", "paused", "disabled"])
def test_test_delivery_is_recorded_and_has_no_other_effect(outcome: HttpOutcome, status: Status) -> None:
    world = World(outcome=outcome)
    before = world.webhook

    made = _test(world, status)

    assert (made.trigger, made.next_attempt_at, made.response_status) == ("test", None, outcome.status)
    assert world.recorded == [made]
    assert (len(world.sent), world.planned) == (1, [])
    assert world.webhook == before


def test_test_delivery_is_signed_like_every_delivery() -> None:
    world = World()
    world.clock.now = datetime.now(NOW.tzinfo)

    _test(world)

    ((_, headers, body),) = world.sent
    standardwebhooks.Webhook(SECRET).verify(body, dict(headers))


# ---- Internal errors and repeated tasks ----


def test_missing_event_is_an_internal_error() -> None:
    world = World(event=None)

    with pytest.raises(MissingEventError):
        _make(world)

    assert (world.sent, world.recorded) == ([], [])


def test_recorded_attempt_is_not_sent_again_and_its_retry_is_planned() -> None:
    world = World(outcome=BROKEN)
    _make(world)
    first_plan = world.planned.pop()

    assert _make(world) == "recorded"

    assert len(world.sent) == len(world.recorded) == 1
    assert world.planned == [first_plan]


def test_retry_of_a_recorded_attempt_is_planned_without_its_event() -> None:
    world = World(outcome=BROKEN)
    _make(world)
    world.planned.clear()
    world.event = None

    assert _make(world) == "recorded"
    assert len(world.planned) == 1


@pytest.mark.parametrize(("failing_for", "is_cleared"), [(timedelta(days=3), True), (-MILLISECOND, False)])
def test_repeated_task_of_a_success_clears_earlier_failures(failing_for: timedelta, is_cleared: bool) -> None:
    world = World()
    _make(world)
    world.webhook = webhook(failing_since=NOW - failing_for, failures=4)

    assert _make(world) == "recorded"

    assert (world.webhook.failing_since is None) == is_cleared
    assert len(world.sent) == 1


@pytest.mark.parametrize(("failures", "status"), [(MIN_FAILURES - 1, "active"), (MIN_FAILURES, "disabled")])
def test_repeated_task_of_a_failure_can_disable_but_is_not_counted_again(failures: int, status: Status) -> None:
    world = World(outcome=BROKEN)
    _make(world)
    world.webhook = webhook(failing_since=NOW - DISABLED_AFTER, failures=failures)

    assert _make(world) == "recorded"

    assert (world.webhook.status, world.webhook.failures) == (status, failures)


def test_record_of_the_first_of_two_parallel_runs_counts() -> None:
    world = World(outcome=BROKEN)
    before = world.prepared(task())
    _make(world)
    (first,) = world.planned
    world.clock.now += timedelta(seconds=1)

    _make_with(_maker(world, world.clock, seed=99), world, task(), before)

    assert world.planned == [first, first]
    assert len(world.kept) == 1


# ---- Crashes ----

OUTCOMES = {"success": OK, "failure": BROKEN, "unreached": UNREACHED, "gone": GONE}


def _all_crashes() -> list[Any]:
    cases = []
    for name, outcome in OUTCOMES.items():
        whole = Run()
        _make(World(outcome=outcome), run=whole)
        cases += [pytest.param(outcome, crash, id=f"{name}-{crash.when}-{crash.call}") for crash in every_crash(whole)]
    return cases


def _assert_complete(world: World) -> None:
    """Assert the state required after the last run, for every place of the earlier crashes."""
    (kept,) = world.kept.values()
    assert {headers["webhook-id"] for _, headers, _ in world.sent} == {str(task().delivery_id)}
    if kept.response_status == 410:
        assert world.webhook is not None
        assert world.webhook.status == "disabled"
    planned = set() if kept.next_attempt_at is None else {(_retry(2), kept.next_attempt_at)}
    assert set(world.planned) == planned


@pytest.mark.parametrize(("outcome", "crash"), _all_crashes())
def test_crash_at_any_call_loses_nothing_and_records_nothing_twice(outcome: HttpOutcome, crash: Crash) -> None:
    world = World(outcome=outcome)
    with pytest.raises(CrashError):
        _make(world, run=Run(crash))
    sent_and_recorded = len(world.sent) if world.kept else None
    world.clock.now += timedelta(seconds=180)

    _make(world)

    _assert_complete(world)
    if sent_and_recorded is not None:
        assert len(world.sent) == sent_and_recorded


@given(
    st.sampled_from(list(OUTCOMES.values())),
    st.lists(st.builds(Crash, st.integers(0, 5), st.sampled_from(["before", "after"]))),
)
def test_any_number_of_crashes_loses_nothing(outcome: HttpOutcome, crashes: list[Crash]) -> None:
    world = World(outcome=outcome)
    for crash in crashes:
        try:
            _make(world, run=Run(crash))
        except CrashError:
            world.clock.now += timedelta(seconds=180)

    _make(world)

    _assert_complete(world)


def test_delivery_that_always_fails_has_one_record_per_attempt() -> None:
    world = World(outcome=BROKEN)
    waiting = [task()]
    while waiting:
        _make(world, waiting.pop())
        waiting = [next_task for next_task, due in world.planned if next_task.attempt == len(world.kept) + 1]

    assert [attempt.task.attempt for attempt in world.recorded] == [1, 2, 3, 4]
    assert {attempt.task.account_id for attempt in world.recorded} == {ACCOUNT}
    assert len({attempt.id for attempt in world.recorded}) == 4
