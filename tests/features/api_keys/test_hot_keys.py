"""A key whose writes DynamoDB throttles: it is checked against its stored item and each use is counted later."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.hot_keys import HotKeyUses
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.limits import Credits
from latchhook.api_keys.verification import KeyQuery, KeyVerifier, Refusal, UseRequest
from latchhook.dependency_errors import DependencyUnavailableError, ThrottledError
from latchhook.permissions.requirements import all_of
from latchhook.rates import RateLimit
from tests.features.api_keys.memory import KeysInMemory
from tests.samples import NOW, PREFIX, SECOND, api_key, key_text, profile

KEY = api_key(scopes=("orders:read",))
QUESTION = KeyQuery(KEY.id, hash_key_text(key_text(KEY)), NOW, all_of(["orders:read"]))


class Keys:
    """A store whose writes return or raise `write`, and whose read returns `found`."""

    def __init__(self, write: ApiKey | Refusal | Exception | None, found: Refusal | None = None) -> None:
        self._write = write
        self._found = found
        self.reads = 0

    def record_use(self, query: KeyQuery) -> ApiKey | Refusal | None:
        if isinstance(self._write, Exception):
            raise self._write
        return self._write

    def look_up(self, query: KeyQuery) -> Refusal | None:
        self.reads += 1
        return self._found


class CountsKept:
    def __init__(self) -> None:
        self.uses: list[tuple[UUID, datetime, int]] = []

    def count_later(self, key_id: UUID, used_at: datetime, *, uses: int = 1) -> None:
        self.uses.append((key_id, used_at, uses))


class CountsLost:
    def count_later(self, key_id: UUID, used_at: datetime, *, uses: int = 1) -> None:
        raise DependencyUnavailableError("send_message: gone")


THROTTLED = ThrottledError("update_item: ThrottlingException")


def test_key_that_is_not_throttled_is_neither_read_nor_counted_later() -> None:
    keys, counts = Keys(KEY), CountsKept()

    assert HotKeyUses(keys, counts).record_use(QUESTION) == KEY
    assert (keys.reads, counts.uses) == (0, [])


def test_throttled_key_is_accepted_by_its_item_and_counted_later() -> None:
    counts = CountsKept()

    assert HotKeyUses(Keys(THROTTLED, Refusal(KEY, "current", None)), counts).record_use(QUESTION) == KEY
    assert counts.uses == [(KEY.id, NOW, 1)]


@pytest.mark.parametrize(
    "look_up",
    [
        Refusal(api_key(stored_status="revoked", scopes=("orders:read",)), "current", None),
        Refusal(api_key(stored_status="disabled", scopes=("orders:read",)), "current", None),
        Refusal(api_key(expires_at=NOW, scopes=("orders:read",)), "current", None),
        Refusal(KEY, "unknown", None),
        Refusal(KEY, "previous", NOW),
        Refusal(api_key(scopes=("orders:write",)), "current", None),
        Refusal(api_key(scopes=("orders:read",), ip_allow_list=("10.0.0.0/8",)), "current", None),
        Refusal(api_key(scopes=("orders:read",), credits=Credits(0)), "current", None),
        None,
    ],
)
def test_throttled_key_that_is_invalid_is_refused_and_not_counted(look_up: Refusal | None) -> None:
    counts = CountsKept()

    assert HotKeyUses(Keys(THROTTLED, look_up), counts).record_use(QUESTION) == look_up
    assert counts.uses == []


def test_previous_secret_of_a_throttled_key_works_in_the_grace_period() -> None:
    checks = HotKeyUses(Keys(THROTTLED, Refusal(KEY, "previous", NOW + SECOND)), CountsKept())

    assert checks.record_use(QUESTION) == KEY


def test_use_that_cannot_be_counted_is_not_accepted() -> None:
    checks = HotKeyUses(Keys(THROTTLED, Refusal(KEY, "current", None)), CountsLost())

    with pytest.raises(DependencyUnavailableError):
        checks.record_use(QUESTION)


def test_other_dependency_errors_are_raised() -> None:
    keys = Keys(DependencyUnavailableError("update_item: AccessDenied"), Refusal(KEY, "current", None))

    with pytest.raises(DependencyUnavailableError):
        HotKeyUses(keys, CountsKept()).record_use(QUESTION)
    assert keys.reads == 0


@pytest.mark.parametrize("limits", [{"credits": Credits(5)}, {"rate_limit": RateLimit(5, 60, 5)}], ids=str)
def test_throttling_of_a_key_with_limits_raises_a_dependency_error(limits: dict[str, Any]) -> None:
    """Only the conditional write can tell how much of the limit remains."""
    counts = CountsKept()
    keys = Keys(THROTTLED, Refusal(api_key(scopes=("orders:read",), **limits), "current", None))

    with pytest.raises(ThrottledError):
        HotKeyUses(keys, counts).record_use(QUESTION)
    assert counts.uses == []


def test_profile_of_a_throttled_key_is_still_checked() -> None:
    orders = profile(1)
    key, counts, store = api_key(scopes=("orders:write",), profile_id=orders.id), CountsKept(), KeysInMemory()
    store.put_profile(orders)
    uses = HotKeyUses(Keys(THROTTLED, Refusal(key, "current", None)), counts)
    verifier = KeyVerifier(PREFIX, uses, store, lambda: store, lambda: store)

    assert verifier.verify(key_text(key), UseRequest(all_of(["orders:read"])), now=NOW).valid
    assert verifier.verify(key_text(key), UseRequest(all_of(["orders:write"])), now=NOW).code == "INSUFFICIENT_SCOPE"
    assert [uses for _, _, uses in counts.uses] == [1]


def test_throttled_oauth_token_is_returned_with_its_own_end() -> None:
    token_ends_at = NOW + SECOND
    grant = api_key(scopes=("orders:read",), expires_at=NOW + 100 * SECOND)
    query = KeyQuery(grant.id, b"", NOW, is_token=True)
    found = HotKeyUses(Keys(THROTTLED, Refusal(grant, "previous", token_ends_at)), CountsKept()).record_use(query)
    assert isinstance(found, ApiKey)
    assert found.expires_at == token_ends_at
