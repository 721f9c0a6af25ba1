"""Imported keys, from the request body to the verification of their old key texts with the imported settings."""

import string
from hashlib import sha256
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from latchhook.api_keys.creation import KeySettings
from latchhook.api_keys.importing import KeyImporter
from latchhook.api_keys.verification import UseRequest
from latchhook.edge.responses.api_keys import api_key_response
from latchhook.edge.schemas.bulk_keys import ImportKeysBody
from latchhook.edge.schemas.validation import validate
from latchhook.permissions.requirements import all_of
from tests.features.api_keys.memory import KeysInMemory
from tests.samples import ACCOUNT, CATALOGUE, NOW, PREFIX, SECOND, key_text, origin

TEXTS = st.text(string.ascii_letters + string.digits + string.punctuation, min_size=16, max_size=256)
SETTINGS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"name": st.sampled_from(["Shop", "Zoë's key \U0001f3c1"])},
    optional={
        "description": st.none() | st.just("from the old system"),
        "scopes": st.lists(st.sampled_from(["orders:read", "orders:*", "*"]), unique=True, max_size=3),
        "expiresAt": st.none() | st.sampled_from(["2027-03-15T12:00:00.001Z", "2099-01-01T00:00:00Z"]),
        "metadata": st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), st.integers(), max_size=3),
        "rateLimit": st.fixed_dictionaries(
            {"limit": st.integers(5, 9), "windowSeconds": st.integers(1, 60), "burst": st.integers(2, 5)}
        ),
        "credits": st.fixed_dictionaries({"remaining": st.integers(1, 9)}),
        "ipAllowList": st.just(["203.0.113.0/24"]),
        "prefix": st.just("sk_live_"),
    },
)


def _hash(text: str, *, upper: bool = False) -> str:
    digest = sha256(text.encode()).hexdigest()
    return digest.upper() if upper else digest


def _import(store: KeysInMemory, keys: list[dict[str, Any]], account_id: str = ACCOUNT) -> list[str]:
    importer = KeyImporter(store, lambda: store, lambda: store, PREFIX, CATALOGUE, Random(1), lambda: store.requests)
    body = validate(ImportKeysBody, {"keys": keys})
    return [outcome for _, outcome in importer.run([one.imported() for one in body.keys], origin(account_id))]


@given(st.dictionaries(TEXTS, SETTINGS, min_size=1, max_size=4), st.booleans())
def test_imported_key_text_is_valid_with_its_settings(keys: dict[str, dict[str, Any]], upper: bool) -> None:
    store = KeysInMemory()
    outcomes = _import(store, [{**sent, "hash": _hash(text, upper=upper)} for text, sent in keys.items()])

    assert outcomes == ["created"] * len(keys)
    for text, sent in keys.items():
        required = all_of(["orders:read"] if sent.get("scopes") else [])
        verdict = store.verifier().verify(text, UseRequest(required, 1, "203.0.113.9"), now=NOW)
        assert verdict.valid
        assert verdict.key is not None
        shown = api_key_response(verdict.key, NOW)
        named = {name: value for name, value in sent.items() if name not in ("credits", "prefix")}
        assert {name: value for name, value in shown.items() if name in named} == named
        assert shown["requestCount"] == 1
        assert shown["credits"] == (
            {"remaining": sent["credits"]["remaining"] - 1, "refill": None} if "credits" in sent else None
        )


@given(TEXTS, TEXTS)
def test_other_key_text_is_invalid(text: str, other: str) -> None:
    store = KeysInMemory()
    _import(store, [{"name": "Shop", "hash": _hash(text)}])

    assert store.verifier().verify(other, UseRequest(), now=NOW).valid == (other == text)
    assert not store.verifier().verify(_hash(text), UseRequest(), now=NOW).valid


@given(TEXTS)
def test_repeated_import_changes_nothing(text: str) -> None:
    store = KeysInMemory()
    keys = [{"name": "Shop", "hash": _hash(text)}]
    _import(store, keys)
    rows = dict(store.rows)

    assert _import(store, keys) == ["exists"]
    assert _import(store, keys, "acct_2") == ["exists"]
    assert (store.rows, len(store.entries)) == (rows, 1)


def test_hash_of_an_issued_key_gives_no_access() -> None:
    """Knowing a hash without the key text does not move the key to another account."""
    store = KeysInMemory()
    ours = store.issuer().create(KeySettings(), origin())
    assert ours.text is not None

    assert _import(store, [{"name": "taken over", "hash": _hash(ours.text)}], "acct_2") == ["created"]

    verdict = store.verifier().verify(ours.text, UseRequest(), now=NOW)
    assert verdict.key is not None
    assert verdict.key.account_id == ACCOUNT


def test_key_text_in_our_format_is_never_an_imported_key() -> None:
    store = KeysInMemory()
    foreign = key_text(store.issuer().create(KeySettings(), origin()).key, 77)
    _import(store, [{"name": "Shop", "hash": _hash(foreign)}])

    assert store.verifier().verify(foreign, UseRequest(), now=NOW).code == "NOT_FOUND"


@given(TEXTS)
def test_imported_key_is_rotated_to_our_format_with_a_grace_period(text: str) -> None:
    store = KeysInMemory()
    _import(store, [{"name": "Shop", "hash": _hash(text)}])
    (key_id,) = store.rows

    issued = store.issuer().rotate(key_id, grace_seconds=60, origin=origin())

    assert issued.text is not None
    assert issued.text.startswith(PREFIX)
    verify = store.verifier().verify
    assert [verify(one, UseRequest(), now=NOW).code for one in (issued.text, text)] == ["VALID", "VALID"]
    assert [verify(one, UseRequest(), now=NOW + 60 * SECOND).code for one in (issued.text, text)] == [
        "VALID",
        "EXPIRED",
    ]
