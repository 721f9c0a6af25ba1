"""Key rotation by Secrets Manager: each step, crashes after every call, and no lost key text."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import KeyChangedError
from latchhook.api_keys.key_format import hash_key_text, imported_key_id, parse_key_text
from latchhook.api_keys.rotation import MAX_GRACE_SECONDS
from latchhook.api_keys.secrets_manager_rotation import (
    DEFAULT_GRACE_SECONDS,
    MIN_GRACE_SECONDS,
    SecretsManagerRotation,
    SecretsManagerRotationError,
)
from latchhook.api_keys.verification import KeyQuery, Refusal
from latchhook.audit import AuditEntry
from latchhook.clock import rfc3339
from latchhook.dependency_errors import DependencyUnavailableError
from tests.samples import ACCOUNT, NOW, PREFIX, SECOND, api_key, key_text

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
KEY = api_key()
TEXT = key_text(KEY)
FIRST, SECOND_VERSION, THIRD = "version-1", "version-2", "version-3"


class CrashError(Exception):
    """The function crashes here."""


class World:
    """A secret in Secrets Manager and its key. Each call can crash the function after the call has taken effect."""

    def __init__(self, key: ApiKey = KEY, **fields: Any) -> None:
        self.key = key
        self.hashes = [hash_key_text(TEXT)]
        self.previous_until: datetime | None = None
        self.versions: dict[str, str | None] = {FIRST: json.dumps({"apiKey": TEXT, **fields})}
        self.labels: dict[str, set[str]] = {FIRST: {"AWSCURRENT"}}
        self.entries: list[AuditEntry] = []
        self.calls = 0
        self.crash_at: int | None = None
        self.changes_of_others = 0

    def _called(self) -> None:
        self.calls += 1
        if self.calls == self.crash_at:
            raise CrashError

    def stages(self) -> Mapping[str, Collection[str]]:
        self._called()
        return {version: set(labels) for version, labels in self.labels.items()}

    def current(self) -> str | None:
        self._called()
        return self.versions[self.current_version]

    def pending(self, version_id: str) -> str | None:
        self._called()
        return self.versions.get(version_id) if "AWSPENDING" in self.labels.get(version_id, ()) else None

    def add_pending(self, version_id: str, text: str) -> None:
        if self.versions.get(version_id) is None:
            self.versions[version_id] = text
        for labels in self.labels.values():
            labels.discard("AWSPENDING")
        self.labels.setdefault(version_id, set()).add("AWSPENDING")
        self._called()

    def make_current(self, version_id: str, *, instead_of: str | None) -> None:
        assert instead_of == self.current_version
        self.labels[self.current_version].discard("AWSCURRENT")
        self.labels[version_id].add("AWSCURRENT")
        self._called()

    def look_up(self, query: KeyQuery) -> Refusal | None:
        self._called()
        if query.key_id != self.key.id:
            return None
        if query.key_hash == self.hashes[0]:
            return Refusal(self.key, "current", None)
        if query.key_hash in self.hashes[1:]:
            return Refusal(self.key, "previous", self.previous_until)
        return Refusal(self.key, "unknown", None)

    def replace_secret(
        self, key: ApiKey, *, key_hash: bytes, kept_hash: bytes, previous_until: datetime, entry: AuditEntry
    ) -> ApiKey:
        if self.changes_of_others:
            self.changes_of_others -= 1
            self.key = replace(self.key, version=self.key.version + 1)
        if key.version != self.key.version:
            raise KeyChangedError
        self.hashes = [key_hash, kept_hash]
        self.previous_until = previous_until
        self.key = replace(self.key, version=self.key.version + 1)
        self.entries.append(entry)
        self._called()
        return self.key

    @property
    def current_version(self) -> str:
        return next(version for version, labels in self.labels.items() if "AWSCURRENT" in labels)

    def fields(self, version_id: str) -> dict[str, Any]:
        fields: dict[str, Any] = json.loads(self.versions[version_id] or "")
        return fields

    def what_everybody_reads_holds(self, now: datetime = NOW) -> bool:
        held = hash_key_text(self.fields(self.current_version)["apiKey"])
        ends = self.previous_until
        return held == self.hashes[0] or (held in self.hashes and ends is not None and ends > now)


def run(world: World, *steps: str, version: str = SECOND_VERSION, now: datetime = NOW, seed: int = 9) -> None:
    rotation = SecretsManagerRotation(world, world, PREFIX, Random(seed))
    for step in steps:
        rotation.run(step, world, version, now)


def test_four_steps_make_a_new_text_of_the_same_key_current() -> None:
    world = World(user="billing", nested={"a": [1]})

    run(world, *STEPS)

    assert world.current_version == SECOND_VERSION
    fields = world.fields(SECOND_VERSION)
    assert {**fields, "apiKey": TEXT} == {"apiKey": TEXT, "user": "billing", "nested": {"a": [1]}}
    assert parse_key_text(PREFIX, fields["apiKey"]) == KEY.id
    assert world.hashes == [hash_key_text(fields["apiKey"]), hash_key_text(TEXT)]
    assert world.previous_until == NOW + timedelta(seconds=DEFAULT_GRACE_SECONDS)


def test_rotation_writes_one_audit_entry_for_the_keys_account() -> None:
    world = World()
    run(world, *STEPS)

    (entry,) = world.entries
    assert (entry.action, entry.account_id, entry.target_id) == ("api_key.rotated", ACCOUNT, str(KEY.id))
    by = entry.origin.caller
    assert (by.kind, by.account_id, by.actor_id, entry.origin.at) == ("system", ACCOUNT, "secrets-manager", NOW)
    assert entry.details == {"previousKeyExpiresAt": rfc3339(NOW + timedelta(seconds=DEFAULT_GRACE_SECONDS))}


def test_new_text_is_stored_in_the_secret_before_the_key_changes() -> None:
    world = World()
    run(world, "createSecret")

    assert world.hashes == [hash_key_text(TEXT)]
    assert world.fields(SECOND_VERSION)["apiKey"] != TEXT
    assert world.current_version == FIRST


def test_repeated_step_changes_nothing() -> None:
    world = World()
    for at, step in enumerate(STEPS):
        run(world, step)
        before = (world.hashes, world.versions.copy(), str(world.labels), world.entries.copy())
        for done in STEPS[: at + 1]:
            run(world, done, now=NOW + SECOND, seed=10)
        assert (world.hashes, world.versions, str(world.labels), world.entries) == before


@pytest.mark.parametrize("crash_at", range(1, 30))
def test_rotation_completes_after_a_crash_at_any_call(crash_at: int) -> None:
    world = World()
    world.crash_at = crash_at
    crashes = 0
    for step in STEPS:
        try:
            run(world, step)
        except CrashError:
            crashes += 1
            assert world.what_everybody_reads_holds()
            run(world, step, seed=10)
        assert world.what_everybody_reads_holds()

    assert crashes == (1 if world.calls >= crash_at else 0)
    assert world.current_version == SECOND_VERSION
    assert world.hashes == [hash_key_text(world.fields(SECOND_VERSION)["apiKey"]), hash_key_text(TEXT)]
    assert len(world.entries) == 1


def test_crash_positions_cover_every_call() -> None:
    world = World()
    run(world, *STEPS)
    assert 10 < world.calls < 30


def test_rotation_after_an_abandoned_one_keeps_the_current_text_valid() -> None:
    world = World()
    run(world, "createSecret", "setSecret")

    later = NOW + timedelta(hours=1)
    run(world, "createSecret", "setSecret", version=THIRD, now=later, seed=10)
    assert world.what_everybody_reads_holds(later)
    run(world, "testSecret", "finishSecret", version=THIRD, now=later)

    assert world.hashes == [hash_key_text(world.fields(THIRD)["apiKey"]), hash_key_text(TEXT)]
    assert world.current_version == THIRD


def test_second_rotation_ends_the_text_before_the_previous_one() -> None:
    world = World()
    run(world, *STEPS)
    run(world, *STEPS, version=THIRD, now=NOW + SECOND, seed=10)

    texts = [world.fields(version)["apiKey"] for version in (THIRD, SECOND_VERSION)]
    assert world.hashes == [hash_key_text(text) for text in texts]


@pytest.mark.parametrize("grace", [MIN_GRACE_SECONDS, MAX_GRACE_SECONDS])
def test_secret_sets_the_grace_period_of_the_previous_text(grace: int) -> None:
    world = World(gracePeriodSeconds=grace)
    run(world, *STEPS)

    assert world.previous_until == NOW + timedelta(seconds=grace)
    assert world.fields(SECOND_VERSION)["gracePeriodSeconds"] == grace


@pytest.mark.parametrize("grace", [MIN_GRACE_SECONDS - 1, MAX_GRACE_SECONDS + 1, 0, -1, "3600", 3600.0, True, None])
def test_invalid_grace_period_is_refused_before_anything_is_stored(grace: object) -> None:
    world = World(gracePeriodSeconds=grace)

    with pytest.raises(SecretsManagerRotationError, match="gracePeriodSeconds"):
        run(world, "createSecret")
    assert world.versions.keys() == {FIRST}


def test_previous_text_never_outlives_its_key() -> None:
    world = World(api_key(expires_at=NOW + SECOND))
    run(world, *STEPS)

    assert world.previous_until == NOW + SECOND


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (api_key(stored_status="revoked"), "The key is revoked."),
        (api_key(stored_status="disabled"), "The key is disabled."),
        (api_key(stored_status="expired"), "The key is expired."),
        (api_key(expires_at=NOW), "The key is expired."),
        (api_key(2), "The key of the secret's apiKey does not exist."),
    ],
    ids=["revoked", "disabled", "expired", "expires now", "missing"],
)
@pytest.mark.parametrize("step", STEPS[:3])
def test_unusable_key_is_not_rotated(step: str, key: ApiKey, message: str) -> None:
    world = World()
    for done in STEPS[: STEPS.index(step)]:
        run(world, done)
    before = world.hashes
    world.key = replace(key, version=world.key.version)
    with pytest.raises(SecretsManagerRotationError) as refused:
        run(world, step)
    assert str(refused.value) == message
    assert world.hashes == before


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '"text"', "{}", '{"apiKey": 7}', '{"apiKey": null}', TEXT, "[" * 100_000],
    ids=lambda content: content[:20],
)
def test_secret_that_is_no_json_object_is_refused_and_not_shown(content: str) -> None:
    world = World()
    world.versions[FIRST] = content

    with pytest.raises(SecretsManagerRotationError, match="AWSCURRENT version is not JSON") as refused:
        run(world, "createSecret")
    assert TEXT not in str(refused.value)
    assert refused.value.__cause__ is None


def test_binary_secret_is_refused() -> None:
    world = World()
    world.versions[FIRST] = None

    with pytest.raises(SecretsManagerRotationError, match="not JSON"):
        run(world, "createSecret")


@pytest.mark.parametrize("text", ["", "short", TEXT[:-1] + "!", "lh_test_" + TEXT[8:-1], "é" * 20])
def test_foreign_api_key_in_the_secret_is_refused_and_not_shown(text: str) -> None:
    world = World()
    world.versions[FIRST] = json.dumps({"apiKey": text})

    with pytest.raises(SecretsManagerRotationError) as refused:
        run(world, "createSecret")
    assert not text or text not in str(refused.value)


def test_key_that_was_rotated_elsewhere_is_not_rotated() -> None:
    world = World()
    run(world, "createSecret")
    world.hashes = [hash_key_text(key_text(KEY, seed=5)), hash_key_text(TEXT)]
    world.previous_until = NOW

    with pytest.raises(SecretsManagerRotationError, match="rotated outside Secrets Manager"):
        run(world, "setSecret")
    assert world.entries == []


def test_text_that_was_replaced_elsewhere_is_not_made_current() -> None:
    world = World()
    run(world, "createSecret", "setSecret")
    world.hashes = [hash_key_text(key_text(KEY, seed=5)), world.hashes[0]]

    with pytest.raises(SecretsManagerRotationError, match="rotated outside Secrets Manager"):
        run(world, "testSecret")
    assert world.current_version == FIRST


def test_pending_text_of_another_key_is_refused() -> None:
    world = World()
    run(world, "createSecret")
    world.versions[SECOND_VERSION] = json.dumps({"apiKey": key_text(api_key(2))})

    with pytest.raises(SecretsManagerRotationError, match="another key"):
        run(world, "setSecret")
    assert world.entries == []


def test_concurrent_changes_are_retried_and_finally_a_dependency_error() -> None:
    world = World()
    world.changes_of_others = 3
    run(world, "createSecret", "setSecret")
    assert len(world.entries) == 1

    world = World()
    world.changes_of_others = 10**6
    run(world, "createSecret")
    with pytest.raises(DependencyUnavailableError):
        run(world, "setSecret")


def test_unknown_step_is_refused() -> None:
    with pytest.raises(SecretsManagerRotationError):
        run(World(), "create_secret")


def test_version_that_is_already_current_is_left_unchanged() -> None:
    world = World()
    for step in STEPS:
        run(world, step, version=FIRST)

    assert (world.current_version, world.hashes, world.entries) == (FIRST, [hash_key_text(TEXT)], [])


def test_imported_key_gets_a_text_in_latchhooks_format() -> None:
    text = "sk_made_elsewhere_0123456789"
    world = World(api_key(imported_key_id(hash_key_text(text))))
    world.versions[FIRST] = json.dumps({"apiKey": text})
    world.hashes = [hash_key_text(text)]
    run(world, *STEPS)

    assert parse_key_text(PREFIX, world.fields(SECOND_VERSION)["apiKey"]) == world.key.id
