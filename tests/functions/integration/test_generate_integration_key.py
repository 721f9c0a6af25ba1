"""POST /integration/api-keys/generate."""

import pytest

from tests.functions.callers import ACCOUNT, admin, operator
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.environment import KEY_PREFIX


def test_example_event_generates_the_named_key(cloud: Cloud) -> None:
    response = call("generate_integration_key", admin())
    assert response.status == 200
    assert list(response.body) == ["apiKey", "name"]
    assert response.body["name"] == "Production key"
    assert response.body["apiKey"].startswith(KEY_PREFIX)
    assert cloud.audit(ACCOUNT) == ["api_key.created"]
    verdict = call("verify_api_key", operator(), body={"key": response.body["apiKey"]}).body
    assert (verdict["code"], verdict["accountId"], verdict["scopes"]) == ("VALID", ACCOUNT, [])


@pytest.mark.parametrize("raw", [b"", b" ", b"{}", b'{"name": null}'])
def test_empty_body_uses_the_default_name(raw: bytes) -> None:
    response = call("generate_integration_key", admin(), raw=raw)
    assert (response.status, response.body["name"]) == (200, "API Key")


def test_body_null_is_422(cloud: Cloud) -> None:
    before = cloud.contents()
    response = call("generate_integration_key", admin(), raw=b"null")
    assert (response.status, response.pointers) == (422, [""])
    assert cloud.contents() == before


@pytest.mark.parametrize("name", ["", 7, "x" * 256, "a\u0000b"])
def test_invalid_name_is_422(name: object, cloud: Cloud) -> None:
    before = cloud.contents()
    response = call("generate_integration_key", admin(), body={"name": name})
    assert (response.status, response.pointers) == (422, ["/name"])
    assert cloud.contents() == before
