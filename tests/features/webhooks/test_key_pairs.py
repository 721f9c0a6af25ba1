"""Ed25519 key pairs: their form, their signatures, and their creation and rotation with a webhook."""

import base64
import re
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.changing import WebhookEditor, WebhookSettings, settings_of
from latchhook.webhooks.errors import TooManySecretsError
from latchhook.webhooks.key_pairs import StoredKeyPair, generate_private_key, public_key_of, signature_by
from latchhook.webhooks.registering import WebhookRegistry
from latchhook.webhooks.secrets import MAX_LIVE, live
from latchhook.webhooks.webhook import Webhook
from tests.features.webhooks.memory import LockBox, RememberedWebhooks
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, origin, webhook

LATER = NOW + SECOND
DAY = 86_400


# ---- Form and signatures ----


@given(st.randoms(use_true_random=False))
def test_new_private_key_has_the_specified_form(rng: Random) -> None:
    assert re.fullmatch(r"whsk_[A-Za-z0-9+/]{43}=", generate_private_key(rng))


def test_new_private_keys_differ() -> None:
    rng = Random(1)

    assert len({generate_private_key(rng) for _ in range(100)}) == 100


@given(st.randoms(use_true_random=False), st.binary())
def test_public_key_verifies_only_its_private_keys_signature(rng: Random, content: bytes) -> None:
    private_key = generate_private_key(rng)
    public_key = Ed25519PublicKey.from_public_bytes(public_key_of(private_key))

    signature = signature_by(private_key, content)

    public_key.verify(signature, content)
    for other in (content + b"\0", b"other" + content):
        with pytest.raises(InvalidSignature):
            public_key.verify(signature, other)


def test_first_test_vector_of_rfc_8032_is_reproduced() -> None:
    """RFC 8032, 7.1, TEST 1."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    private_key = "whsk_" + base64.b64encode(seed).decode()

    assert public_key_of(private_key).hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert signature_by(private_key, b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )


def test_public_key_is_shown_and_the_private_key_is_not() -> None:
    pair = StoredKeyPair(b"sealed", public_key=b"\xff" * 32)

    assert pair.shown == "whpk_" + base64.b64encode(b"\xff" * 32).decode()
    assert "sealed" not in repr(pair)


# ---- Settings of a webhook ----


def _editor(store: RememberedWebhooks, vault: LockBox | None = None, *, seed: object = 1) -> WebhookEditor:
    return WebhookEditor(store, vault or LockBox(), Random(repr(seed)))


def _switched(before: Webhook, *, on: bool, vault: LockBox | None = None) -> Webhook:
    store = RememberedWebhooks(before)
    return _editor(store, vault).change(
        before.id, lambda now: replace(settings_of(now), asymmetric_signatures=on), origin(at=LATER)
    )


def _with_pair() -> Webhook:
    return replace(_switched(webhook(secrets=(LockBox().seal(ACCOUNT, webhook().id, "first"),)), on=True), version=0)


def _private_key(of: Webhook, pair: StoredKeyPair) -> str:
    return LockBox().reveal(of.account_id, of.id, pair)


def test_new_webhook_has_a_key_pair_only_if_requested() -> None:
    store, vault = RememberedWebhooks(), LockBox()
    registry = WebhookRegistry(store=store, editor=_editor(store, vault), vault=vault, rng=Random(1))
    url = "https://receiver.example/"

    both = WebhookSettings(url, ("*",), asymmetric_signatures=True)
    asked = registry.create(both, secret=None, origin=origin()).webhook
    assert vault.sealed == 2
    not_asked = registry.create(WebhookSettings(url, ("*",)), secret=None, origin=origin()).webhook
    assert vault.sealed == 3

    (pair,) = asked.key_pairs
    assert pair.public_key == public_key_of(_private_key(asked, pair))
    assert not_asked.key_pairs == ()


def test_enabling_creates_a_pair_with_a_matching_private_key() -> None:
    before = webhook()

    after = _switched(before, on=True)

    (pair,) = after.key_pairs
    assert pair.signs_until is None
    assert pair.public_key == public_key_of(_private_key(after, pair))
    assert after == replace(before, key_pairs=(pair,), updated_at=LATER, version=1)


def test_enabling_again_keeps_the_pair() -> None:
    before, vault = _with_pair(), LockBox()

    assert _switched(before, on=True, vault=vault).key_pairs == before.key_pairs
    assert vault.sealed == 0


def test_other_changes_keep_the_pair() -> None:
    before = _with_pair()
    store = RememberedWebhooks(before)
    registry = WebhookRegistry(store=store, editor=_editor(store), vault=LockBox(), rng=Random(1))
    registry.editor.change(before.id, lambda now: replace(settings_of(now), description="laps"), origin())

    assert store.webhooks[before.id].key_pairs == before.key_pairs


def test_disabling_removes_every_pair_and_enabling_creates_a_new_one() -> None:
    rotating = RememberedWebhooks(_with_pair())
    _rotate(rotating, DAY)
    before = rotating.webhooks[webhook().id]
    assert len(before.key_pairs) == 2

    off = _switched(before, on=False)
    assert off.key_pairs == ()
    (pair,) = _switched(off, on=True).key_pairs
    assert pair.signs_until is None


# ---- Rotation ----


def _rotate(store: RememberedWebhooks, grace_seconds: int, *, at: int = 0, secret: str | None = None) -> None:
    _editor(store, seed=(grace_seconds, at)).rotate_secret(
        webhook().id, grace_seconds=grace_seconds, secret=secret, origin=origin(at=NOW + at * SECOND)
    )


def _signing(store: RememberedWebhooks, *, at: timedelta) -> list[bytes]:
    return [pair.public_key for pair in live(store.webhooks[webhook().id].key_pairs, NOW + at)]


@pytest.fixture
def store() -> RememberedWebhooks:
    return RememberedWebhooks(_with_pair())


def test_both_pairs_sign_until_the_grace_period_ends(store: RememberedWebhooks) -> None:
    (first,) = _signing(store, at=timedelta(0))

    _rotate(store, 60, secret="the caller's own secret")

    new, old = _signing(store, at=timedelta(0))
    assert (old, new != first) == (first, True)
    assert _signing(store, at=timedelta(seconds=60) - MILLISECOND) == [new, first]
    assert _signing(store, at=timedelta(seconds=60)) == [new]
    rotated = store.webhooks[webhook().id]
    assert [public_key_of(_private_key(rotated, pair)) for pair in rotated.key_pairs] == [new, first]


def test_without_a_grace_period_only_the_new_pair_signs(store: RememberedWebhooks) -> None:
    (first,) = _signing(store, at=timedelta(0))
    _rotate(store, 60)
    _rotate(store, 0, at=1)

    (new,) = _signing(store, at=SECOND)
    assert new != first
    assert len(store.webhooks[webhook().id].key_pairs) == 1


def test_rotation_creates_no_pair_for_a_webhook_without_pairs() -> None:
    store = RememberedWebhooks(webhook())
    _rotate(store, 60)

    assert store.webhooks[webhook().id].key_pairs == ()


def test_number_of_live_pairs_has_the_limit_of_live_secrets(store: RememberedWebhooks) -> None:
    for at in range(MAX_LIVE - 1):
        _rotate(store, 60, at=at)
    before = dict(store.webhooks)
    assert len(_signing(store, at=timedelta(seconds=4))) == MAX_LIVE

    with pytest.raises(TooManySecretsError):
        _rotate(store, 60, at=4)
    assert store.webhooks == before

    _rotate(store, 60, at=60)  # the first pair ends at this moment
    assert len(_signing(store, at=timedelta(seconds=60))) == MAX_LIVE


def test_private_key_is_neither_in_a_repr_nor_in_an_audit_entry(store: RememberedWebhooks) -> None:
    _rotate(store, 60)
    rotated = store.webhooks[webhook().id]

    for pair in rotated.key_pairs:
        private_key = _private_key(rotated, pair).removeprefix("whsk_")
        assert private_key not in repr(store.webhooks) + repr(store.entries)
        assert private_key.encode() not in pair.ciphertext
