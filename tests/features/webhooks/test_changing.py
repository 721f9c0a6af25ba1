"""Changing webhooks: settings, pausing, enabling, secret headers and secret rotation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.audit import AuditEntry
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.idempotency_records import AlreadyCompletedError, CompletedRequest, IdempotencyKey
from latchhook.rates import RateLimit
from latchhook.webhooks.changing import MAX_GRACE_SECONDS, RESUMED, Issued, WebhookEditor, WebhookSettings, settings_of
from latchhook.webhooks.custom_headers import REDACTED, CustomHeader
from latchhook.webhooks.errors import TooManySecretsError, WebhookChangedError, WebhookNotFoundError
from latchhook.webhooks.secrets import MAX_LIVE, StoredSecret, live
from latchhook.webhooks.webhook import Webhook
from tests.features.webhooks.memory import LockBox, RememberedWebhooks
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, origin, webhook

LATER = NOW + SECOND
HOUR = timedelta(hours=1)


class ContestedWebhooks(RememberedWebhooks):
    """A store in which another request changes the webhook before each write, `times` times."""

    def __init__(self, made: Webhook, *, times: int) -> None:
        super().__init__(made)
        self._times = times

    def replace(
        self, before: Webhook, after: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None
    ) -> None:
        if self._times:
            self._times -= 1
            now = self.webhooks[before.id]
            self.webhooks[before.id] = replace(now, description=f"{self._times} to go", version=now.version + 1)
        super().replace(before, after, entry, idempotency_key)


class WebhooksDeletedMeanwhile(RememberedWebhooks):
    """A store in which another request deletes the webhook between read and write."""

    def replace(
        self, before: Webhook, after: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None
    ) -> None:
        raise WebhookNotFoundError


def _editor(store: RememberedWebhooks, vault: LockBox | None = None) -> WebhookEditor:
    return WebhookEditor(store, vault or LockBox(), Random(1))


def _with(**changes: Any) -> Callable[[Webhook], WebhookSettings]:
    return lambda before: replace(settings_of(before), **changes)


def _changed(before: Webhook, **changes: Any) -> Webhook:
    return _editor(RememberedWebhooks(before)).change(before.id, _with(**changes), origin(at=LATER))


# ---- Settings ----


def test_changed_settings_are_stored_and_other_settings_are_kept() -> None:
    before = webhook(secrets=(StoredSecret(b"new"), StoredSecret(b"old", NOW + HOUR)), version=4)
    store = RememberedWebhooks(before)
    edit = _with(
        url="https://new.example/",
        events=("lap.*", "order.paid", "lap.*"),
        description="laps",
        filter={"entity": {"a": [1]}},
        headers={"X-Shop": "acme"},
        retry_schedule_seconds=[1, 60],
        rate_limit=RateLimit(5, 60, burst=1),
    )

    after = _editor(store).change(before.id, edit, origin(at=LATER))

    assert store.webhooks == {before.id: after}
    assert after == replace(
        before,
        url="https://new.example/",
        events=("lap.*", "order.paid"),
        description="laps",
        filter={"entity": {"a": [1]}},
        headers=(CustomHeader("X-Shop", "acme"),),
        retry_schedule_seconds=(1, 60),
        rate_limit=RateLimit(5, 60, burst=1),
        updated_at=LATER,
        version=5,
    )
    assert store.actions == ["webhook.updated"]


def test_all_optional_settings_can_be_removed() -> None:
    before = webhook(
        description="laps",
        filter={"entity": {"a": [1]}},
        headers=(CustomHeader("X-Shop", "acme"),),
        retry_schedule_seconds=(1,),
        rate_limit=RateLimit(5, 60, burst=1),
    )

    after = _changed(before, description=None, filter=None, headers={}, retry_schedule_seconds=None, rate_limit=None)

    assert after == replace(webhook(), updated_at=LATER, version=1)


def test_empty_schedule_means_no_retries_and_not_the_default() -> None:
    assert _changed(webhook(retry_schedule_seconds=(1,)), retry_schedule_seconds=[]).retry_schedule_seconds == ()


def test_settings_without_a_change_write_nothing() -> None:
    sealed = CustomHeader("Authorization", None, StoredSecret(b"sealed"))
    before = webhook(
        description="laps",
        filter={"entity": {}},
        headers=(CustomHeader("X-Shop", "acme"), sealed),
        retry_schedule_seconds=(),
        status="disabled",
        disabled_reason="gone",
        rate_limit=RateLimit(5, 60, burst=1),
        slow_seconds=16,
    )

    assert _changed(before) == before


def test_new_endpoint_url_clears_the_measured_slowness() -> None:
    assert _changed(webhook(slow_seconds=16), url="https://new.example/").slow_seconds is None


def test_missing_webhook_and_webhook_of_another_account_are_not_found() -> None:
    theirs = webhook(account_id="acct_other")
    store = RememberedWebhooks(theirs)

    for webhook_id in (theirs.id, webhook(2).id):
        with pytest.raises(WebhookNotFoundError):
            _editor(store).change(webhook_id, _with(), origin())
        with pytest.raises(WebhookNotFoundError):
            _editor(store).rotate_secret(webhook_id, grace_seconds=0, secret=None, origin=origin())
    assert (store.webhooks, store.entries) == ({theirs.id: theirs}, [])


# ---- Concurrent changes ----


def test_change_is_applied_to_the_concurrently_changed_webhook() -> None:
    store = ContestedWebhooks(webhook(), times=3)

    after = _editor(store).change(webhook().id, _with(events=("lap.*",)), origin(at=LATER))

    assert (after.events, after.description, after.version) == (("lap.*",), "0 to go", 4)
    assert store.actions == ["webhook.updated"]


def test_constant_concurrent_changes_raise_a_dependency_error() -> None:
    with pytest.raises(DependencyUnavailableError):
        _editor(ContestedWebhooks(webhook(), times=-1)).change(webhook().id, _with(events=("lap.*",)), origin())


def test_concurrently_deleted_webhook_is_not_found() -> None:
    with pytest.raises(WebhookNotFoundError):
        _editor(WebhooksDeletedMeanwhile(webhook())).change(webhook().id, _with(events=("lap.*",)), origin())


def test_both_secrets_of_two_concurrent_rotations_sign() -> None:
    first, second = RememberedWebhooks(webhook()), LockBox()
    mine, theirs = "a" * 16, "b" * 16
    for secret in (mine, theirs):
        _editor(first).rotate_secret(webhook().id, grace_seconds=60, secret=secret, origin=origin())

    texts = [second.reveal(ACCOUNT, webhook().id, each) for each in first.webhooks[webhook().id].secrets[:2]]
    assert texts == [theirs, mine]
    with pytest.raises(WebhookChangedError):
        first.replace(webhook(), webhook(), first.entries[0])


# ---- Status ----


@pytest.mark.parametrize(
    ("before", "chosen", "after", "action"),
    [
        ("active", None, "active", "webhook.updated"),
        ("active", "active", "active", "webhook.updated"),
        ("active", "paused", "paused", "webhook.paused"),
        ("paused", None, "paused", "webhook.updated"),
        ("paused", "paused", "paused", "webhook.updated"),
        ("paused", "active", "active", RESUMED),
        ("disabled", None, "disabled", "webhook.updated"),
        ("disabled", "active", "active", "webhook.updated"),
        ("disabled", "paused", "paused", "webhook.paused"),
        ("disabled", "disabled", "disabled", "webhook.updated"),
    ],
)
def test_webhook_can_be_paused_resumed_and_enabled(before: Any, chosen: Any, after: str, action: str) -> None:
    reason = "gone" if before == "disabled" else None
    store = RememberedWebhooks(webhook(status=before, disabled_reason=reason))

    changed = _editor(store).change(webhook().id, _with(status=chosen, events=("lap.*",)), origin())

    assert (changed.status, changed.disabled_reason) == (after, reason if after == "disabled" else None)
    assert store.actions == [action]


@pytest.mark.parametrize("before", ["active", "paused"])
def test_caller_can_disable_a_webhook(before: Any) -> None:
    store = RememberedWebhooks(webhook(status=before))

    changed = _editor(store).change(webhook().id, _with(status="disabled"), origin())

    assert (changed.status, changed.disabled_reason, changed.disabled_at) == ("disabled", "manual", origin().at)
    assert store.actions == ["webhook.disabled"]


def test_webhook_disabled_by_a_caller_stays_disabled_with_a_new_url() -> None:
    before = webhook(status="disabled", disabled_reason="manual", disabled_at=NOW)

    changed = _changed(before, url="https://new.example/")

    assert (changed.status, changed.disabled_reason, changed.disabled_at) == ("disabled", "manual", NOW)


@pytest.mark.parametrize(("before", "after"), [("active", "active"), ("paused", "paused"), ("disabled", "active")])
def test_webhook_disabled_by_failures_is_enabled_by_a_new_url(before: Any, after: str) -> None:
    changed = _changed(webhook(status=before, disabled_reason="gone"), url="https://new.example/")

    assert (changed.status, changed.disabled_reason) == (after, None)


def test_enabled_webhook_starts_without_failures() -> None:
    failing: dict[str, Any] = {"failing_since": NOW, "failures": 7, "failing_notified": True}
    enabled = _changed(webhook(status="disabled", disabled_reason="failing", **failing), url="https://new.example/")
    assert (enabled.failing_since, enabled.failures, enabled.failing_notified) == (None, 0, False)


def test_webhook_can_be_paused_and_get_a_new_url_at_once() -> None:
    assert _changed(webhook(status="disabled"), url="https://new.example/", status="paused").status == "paused"


# ---- Headers ----


def test_secret_header_is_sealed_and_kept_when_it_is_sent_back_redacted() -> None:
    store, vault = RememberedWebhooks(webhook()), LockBox()
    editor = _editor(store, vault)
    sent = {"X-Shop": "acme", "Authorization": "Bearer abc"}

    first = editor.change(webhook().id, _with(headers=sent), origin())
    second = editor.change(webhook().id, _with(headers={**sent, "Authorization": REDACTED}), origin())

    assert first.headers == second.headers
    assert vault.sealed == 1
    sealed = second.headers[1].sealed
    assert sealed is not None
    assert vault.reveal(ACCOUNT, webhook().id, sealed) == "Bearer abc"
    assert "Bearer abc" not in repr(store.webhooks) + repr(store.entries)


def test_new_value_replaces_a_secret_header() -> None:
    before = webhook(headers=(CustomHeader("Authorization", None, LockBox().seal(ACCOUNT, webhook().id, "old")),))

    (header,) = _changed(before, headers={"Authorization": "new"}).headers

    assert header.sealed is not None
    assert LockBox().reveal(ACCOUNT, webhook().id, header.sealed) == "new"


def test_header_that_became_secret_is_sealed_at_the_next_change() -> None:
    (header,) = _changed(webhook(headers=(CustomHeader("X-Token", "t0ken"),))).headers

    assert (header.value, header.shown) == (None, REDACTED)


# ---- Secrets ----


def _rotate(store: RememberedWebhooks, grace_seconds: int, *, at: int = 0, secret: str | None = None) -> str:
    rng = Random(repr((grace_seconds, at, secret)))
    issued = WebhookEditor(store, LockBox(), rng).rotate_secret(
        webhook().id, grace_seconds=grace_seconds, secret=secret, origin=origin(at=NOW + at * SECOND)
    )
    assert issued.secret is not None
    return issued.secret


def _signing(store: RememberedWebhooks, *, at: timedelta) -> list[str]:
    kept = store.webhooks[webhook().id]
    return [LockBox().reveal(ACCOUNT, kept.id, each) for each in live(kept.secrets, NOW + at)]


@pytest.fixture
def store() -> RememberedWebhooks:
    return RememberedWebhooks(webhook(secrets=(LockBox().seal(ACCOUNT, webhook().id, "first"),)))


@pytest.mark.parametrize("grace", [1, 60, MAX_GRACE_SECONDS])
def test_both_secrets_sign_until_the_grace_period_ends(store: RememberedWebhooks, grace: int) -> None:
    new = _rotate(store, grace)

    assert new.startswith("whsec_")
    assert _signing(store, at=timedelta(0)) == [new, "first"]
    assert _signing(store, at=timedelta(seconds=grace) - MILLISECOND) == [new, "first"]
    assert _signing(store, at=timedelta(seconds=grace)) == [new]
    assert store.actions == ["webhook.secret_rotated"]
    assert new not in repr(store.entries)


def test_without_a_grace_period_only_the_new_secret_signs(store: RememberedWebhooks) -> None:
    _rotate(store, 60)
    new = _rotate(store, 0)

    assert _signing(store, at=timedelta(0)) == [new]
    assert len(store.webhooks[webhook().id].secrets) == 1


def test_caller_can_supply_the_secret(store: RememberedWebhooks) -> None:
    assert _rotate(store, 60, secret="my own sixteen characters") == "my own sixteen characters"
    assert _signing(store, at=timedelta(0)) == ["my own sixteen characters", "first"]


def test_later_rotation_can_shorten_but_not_extend_a_grace_period(store: RememberedWebhooks) -> None:
    second = _rotate(store, 60)
    third = _rotate(store, 3600, at=30)
    assert _signing(store, at=timedelta(seconds=59)) == [third, second, "first"]
    assert _signing(store, at=timedelta(seconds=60)) == [third, second]

    fourth = _rotate(store, 10, at=40)
    assert _signing(store, at=timedelta(seconds=49)) == [fourth, third, second, "first"]
    assert _signing(store, at=timedelta(seconds=50)) == [fourth]


def test_sixth_live_secret_is_refused_until_a_secret_has_ended(store: RememberedWebhooks) -> None:
    assert MAX_LIVE == 5
    for at in range(4):
        _rotate(store, 60, at=at)
    before = dict(store.webhooks)
    assert len(_signing(store, at=timedelta(seconds=4))) == 5

    with pytest.raises(TooManySecretsError):
        _rotate(store, 60, at=4)
    assert (store.webhooks, len(store.entries)) == (before, 4)

    _rotate(store, 60, at=60)  # the first secret ends at this moment
    assert len(_signing(store, at=timedelta(seconds=60))) == 5
    _rotate(store, 0, at=60)
    assert len(_signing(store, at=timedelta(seconds=60))) == 1


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 200)), max_size=8))
def test_after_any_rotations_only_the_newest_secret_has_no_end(
    rotations: list[tuple[int, int]],
) -> None:
    store = RememberedWebhooks(webhook(secrets=(LockBox().seal(ACCOUNT, webhook().id, "first"),)))
    at, texts, grace_until = 0, ["first"], 0
    for pause, grace in rotations:
        at += pause
        try:
            texts.append(_rotate(store, grace, at=at, secret=f"number {len(texts)} of many"))
        except TooManySecretsError:
            assert len(_signing(store, at=timedelta(seconds=at))) == MAX_LIVE
            continue
        grace_until = at + grace
        assert _signing(store, at=timedelta(days=999)) == [texts[-1]]
        assert _signing(store, at=timedelta(seconds=grace_until)) == [texts[-1]]
        assert len(_signing(store, at=timedelta(seconds=at))) <= MAX_LIVE
        assert (texts[-2] in _signing(store, at=timedelta(seconds=at))) == (grace > 0)


def test_rotation_changes_no_other_setting(store: RememberedWebhooks) -> None:
    before = store.webhooks[webhook().id]
    _rotate(store, 60, at=1)

    after = store.webhooks[webhook().id]
    assert replace(after, secrets=before.secrets) == replace(before, updated_at=LATER, version=1)


# ---- Idempotency-Key ----


ONCE = IdempotencyKey("rotation of user_1", "the body")


def _rotated_once(store: RememberedWebhooks, *, at: int, request: IdempotencyKey = ONCE) -> Issued:
    editor = WebhookEditor(store, LockBox(), Random(at))
    when = origin(at=NOW + at * SECOND)
    return editor.rotate_secret(webhook().id, grace_seconds=60, secret=None, origin=when, idempotency_key=request)


def test_repeated_rotation_makes_no_second_secret(store: RememberedWebhooks) -> None:
    first = _rotated_once(store, at=0)

    with pytest.raises(AlreadyCompletedError) as repeated:
        _rotated_once(store, at=30)

    assert repeated.value.done == CompletedRequest(ONCE.fingerprint, webhook().id, NOW + 60 * SECOND)
    assert _signing(store, at=timedelta(0)) == [first.secret, "first"]
    assert store.actions == ["webhook.secret_rotated"]
