"""Signatures of real deliveries, verified for every kind of secret by every library in Python and Node."""

import base64
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError

from latchhook.bootstrap.webhooks import secret_vault, webhooks_table
from latchhook.dependency_errors import DependencyUnavailableError
from local.receiver import Behaviour, Receiver
from tests.functions.callers import ACCOUNT, admin, made_webhook, published
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.receivers import ASYMMETRIC, LIBRARIES, PRODUCT, Delivery, Verifier

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Encrypt")
ENTITY = {"driver": "Zoë 🏁", "time": 81.532, "note": "a.b \u2028 \\ud800"}
OWN_BASE64 = base64.b64encode(bytes(range(200, 233))).decode()

SECRETS: dict[str, str | None] = {
    "generated": None,
    "own, base64": OWN_BASE64,
    "own, base64 with prefix": f"whsec_{OWN_BASE64}",
    "own, base64 without padding": base64.b64encode(bytes(range(200, 232))).decode().rstrip("="),
    "own, letters that are base64": "sixteencharacter",
}
RAW_SECRETS = {
    "own, words": "our own secret, from our vault",
    "own, not ASCII": "ünïcödë-sécrét-éé",
    "own, base64 for URLs": "c2l4dGVlbi1vci1tb3Jl_-8h",
    "own, one letter too many": "abcdefghijklmnopq",
}

by_every_library = pytest.mark.parametrize("verify", LIBRARIES.values(), ids=LIBRARIES)
by_public_key = pytest.mark.parametrize("verify", ASYMMETRIC.values(), ids=ASYMMETRIC)


def made(receiver: Receiver, **settings: Any) -> dict[str, Any]:
    return made_webhook(receiver.url("/"), **settings)


def changed(webhook: dict[str, Any], **patch: Any) -> dict[str, Any]:
    response = call("update_webhook", admin(), object_id=webhook["id"], body=patch)
    assert response.status == 200
    body: dict[str, Any] = response.body
    return body


def rotated(webhook: dict[str, Any], **body: Any) -> dict[str, Any]:
    response = call("rotate_webhook_secret", admin(), object_id=webhook["id"], body=body)
    assert response.status == 200
    rotated: dict[str, Any] = response.body
    return rotated


def delivered(cloud: Cloud, receiver: Receiver) -> Delivery:
    """Publish an event and return the only request."""
    receiver.clear()
    published(entity=ENTITY)
    cloud.run_event_path()
    (request,) = receiver.requests()
    return Delivery(request.headers, request.body)


def versions(delivery: Delivery) -> list[str]:
    return [token.partition(",")[0] for token in delivery.headers["webhook-signature"].split(" ")]


# ---- v1: by the secret ----


@by_every_library
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("asymmetric", [False, True], ids=["v1 alone", "v1a too"])
def test_library_verifies_a_delivery(
    verify: Verifier, secret: str | None, asymmetric: bool, cloud: Cloud, receiver: Receiver
) -> None:
    own = {} if secret is None else {"secret": secret}
    webhook = made(receiver, asymmetricSignatures=asymmetric, **own)
    delivery = delivered(cloud, receiver)
    assert versions(delivery) == (["v1", "v1a"] if asymmetric else ["v1"])
    assert verify(webhook["secret"], delivery)


@by_every_library
@pytest.mark.parametrize("secret", RAW_SECRETS.values(), ids=RAW_SECRETS)
def test_library_with_raw_bytes_verifies_a_secret_that_is_no_base64(
    verify: Verifier, secret: str, cloud: Cloud, receiver: Receiver
) -> None:
    made(receiver, secret=secret)
    assert verify(secret.encode(), delivered(cloud, receiver))


@by_every_library
def test_both_secrets_of_a_rotation_verify_until_the_previous_one_ends(
    verify: Verifier, cloud: Cloud, receiver: Receiver
) -> None:
    webhook = made(receiver, asymmetricSignatures=True)
    new = rotated(webhook, gracePeriodSeconds=60)
    delivery = delivered(cloud, receiver)
    assert versions(delivery) == ["v1", "v1", "v1a", "v1a"]
    assert verify(webhook["secret"], delivery)
    assert verify(new["secret"], delivery)

    newest = rotated(webhook)
    delivery = delivered(cloud, receiver)
    assert versions(delivery) == ["v1", "v1a"]
    assert [verify(secret, delivery) for secret in (webhook["secret"], new["secret"], newest["secret"])] == [
        False,
        False,
        True,
    ]


def tampered(delivery: Delivery) -> dict[str, Delivery]:
    """Return variants of a delivery that an attacker in between could create."""

    def with_header(name: str, value: str) -> Delivery:
        return replace(delivery, headers={**delivery.headers, name: value})

    signature = delivery.headers["webhook-signature"]
    versions_swapped = " ".join(
        f"{'v1' if version == 'v1a' else 'v1a'},{text}"
        for version, text in (token.split(",") for token in signature.split(" "))
    )
    timestamp = int(delivery.headers["webhook-timestamp"])
    return {
        "body": replace(delivery, body=delivery.body.replace(b"81.532", b"81.531")),
        "a space after the body": replace(delivery, body=delivery.body + b" "),
        "id": with_header("webhook-id", delivery.headers["webhook-id"][::-1]),
        "timestamp": with_header("webhook-timestamp", str(timestamp + 1)),
        "signature": with_header("webhook-signature", signature.swapcase().replace("V1", "v1").replace("v1A", "v1a")),
        "versions": with_header("webhook-signature", versions_swapped),
    }


@by_every_library
def test_library_refuses_a_tampered_delivery(verify: Verifier, cloud: Cloud, receiver: Receiver) -> None:
    webhook = made(receiver, asymmetricSignatures=True)
    delivery = delivered(cloud, receiver)
    assert verify(webhook["secret"], delivery)
    assert [name for name, changed in tampered(delivery).items() if verify(webhook["secret"], changed)] == []
    assert not verify("whsec_" + OWN_BASE64, delivery)


# ---- v1a: by the public key ----


@by_public_key
def test_public_key_verifies_a_delivery_and_refuses_a_tampered_one(
    verify: Verifier, cloud: Cloud, receiver: Receiver
) -> None:
    webhook = made(receiver, asymmetricSignatures=True)
    assert call("get_webhook", admin(), object_id=webhook["id"]).body["publicKeys"] == webhook["publicKeys"]
    (key,) = webhook["publicKeys"]
    delivery = delivered(cloud, receiver)
    assert verify(key, delivery)
    assert [name for name, changed in tampered(delivery).items() if verify(key, changed)] == []
    (other,) = made_webhook(account_id="globex", asymmetricSignatures=True)["publicKeys"]
    assert not verify(other, delivery)


@by_public_key
def test_both_public_keys_of_a_rotation_verify_until_the_old_one_ends(
    verify: Verifier, cloud: Cloud, receiver: Receiver
) -> None:
    webhook = made(receiver, asymmetricSignatures=True)
    new, old = rotated(webhook, gracePeriodSeconds=60)["publicKeys"]
    assert [old] == webhook["publicKeys"]
    delivery = delivered(cloud, receiver)
    assert verify(new, delivery)
    assert verify(old, delivery)

    (newest,) = rotated(webhook)["publicKeys"]
    delivery = delivered(cloud, receiver)
    assert [verify(key, delivery) for key in (old, new, newest)] == [False, False, True]


def test_asymmetric_signatures_can_be_switched_on_and_off(cloud: Cloud, receiver: Receiver) -> None:
    webhook = made(receiver)
    assert versions(delivered(cloud, receiver)) == ["v1"]

    on = changed(webhook, asymmetricSignatures=True)
    (key,) = on["publicKeys"]
    assert changed(webhook, asymmetricSignatures=True, description="again")["publicKeys"] == [key]
    delivery = delivered(cloud, receiver)
    assert ASYMMETRIC["cryptography"](key, delivery)
    assert LIBRARIES["standardwebhooks in Python"](webhook["secret"], delivery)

    off = changed(webhook, asymmetricSignatures=None)
    assert (off["asymmetricSignatures"], off["publicKeys"]) == (False, [])
    assert versions(delivered(cloud, receiver)) == ["v1"]
    assert changed(webhook, asymmetricSignatures=True)["publicKeys"] != [key]


def test_rotation_of_the_default_webhook_replaces_the_key_pair_at_once(cloud: Cloud, receiver: Receiver) -> None:
    call("put_webhook_settings", admin(), body={"webhookUrl": receiver.url("/")})
    (default,) = call("list_webhooks", admin()).body["data"]
    (before,) = changed(default, asymmetricSignatures=True)["publicKeys"]
    call("put_webhook_settings", admin(), body={"webhookUrl": receiver.url("/new")})
    (stayed,) = call("list_webhooks", admin()).body["data"]
    assert stayed["publicKeys"] == [before]

    secret = call("rotate_webhook_settings_secret", admin()).body["webhookSecret"]
    (after,) = call("list_webhooks", admin()).body["data"]
    delivery = delivered(cloud, receiver)
    assert versions(delivery) == ["v1", "v1a"]
    assert LIBRARIES["svix in Python"](secret, delivery)
    assert [ASYMMETRIC["cryptography"](key, delivery) for key in (before, *after["publicKeys"])] == [False, True]


def test_private_key_is_bound_to_its_account_and_webhook(cloud: Cloud, receiver: Receiver) -> None:
    ours, theirs = made(receiver, asymmetricSignatures=True), made_webhook(asymmetricSignatures=True, secret="x" * 16)
    webhooks = webhooks_table()
    mine, other = (webhooks.webhook(ACCOUNT, UUID(each["id"])) for each in (ours, theirs))
    vault = secret_vault()
    assert vault.reveal(ACCOUNT, mine.id, mine.key_pairs[0]).startswith("whsk_")
    for account_id, webhook_id in ((ACCOUNT, other.id), ("globex", mine.id)):
        with pytest.raises(DependencyUnavailableError):
            vault.reveal(account_id, webhook_id, mine.key_pairs[0])


def test_kms_outage_is_503_and_changes_nothing(cloud: Cloud, fail_operation: Fail) -> None:
    webhook = made_webhook()
    before = cloud.contents()
    with fail_operation("kms", "Encrypt", DENIED):
        body = {"asymmetricSignatures": True}
        assert call("update_webhook", admin(), object_id=webhook["id"], body=body).status == 503
    assert cloud.contents() == before


def test_event_about_a_webhook_contains_its_public_keys(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[410]))
    webhook = made(receiver, events=["order.created"], asymmetricSignatures=True)
    made_webhook(receiver.url("/told"), events=["webhook.disabled"])
    published(event="order.created")
    cloud.run_event_path()
    assert cloud.run_streams() == []
    cloud.run_event_path()
    (told,) = [request for request in receiver.requests() if request.path == "/told"]
    entity = json.loads(told.body)["entity"]
    assert (entity["id"], entity["publicKeys"]) == (webhook["id"], webhook["publicKeys"])
    assert set(entity) == {*webhook, "reason"} - {"secret"}


# ---- The product's own header ----


@pytest.mark.parametrize("verify", PRODUCT.values(), ids=PRODUCT)
@pytest.mark.parametrize("secret", [*SECRETS.values(), *RAW_SECRETS.values()], ids=[*SECRETS, *RAW_SECRETS])
def test_products_signature_uses_the_characters_of_the_newest_secret(
    verify: Verifier, secret: str | None, cloud: Cloud, receiver: Receiver
) -> None:
    own = {} if secret is None else {"secret": secret}
    webhook = made(receiver, asymmetricSignatures=True, **own)
    delivery = delivered(cloud, receiver)
    assert verify(webhook["secret"], delivery)
    assert not verify(webhook["secret"], replace(delivery, body=delivery.body + b" "))
    assert not verify(webhook["secret"] + "x", delivery)
    new = rotated(webhook, gracePeriodSeconds=60)["secret"]
    assert [verify(each, delivered(cloud, receiver)) for each in (webhook["secret"], new)] == [False, True]
