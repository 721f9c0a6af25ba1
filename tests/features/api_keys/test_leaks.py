"""Exposed keys: the account's chosen action is taken once for each place where the key was found."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import KeyChangedError
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.leaks import MAX_SOURCE_LENGTH, MAX_URL_LENGTH, Action, Leak, LeakedKeys, Reporter
from latchhook.api_keys.verification import KeyQuery, Refusal
from latchhook.audit import AuditEntry
from latchhook.dependency_errors import DependencyUnavailableError
from tests.samples import ACCOUNT, NOW, PREFIX, SECOND, api_key, key_text

URL = "https://github.com/octocat/Hello-World/blob/main/.env"
REPORTER = Reporter("github-secret-scanning", "192.0.2.30", "request-7", NOW)
KEY = api_key()
TEXT = key_text(KEY)
OLD_TEXT = key_text(KEY, seed=2)


class Kept:
    """A store with one key, the account's chosen action, and all audit entries."""

    def __init__(self, key: ApiKey = KEY, *, chosen: Action | None = None, old_until: datetime | None = None) -> None:
        self.key = key
        self.chosen = chosen
        self.old_until = old_until
        self.entries: list[AuditEntry] = []
        self.told: set[UUID] = set()
        self.reads = 0
        self.changes_of_others = 0
        self.crash_before_remembering = False

    def look_up(self, query: KeyQuery) -> Refusal | None:
        self.reads += 1
        if query.key_id != self.key.id:
            return None
        if query.key_hash == hash_key_text(TEXT):
            return Refusal(self.key, "current", None)
        if query.key_hash == hash_key_text(OLD_TEXT) and self.old_until is not None:
            return Refusal(self.key, "previous", self.old_until)
        return Refusal(self.key, "unknown", None)

    def replace(self, before: ApiKey, after: ApiKey, entry: AuditEntry) -> None:
        if self.changes_of_others:
            self.changes_of_others -= 1
            self.key = replace(self.key, version=self.key.version + 1)
        if before != self.key:
            raise KeyChangedError
        self.key = after
        self.entries.append(entry)

    def revoke(self, account_id: str, key_id: UUID, entry: AuditEntry) -> None:
        assert (account_id, key_id) == (self.key.account_id, self.key.id)
        self.key = replace(self.key, stored_status="revoked")
        self.entries.append(entry)

    def standing(self, account_id: str, exposure_id: UUID) -> tuple[Action | None, bool]:
        assert account_id == self.key.account_id
        return self.chosen, exposure_id in self.told

    def tell(self, entry: AuditEntry) -> None:
        self.told.add(entry.id)
        self.entries.append(entry)

    def remember(self, entry: AuditEntry) -> None:
        if self.crash_before_remembering:
            raise DependencyUnavailableError("crash")
        self.told.add(entry.id)


def deal(kept: Kept, text: str = TEXT, *, url: str = URL, source: str = "commit", at: datetime = NOW) -> bool:
    leaked_keys = LeakedKeys(kept, kept, kept, PREFIX, Random(1))
    return leaked_keys.deal_with(Leak(text, url, source), replace(REPORTER, at=at))


@pytest.mark.parametrize(
    ("chosen", "done", "status"),
    [
        ("tell", "tell", "active"),
        ("disable", "disable", "disabled"),
        ("revoke", "revoke", "revoked"),
        (None, "disable", "disabled"),
    ],
)
def test_exposed_key_gets_the_chosen_action_or_is_disabled_by_default(
    chosen: Action | None, done: str, status: str
) -> None:
    kept = Kept(chosen=chosen)

    assert deal(kept)

    assert kept.key.stored_status == status
    (entry,) = kept.entries
    assert (entry.action, entry.account_id, entry.target_id) == ("api_key.exposed", ACCOUNT, str(KEY.id))
    assert entry.details == {"exposure": {"url": URL, "source": "commit", "action": done}}
    by = entry.origin.caller
    assert (by.kind, by.account_id, by.actor_id) == ("system", ACCOUNT, "github-secret-scanning")
    assert (entry.origin.source_ip, entry.origin.request_id, entry.origin.at) == ("192.0.2.30", "request-7", NOW)


def test_disabling_an_exposed_key_changes_nothing_else() -> None:
    kept = Kept(api_key(expires_at=NOW + SECOND, scopes=("orders:read",), updated_at=NOW - SECOND))
    before = kept.key

    deal(kept)

    assert kept.key == replace(before, stored_status="disabled", updated_at=NOW, version=before.version + 1)


@pytest.mark.parametrize("chosen", ["tell", "disable", "revoke"])
def test_repeated_report_of_an_exposure_is_recorded_once(chosen: Action) -> None:
    kept = Kept(chosen=chosen)
    for seconds in range(3):
        assert deal(kept, at=NOW + timedelta(seconds=seconds))

    assert len(kept.entries) == 1


def test_repeated_report_does_not_disable_a_reenabled_key() -> None:
    kept = Kept()
    deal(kept)
    kept.key = replace(kept.key, stored_status="active")

    assert deal(kept)

    assert kept.key.stored_status == "active"
    assert len(kept.entries) == 1


def test_exposure_in_another_place_is_recorded_and_disables_the_key_again() -> None:
    kept = Kept()
    deal(kept)
    kept.key = replace(kept.key, stored_status="active")

    deal(kept, url=URL + "?2")

    assert kept.key.stored_status == "disabled"
    assert len({entry.id for entry in kept.entries}) == 2


@pytest.mark.parametrize(("chosen", "status"), [("tell", "disabled"), ("disable", "disabled"), ("revoke", "revoked")])
def test_exposure_of_a_disabled_key_is_recorded_and_can_revoke_it(chosen: Action, status: str) -> None:
    kept = Kept(api_key(stored_status="disabled"), chosen=chosen)

    assert deal(kept)

    assert kept.key.stored_status == status
    assert [entry.details["exposure"]["action"] for entry in kept.entries] == [chosen]


@pytest.mark.parametrize(
    "key",
    [
        api_key(stored_status="revoked"),
        api_key(stored_status="expired"),
        api_key(expires_at=NOW),
    ],
    ids=["revoked", "expired", "expires now"],
)
def test_exposure_of_a_revoked_or_expired_key_changes_nothing(key: ApiKey) -> None:
    kept = Kept(key)

    assert deal(kept)

    assert kept.key == key
    assert (kept.entries, kept.told) == ([], set())


def test_previous_secret_counts_as_exposed_until_its_grace_period_ends() -> None:
    within, over = Kept(old_until=NOW + SECOND), Kept(old_until=NOW)

    assert deal(within, OLD_TEXT)
    assert deal(over, OLD_TEXT)

    assert len(within.entries) == 1
    assert over.entries == []


def test_another_secret_in_the_same_place_is_another_exposure() -> None:
    kept = Kept(old_until=NOW + SECOND, chosen="tell")

    deal(kept)
    deal(kept, OLD_TEXT)

    assert len({entry.id for entry in kept.entries}) == 2


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        (key_text(KEY, seed=3), 1),
        (key_text(api_key(2)), 1),
        (TEXT[:-1] + ("x" if TEXT[-1] != "x" else "y"), 0),
        (TEXT[1:], 0),
        ("", 0),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", 0),
        (PREFIX + "é" * 60, 0),
        (PREFIX + "\ud800" * 60, 0),
    ],
    ids=["other secret", "unknown key", "checksum", "prefix", "empty", "foreign token", "non-ASCII", "surrogates"],
)
def test_text_that_is_no_key_costs_at_most_one_read(text: str, reads: int) -> None:
    kept = Kept()

    assert not deal(kept, text)

    assert kept.reads == reads
    assert (kept.key, kept.entries) == (KEY, [])


def test_concurrently_changed_key_is_read_again() -> None:
    kept = Kept()
    kept.changes_of_others = 2

    assert deal(kept)

    assert kept.key.stored_status == "disabled"
    assert len(kept.entries) == 1


def test_constant_concurrent_changes_raise_a_dependency_error() -> None:
    kept = Kept()
    kept.changes_of_others = 10**6

    with pytest.raises(DependencyUnavailableError):
        deal(kept)
    assert kept.reads == 8


def test_crash_before_the_exposure_is_remembered_leaves_one_audit_id() -> None:
    kept = Kept()
    kept.crash_before_remembering = True
    with pytest.raises(DependencyUnavailableError):
        deal(kept)
    kept.crash_before_remembering = False
    assert deal(kept)

    assert kept.key.stored_status == "disabled"
    assert len({entry.id for entry in kept.entries}) == 1


def test_stored_url_and_source_contain_no_key_text() -> None:
    kept = Kept(chosen="tell")
    other = key_text(api_key(2))

    deal(kept, url=f"https://gist.example/{TEXT}/{other}.txt?{TEXT}", source=f"file {TEXT}")

    details: dict[str, Any] = kept.entries[0].details["exposure"]
    assert details["url"] == "https://gist.example/[key]/[key].txt?[key]"
    assert details["source"] == "file [key]"


def test_stored_url_and_source_are_cut_and_contain_no_part_of_a_key() -> None:
    kept = Kept(chosen="tell")
    long = "x" * (MAX_URL_LENGTH - 10) + TEXT + "y" * 300

    deal(kept, url=long, source="s" * 300)

    details = kept.entries[0].details["exposure"]
    assert details["url"] == ("x" * (MAX_URL_LENGTH - 10) + "[key]" + "y" * 5)
    assert len(details["source"]) == MAX_SOURCE_LENGTH


def test_exposure_without_a_url_is_recorded_once() -> None:
    kept = Kept(chosen="tell")
    deal(kept, url="")
    deal(kept, url="", source="npm")

    assert [entry.details["exposure"]["url"] for entry in kept.entries] == [""]


def test_repr_of_a_leak_contains_no_key_text() -> None:
    assert TEXT not in repr(Leak(TEXT, f"https://x/{TEXT}", "commit"))
