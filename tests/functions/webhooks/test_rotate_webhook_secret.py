"""POST /webhooks/{id}/rotate-secret."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import standardwebhooks
from botocore.exceptions import ClientError

from latchhook.webhooks.signatures import product_signature
from local.receiver import ReceivedRequest, Receiver
from tests.functions.callers import ACCOUNT, admin, holder, made_key, made_webhook, published
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.webhooks.test_create_webhook import OBJECT

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Encrypt")


def rotated(webhook: dict[str, Any], **body: object) -> Answered:
    return call("rotate_webhook_secret", admin(), object_id=webhook["id"], body=body)


def delivered(cloud: Cloud, receiver: Receiver) -> ReceivedRequest:
    receiver.clear()
    published()
    cloud.run_event_path()
    (request,) = receiver.requests()
    return request


def signing(request: ReceivedRequest, *secrets: str) -> list[str]:
    """Return the secrets with which the Standard Webhooks library verifies the request."""
    found = []
    for secret in secrets:
        try:
            standardwebhooks.Webhook(secret).verify(request.body, dict(request.headers))
        except standardwebhooks.WebhookVerificationError:
            continue
        found.append(secret)
    return found


def test_example_event_creates_a_secret_and_keeps_the_old_one_for_a_day(cloud: Cloud) -> None:
    made = made_webhook()
    response = call("rotate_webhook_secret", admin(), object_id=made["id"])
    assert response.status == 200
    assert list(response.body) == [*OBJECT, "secret", "previousSecretsSignUntil"]
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{40}", response.body["secret"])
    assert response.body["secret"] != made["secret"]
    until = datetime.fromisoformat(response.body["previousSecretsSignUntil"])
    assert abs(until - datetime.now(UTC) - timedelta(days=1)) < timedelta(minutes=1)
    assert response.body["secret"] not in str(cloud.contents())
    assert cloud.audit(ACCOUNT) == ["webhook.created", "webhook.secret_rotated"]


def test_both_secrets_sign_in_the_grace_period(cloud: Cloud, receiver: Receiver) -> None:
    made = made_webhook(receiver.url("/"))
    new = rotated(made, gracePeriodSeconds=60).body["secret"]
    request = delivered(cloud, receiver)
    assert signing(request, made["secret"], new) == [made["secret"], new]
    assert request.headers["x-latchhook-signature"] == product_signature(request.body, new)


def test_previous_secret_without_grace_period_signs_nothing(cloud: Cloud, receiver: Receiver) -> None:
    made = made_webhook(receiver.url("/"))
    between = rotated(made, gracePeriodSeconds=60).body["secret"]
    response = call("rotate_webhook_secret", admin(), object_id=made["id"], raw=b"")
    assert response.body["previousSecretsSignUntil"] is None
    new = response.body["secret"]
    assert signing(delivered(cloud, receiver), made["secret"], between, new) == [new]


def test_caller_can_choose_the_secret(cloud: Cloud, receiver: Receiver) -> None:
    own = "our own secret, from our vault"
    made = made_webhook(receiver.url("/"))
    assert rotated(made, secret=own).body["secret"] == own
    request = delivered(cloud, receiver)
    assert request.headers["x-latchhook-signature"] == product_signature(request.body, own)
    assert own not in str(cloud.contents())


def test_key_with_the_scope_rotates_the_secret() -> None:
    key = holder(made_key("webhooks:write")["key"])
    assert call("rotate_webhook_secret", key, object_id=made_webhook()["id"]).status == 200


def test_sixth_signing_secret_is_409_until_the_others_end(cloud: Cloud) -> None:
    made = made_webhook()
    for _ in range(4):
        assert rotated(made, gracePeriodSeconds=60).status == 200
    before = cloud.contents()
    response = rotated(made, gracePeriodSeconds=60)
    assert (response.status, response.code) == (409, "too_many_secrets")
    assert cloud.contents() == before
    assert rotated(made, gracePeriodSeconds=0).status == 200
    assert rotated(made, gracePeriodSeconds=604_800).status == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"gracePeriodSeconds": 604_801}, "/gracePeriodSeconds"),
        ({"gracePeriodSeconds": -1}, "/gracePeriodSeconds"),
        ({"gracePeriodSeconds": "60"}, "/gracePeriodSeconds"),
        ({"secret": "too-short"}, "/secret"),
        ({"secret": "too-long" * 33}, "/secret"),
    ],
)
def test_invalid_field_is_422_with_pointer(body: dict[str, object], pointer: str, cloud: Cloud) -> None:
    made = made_webhook()
    before = cloud.contents()
    response = rotated(made, **body)
    assert (response.status, response.pointers) == (422, [pointer])
    assert "too-" not in response.text
    assert cloud.contents() == before


def test_kms_outage_is_503_and_keeps_the_secret(cloud: Cloud, fail_operation: Fail) -> None:
    made = made_webhook()
    before = cloud.contents()
    with fail_operation("kms", "Encrypt", DENIED):
        assert rotated(made).status == 503
    assert cloud.contents() == before


# ---- Idempotency-Key ----


def rotated_by(key: str, webhook: dict[str, Any], **body: Any) -> Answered:
    headers = {"idempotency-key": key}
    return call("rotate_webhook_secret", admin(), object_id=webhook["id"], body=body, headers=headers)


def test_repeated_rotation_runs_once_and_returns_no_secret(cloud: Cloud) -> None:
    made = made_webhook(asymmetricSignatures=True)
    first = rotated_by("one", made, gracePeriodSeconds=60)
    assert "idempotency-replayed" not in first.headers
    assert first.body["previousSecretsSignUntil"] is not None
    before = cloud.contents()
    again = rotated_by("one", made, gracePeriodSeconds=60)
    assert (again.status, again.headers["idempotency-replayed"]) == (200, "true")
    assert again.body == {**first.body, "secret": None}
    assert cloud.contents() == before
    assert rotated_by("two", made).body["secret"] not in {None, first.body["secret"]}


def test_rotation_to_the_fifth_secret_can_be_repeated(cloud: Cloud) -> None:
    made = made_webhook()
    for _ in range(3):
        rotated(made, gracePeriodSeconds=60)
    first = rotated_by("one", made, gracePeriodSeconds=60)
    before = cloud.contents()
    assert rotated_by("one", made, gracePeriodSeconds=60).body == {**first.body, "secret": None}
    another = rotated_by("two", made, gracePeriodSeconds=60)
    assert (another.status, another.code) == (409, "too_many_secrets")
    assert cloud.contents() == before


def test_idempotency_key_for_another_webhook_or_grace_is_422(cloud: Cloud) -> None:
    made, other = made_webhook(), made_webhook()
    rotated_by("one", made)
    before = cloud.contents()
    for response in (rotated_by("one", other), rotated_by("one", made, gracePeriodSeconds=60)):
        assert (response.status, response.code) == (422, "idempotency_key_reused")
    assert cloud.contents() == before


def test_idempotency_key_of_a_creation_can_be_used_for_a_rotation() -> None:
    headers = {"idempotency-key": "one"}
    made = call("create_webhook", admin(), body={"url": "https://hooks.example.com/"}, headers=headers).body
    assert rotated_by("one", made).body["secret"] is not None
