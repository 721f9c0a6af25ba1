"""A key that DynamoDB throttles: still checked against its own item, and every accepted use counted later."""

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
    """A store whose writes answer, or raise, what the test says, and whose read finds `found`."""

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


def test_a_key_that_can_be_written_is_neither_read_nor_counted_later() -> None:
    keys, counts = Keys(KEY), CountsKept()

    assert HotKeyUses(keys, counts).record_use(QUESTION) == KEY
    assert (keys.reads, counts.uses) == (0, [])


def test_a_throttled_key_is_accepted_by_its_item_and_counted_later() -> None:
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
def test_a_throttled_key_that_does_not_hold_is_refused_and_not_counted(look_up: Refusal | None) -> None:
    counts = CountsKept()

    assert HotKeyUses(Keys(THROTTLED, look_up), counts).record_use(QUESTION) == look_up
    assert counts.uses == []


def test_a_throttled_keys_previous_secret_holds_in_its_grace() -> None:
    checks = HotKeyUses(Keys(THROTTLED, Refusal(KEY, "previous", NOW + SECOND)), CountsKept())

    assert checks.record_use(QUESTION) == KEY


def test_a_use_that_cannot_be_counted_is_not_accepted() -> None:
    checks = HotKeyUses(Keys(THROTTLED, Refusal(KEY, "current", None)), CountsLost())

    with pytest.raises(DependencyUnavailableError):
        checks.record_use(QUESTION)


def test_any_other_outage_is_an_outage() -> None:
    keys = Keys(DependencyUnavailableError("update_item: AccessDenied"), Refusal(KEY, "current", None))

    with pytest.raises(DependencyUnavailableError):
        HotKeyUses(keys, CountsKept()).record_use(QUESTION)
    assert keys.reads == 0


@pytest.mark.parametrize("limits", [{"credits": Credits(5)}, {"rate_limit": RateLimit(5, 60, 5)}], ids=str)
def test_a_throttled_key_with_limits_is_an_outage(limits: dict[str, Any]) -> None:
    """What it has left can only be told by the write."""
    counts = CountsKept()
    keys = Keys(THROTTLED, Refusal(api_key(scopes=("orders:read",), **limits), "current", None))

    with pytest.raises(ThrottledError):
        HotKeyUses(keys, counts).record_use(QUESTION)
    assert counts.uses == []


def test_a_throttled_keys_profile_is_asked_all_the_same() -> None:
    orders = profile(1)
    key, counts, store = api_key(scopes=("orders:write",), profile_id=orders.id), CountsKept(), KeysInMemory()
    store.put_profile(orders)
    uses = HotKeyUses(Keys(THROTTLED, Refusal(key, "current", None)), counts)
    verifier = KeyVerifier(PREFIX, uses, store, lambda: store)

    assert verifier.verify(key_text(key), UseRequest(all_of(["orders:read"])), now=NOW).valid
    assert verifier.verify(key_text(key), UseRequest(all_of(["orders:write"])), now=NOW).code == "INSUFFICIENT_SCOPE"
    assert [uses for _, _, uses in counts.uses] == [1]
