"""POST /integration/webhook-settings/rotate-secret."""

from botocore.exceptions import ClientError
from standardwebhooks import Webhook

from local.receiver import Receiver
from tests.functions.callers import ACCOUNT, admin, published
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.signed import signed_by

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Encrypt")


def test_new_secret_is_returned_and_stored(cloud: Cloud) -> None:
    before = call("get_webhook_settings", admin()).body
    response = call("rotate_webhook_settings_secret", admin())
    assert response.status == 200
    assert list(response.body) == ["webhookUrl", "webhookSecret"]
    assert response.body["webhookSecret"] != before["webhookSecret"]
    assert call("get_webhook_settings", admin()).body == response.body
    assert "webhook.secret_rotated" in cloud.audit(ACCOUNT)


def test_rotation_works_before_the_first_read() -> None:
    response = call("rotate_webhook_settings_secret", admin())
    assert response.body["webhookUrl"] is None
    assert call("get_webhook_settings", admin()).body == response.body


def test_previous_secret_signs_no_later_delivery(cloud: Cloud, receiver: Receiver) -> None:
    call("put_webhook_settings", admin(), body={"webhookUrl": receiver.url("/")})
    old = call("get_webhook_settings", admin()).body["webhookSecret"]
    published()
    new = call("rotate_webhook_settings_secret", admin()).body["webhookSecret"]
    cloud.run_event_path()
    (request,) = receiver.requests()
    assert len(request.headers["webhook-signature"].split()) == 1
    Webhook(new).verify(request.body, dict(request.headers))
    assert signed_by(request, new)
    assert not signed_by(request, old)


def test_kms_outage_is_503_and_keeps_the_secret(fail_operation: Fail) -> None:
    before = call("get_webhook_settings", admin()).body
    with fail_operation("kms", "Encrypt", DENIED):
        assert call("rotate_webhook_settings_secret", admin()).status == 503
    assert call("get_webhook_settings", admin()).body == before
