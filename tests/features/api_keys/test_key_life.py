"""A state machine over keys: after any order of operations, each secret's verification matches a simple model.

The model has no ids, hashes or stores. A key is a list of secrets, each with the time at which it ends.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.changing import Configuration, KeyEditor, settings_of
from latchhook.api_keys.creation import KeySettings
from latchhook.api_keys.due_keys import sweep
from latchhook.api_keys.errors import ApiKeyRevokedError, ExpiryNotInFutureError
from latchhook.api_keys.rotation import MAX_GRACE_SECONDS
from latchhook.api_keys.verification import Code, UseRequest
from latchhook.idempotency_records import AlreadyCompletedError, IdempotencyKey
from tests.features.api_keys.memory import KeysInMemory
from tests.samples import CATALOGUE, MILLISECOND, NOW, SECOND, key_text, origin

GRACES = st.sampled_from([None, 0, 1, 60, 300, MAX_GRACE_SECONDS])
AHEAD = st.sampled_from([MILLISECOND, SECOND, 60 * SECOND, 299 * SECOND, timedelta(days=1), timedelta(days=8)])
PASSING = st.sampled_from(
    [
        MILLISECOND,
        SECOND - MILLISECOND,
        SECOND,
        59 * SECOND,
        300 * SECOND - MILLISECOND,
        300 * SECOND,
        timedelta(days=1),
        timedelta(days=7),
    ]
)
DEFAULT_GRACE = 300 * SECOND


@dataclass
class Life:
    """The model of a key."""

    name: str
    texts: list[str]
    """All secrets of the key, oldest first."""
    expires_at: datetime | None
    older_ends_at: datetime | None = None
    """The end of the previous secret's grace period, or None without a previous secret."""
    revoked: bool = False
    disabled: bool = False
    accepted: int = 0
    requests: int = 0

    def verdict(self, text: str, now: datetime) -> Code:
        """Return the expected verification code of a secret."""
        if text not in self.texts[-2:]:
            return "NOT_FOUND"
        if self.revoked:
            return "REVOKED"
        if self.disabled:
            return "DISABLED"
        if self.expires_at is not None and now >= self.expires_at:
            return "EXPIRED"
        if text != self.texts[-1] and (self.older_ends_at is None or now >= self.older_ends_at):
            return "EXPIRED"
        return "VALID"


class KeyLives(RuleBasedStateMachine):
    """Create, change and use keys while time passes."""

    lives = Bundle("lives")

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.store = KeysInMemory()
        self.issuer = self.store.issuer()
        self.editor = KeyEditor(self.store, lambda: self.store, lambda: self.store, CATALOGUE, Random(2))
        self.verifier = self.store.verifier()
        self.all: dict[str, Life] = {}

    @rule(target=lives, expires_in=st.none() | AHEAD)
    def create(self, expires_in: timedelta | None) -> str:
        name = f"key {len(self.all)}"
        expires_at = None if expires_in is None else self.now + expires_in
        issued = self.issuer.create(KeySettings(name=name, expires_at=expires_at), origin(at=self.now))
        assert issued.text is not None
        self.all[name] = Life(name, [issued.text], expires_at)
        return name

    @rule(name=lives, grace_seconds=GRACES)
    def rotate(self, name: str, grace_seconds: int | None) -> None:
        life = self.all[name]
        self._rotate(life, grace_seconds, None)

    @rule(name=lives, grace_seconds=GRACES)
    def rotate_with_a_lost_response(self, name: str, grace_seconds: int | None) -> None:
        life = self.all[name]
        life.requests += 1
        idempotency_key = IdempotencyKey(f"{name} {life.requests}", "body")
        self._rotate(life, grace_seconds, idempotency_key)
        if not life.revoked:
            with pytest.raises(AlreadyCompletedError) as repeated:
                self.issuer.rotate(
                    self._key(life).id,
                    grace_seconds=grace_seconds,
                    origin=origin(at=self.now),
                    idempotency_key=idempotency_key,
                )
            assert repeated.value.done.previous_until == life.older_ends_at

    @rule(name=lives)
    def revoke(self, name: str) -> None:
        life = self.all[name]
        self.issuer.revoke(self._key(life).id, origin(at=self.now))
        life.revoked = True

    @rule(name=lives)
    def disable(self, name: str) -> None:
        life = self.all[name]
        if self._change(life, lambda key: Configuration(settings_of(key, self.now), "disabled")):
            life.disabled = True

    @rule(name=lives)
    def enable(self, name: str) -> None:
        life = self.all[name]
        if self._change(life, lambda key: Configuration(settings_of(key, self.now), "active")):
            life.disabled = False

    @rule(name=lives, ends_in=st.none() | AHEAD)
    def change_the_expiry(self, name: str, ends_in: timedelta | None) -> None:
        life = self.all[name]
        expires_at = None if ends_in is None else self.now + ends_in
        if self._change(life, lambda key: _expiring(key, expires_at, self.now)):
            life.expires_at = expires_at

    @rule(name=lives, back=AHEAD | st.just(timedelta()))
    def an_expiry_that_has_passed_is_refused(self, name: str, back: timedelta) -> None:
        life, passed = self.all[name], self.now - back
        if life.revoked or life.expires_at == passed:
            return
        with pytest.raises(ExpiryNotInFutureError):
            self._change(life, lambda key: _expiring(key, passed, self.now))

    @rule()
    def sweep(self) -> None:
        sweep(self.store, clock=lambda: self.now, may_go_on=lambda: True)

    @rule(passing=PASSING)
    def let_time_pass(self, passing: timedelta) -> None:
        self.now += passing

    @rule(name=lives, back=st.integers(0, 5))
    def use(self, name: str, back: int) -> None:
        life = self.all[name]
        text = life.texts[max(0, len(life.texts) - 1 - back)]
        verdict = self.verifier.verify(text, UseRequest(), now=self.now)

        assert verdict.code == life.verdict(text, self.now)
        life.accepted += verdict.valid

    @rule(name=lives, seed=st.integers(0, 5))
    def use_a_made_up_secret(self, name: str, seed: int) -> None:
        made_up = key_text(self._key(self.all[name]), seed=10**6 + seed)

        verdict = self.verifier.verify(made_up, UseRequest(), now=self.now)
        assert (verdict.code, verdict.key) == ("NOT_FOUND", None)

    @invariant()
    def every_secret_is_worth_what_the_model_says(self) -> None:
        for life in self.all.values():
            held = [text for text in life.texts if self.verifier.holds_secret(text, now=self.now) is not None]
            grace = life.older_ends_at is not None and self.now < life.older_ends_at
            assert held == ([] if life.revoked else life.texts[-2 if grace else -1 :])

    @invariant()
    def nothing_but_what_was_changed_has_changed(self) -> None:
        for life in self.all.values():
            key = self._key(life)
            assert (key.expires_at, key.scopes, key.created_at <= key.updated_at) == (life.expires_at, (), True)
            assert sum(key.daily_requests.values()) == life.accepted
            assert key.status_at(self.now) == self._status(life)

    def _status(self, life: Life) -> str:
        if life.revoked:
            return "revoked"
        if life.disabled:
            return "disabled"
        return "expired" if life.expires_at is not None and self.now >= life.expires_at else "active"

    def _key(self, life: Life) -> ApiKey:
        return next(row.key for row in self.store.rows.values() if row.key.name == life.name)

    def _rotate(self, life: Life, grace_seconds: int | None, idempotency_key: IdempotencyKey | None) -> None:
        before = self._key(life)
        try:
            issued = self.issuer.rotate(
                before.id, grace_seconds=grace_seconds, origin=origin(at=self.now), idempotency_key=idempotency_key
            )
        except ApiKeyRevokedError:
            assert life.revoked
            return
        assert not life.revoked
        grace = DEFAULT_GRACE if grace_seconds is None else grace_seconds * SECOND
        ends = [self.now + grace, *([] if life.expires_at is None else [life.expires_at])]
        life.older_ends_at = min(ends)
        assert issued.previous_until == life.older_ends_at
        assert issued.text is not None
        assert issued.text not in life.texts
        life.texts.append(issued.text)
        assert issued.key.rotated_at == issued.key.updated_at
        same = {name: getattr(before, name) for name in ("updated_at", "rotated_at", "version")}
        assert replace(issued.key, **same) == before

    def _change(self, life: Life, edit: Callable[[ApiKey], Configuration]) -> bool:
        try:
            self.editor.change(self._key(life).id, edit, origin(at=self.now))
        except ApiKeyRevokedError:
            assert life.revoked
            return False
        assert not life.revoked
        return True


def _expiring(key: ApiKey, expires_at: datetime | None, now: datetime) -> Configuration:
    return Configuration(replace(settings_of(key, now), expires_at=expires_at))


KeyLives.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
test_lives_of_keys = KeyLives.TestCase
