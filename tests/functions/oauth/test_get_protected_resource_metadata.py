"""The metadata of this API as a protected resource (RFC 9728), and where a 401 names it."""

import json

from tests.functions.calls import NOBODY, call, invoke, own_event

HOST = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
METADATA = f"{HOST}/.well-known/oauth-protected-resource"


def test_metadata_names_the_authorization_server() -> None:
    returned = invoke("get_protected_resource_metadata", own_event("get_protected_resource_metadata"))
    assert json.loads(returned["body"]) == {
        "resource": HOST,
        "authorization_servers": [HOST],
        "bearer_methods_supported": ["header"],
    }


def test_refusal_without_credentials_names_the_metadata() -> None:
    challenge = call("list_api_keys", NOBODY).headers["www-authenticate"]
    assert challenge == f'Bearer realm="latchhook", resource_metadata="{METADATA}", ApiKey realm="latchhook"'


def test_refusal_of_a_token_says_that_the_token_is_invalid() -> None:
    challenge = call("list_api_keys", {"authorization": "Bearer lhat_x"}).headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="latchhook", error="invalid_token", resource_metadata=')
