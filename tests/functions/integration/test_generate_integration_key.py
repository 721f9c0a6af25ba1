"""POST /integration/api-keys/generate (document 000)."""

import pytest

from tests.functions.callers import ACCOUNT, admin, operator
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.environment import KEY_PREFIX


def test_own_event_generates_the_key_that_it_names(cloud: Cloud) -> None:
    answer = call("generate_integration_key", admin())
    assert answer.status == 200
    assert list(answer.body) == ["apiKey", "name"]
    assert answer.body["name"] == "Production key"
    assert answer.body["apiKey"].startswith(KEY_PREFIX)
    assert cloud.audit(ACCOUNT) == ["api_key.created"]
    verdict = call("verify_api_key", operator(), body={"key": answer.body["apiKey"]}).body
    assert (verdict["code"], verdict["accountId"], verdict["scopes"]) == ("VALID", ACCOUNT, [])


@pytest.mark.parametrize("raw", [b"", b" ", b"{}", b"null", b'{"name": null}'])
def test_body_may_be_empty_and_the_name_is_api_key_then(raw: bytes) -> None:
    answer = call("generate_integration_key", admin(), raw=raw)
    assert (answer.status, answer.body["name"]) == (200, "API Key")


@pytest.mark.parametrize("name", ["", 7, "x" * 256, "a\u0000b"])
def test_name_that_is_no_name_is_422(name: object, cloud: Cloud) -> None:
    before = cloud.contents()
    answer = call("generate_integration_key", admin(), body={"name": name})
    assert (answer.status, answer.pointers) == (422, ["/name"])
    assert cloud.contents() == before
