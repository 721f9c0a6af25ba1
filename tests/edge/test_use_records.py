"""Records of uses and refusals. A failed record does not change the result of the verification."""

from datetime import datetime

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.limits import Credits
from latchhook.api_keys.verification import Code, KeyVerifier, UseRequest
from latchhook.dependency_errors import DependencyUnavailableError, ThrottledError
from latchhook.edge.use_records import LoggedUseRecords
from tests.features.api_keys.memory import KeysInMemory
from tests.samples import NOW, PREFIX, api_key, key_text


class Counts:
    """A store of refusals that records them or raises."""

    def __init__(self, raises: Exception | None = None) -> None:
        self.raises = raises
        self.counted: list[tuple[ApiKey, Code, datetime]] = []

    def count_refusal(self, key: ApiKey, code: Code, now: datetime) -> None:
        if self.raises is not None:
            raise self.raises
        self.counted.append((key, code, now))

    def limit_reached(self, key: ApiKey, now: datetime) -> None:
        if self.raises is not None:
            raise self.raises


def test_refusal_is_counted() -> None:
    counts = Counts()

    LoggedUseRecords(counts).count_refusal(api_key(), "EXPIRED", NOW)

    assert counts.counted == [(api_key(), "EXPIRED", NOW)]


@pytest.mark.parametrize(
    "outage", [DependencyUnavailableError("update_item: gone"), ThrottledError("update_item: too many")]
)
def test_refusal_that_cannot_be_counted_is_returned_and_logged(
    outage: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    key, store = api_key(stored_status="revoked"), KeysInMemory()
    text = key_text(key)
    verifier = KeyVerifier(PREFIX, store, LoggedUseRecords(Counts(outage)), lambda: store, lambda: store)
    store.put(key, hash_key_text(text))

    assert verifier.verify(text, UseRequest(), now=NOW).code == "REVOKED"
    (record,) = caplog.records
    assert (record.message, record.levelname) == ("refusal not counted", "ERROR")
    assert text not in str(vars(record))


def test_unexpected_error_is_raised() -> None:
    with pytest.raises(KeyError):
        LoggedUseRecords(Counts(KeyError("x"))).count_refusal(api_key(), "EXPIRED", NOW)


def test_use_is_valid_when_the_spent_limit_cannot_be_recorded(caplog: pytest.LogCaptureFixture) -> None:
    key, store = api_key(credits=Credits(1)), KeysInMemory()
    store.put(key, hash_key_text(key_text(key)))
    gone = LoggedUseRecords(Counts(DependencyUnavailableError("transact_write_items: gone")))

    assert (
        KeyVerifier(PREFIX, store, gone, lambda: store, lambda: store)
        .verify(key_text(key), UseRequest(), now=NOW)
        .valid
    )
    (record,) = caplog.records
    assert (record.message, record.levelname) == ("limit not recorded", "ERROR")
