"""A key that DynamoDB throttles: still checked against its own item, and every accepted use counted later."""

from datetime import datetime
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.hot_keys import HotKeyChecks
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.verification import Question, Refusal
from latchhook.outages import StoreUnavailableError, ThrottledError
from tests.samples import NOW, SECOND, api_key, key_text

KEY = api_key(scopes=("orders:read",))
QUESTION = Question(KEY.id, hash_key_text(key_text(KEY)), ("orders:read",), NOW)


class Keys:
    """A store whose write answers, or raises, what the test says, and whose read finds `found`."""

    def __init__(self, write: ApiKey | Refusal | Exception | None, found: Refusal | None = None) -> None:
        self._write = write
        self._found = found
        self.reads = 0

    def count_use(self, question: Question) -> ApiKey | Refusal | None:
        if isinstance(self._write, Exception):
            raise self._write
        return self._write

    def presented(self, question: Question) -> Refusal | None:
        self.reads += 1
        return self._found


class CountsKept:
    def __init__(self) -> None:
        self.uses: list[tuple[UUID, datetime]] = []

    def count_later(self, key_id: UUID, used_at: datetime) -> None:
        self.uses.append((key_id, used_at))


class CountsLost:
    def count_later(self, key_id: UUID, used_at: datetime) -> None:
        raise StoreUnavailableError("send_message: gone")


THROTTLED = ThrottledError("update_item: ThrottlingException")


def test_a_key_that_can_be_written_is_neither_read_nor_counted_later() -> None:
    keys, counts = Keys(KEY), CountsKept()

    assert HotKeyChecks(keys, counts).count_use(QUESTION) == KEY
    assert (keys.reads, counts.uses) == (0, [])


def test_a_throttled_key_is_accepted_by_its_item_and_counted_later() -> None:
    counts = CountsKept()

    assert HotKeyChecks(Keys(THROTTLED, Refusal(KEY, "current", None)), counts).count_use(QUESTION) == KEY
    assert counts.uses == [(KEY.id, NOW)]


@pytest.mark.parametrize(
    "presented",
    [
        Refusal(api_key(stored_status="revoked", scopes=("orders:read",)), "current", None),
        Refusal(api_key(stored_status="disabled", scopes=("orders:read",)), "current", None),
        Refusal(api_key(expires_at=NOW, scopes=("orders:read",)), "current", None),
        Refusal(KEY, "unknown", None),
        Refusal(KEY, "previous", NOW),
        Refusal(api_key(scopes=("orders:write",)), "current", None),
        None,
    ],
)
def test_a_throttled_key_that_does_not_hold_is_refused_and_not_counted(presented: Refusal | None) -> None:
    counts = CountsKept()

    assert HotKeyChecks(Keys(THROTTLED, presented), counts).count_use(QUESTION) == presented
    assert counts.uses == []


def test_a_throttled_keys_previous_secret_holds_in_its_grace() -> None:
    checks = HotKeyChecks(Keys(THROTTLED, Refusal(KEY, "previous", NOW + SECOND)), CountsKept())

    assert checks.count_use(QUESTION) == KEY


def test_a_use_that_cannot_be_counted_is_not_accepted() -> None:
    checks = HotKeyChecks(Keys(THROTTLED, Refusal(KEY, "current", None)), CountsLost())

    with pytest.raises(StoreUnavailableError):
        checks.count_use(QUESTION)


def test_any_other_outage_is_an_outage() -> None:
    keys = Keys(StoreUnavailableError("update_item: AccessDenied"), Refusal(KEY, "current", None))

    with pytest.raises(StoreUnavailableError):
        HotKeyChecks(keys, CountsKept()).count_use(QUESTION)
    assert keys.reads == 0
