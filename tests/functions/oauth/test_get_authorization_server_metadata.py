"""The metadata of the authorization server (RFC 8414)."""

import json

import pytest

from oauth import get_authorization_server_metadata
from tests.functions.calls import invoke, own_event

HOST = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"


def metadata(base: str = "") -> dict[str, object]:
    """Read the metadata below a base path."""
    event = own_event("get_authorization_server_metadata")
    event["rawPath"] = f"{base}/.well-known/oauth-authorization-server"
    returned = invoke("get_authorization_server_metadata", event)
    assert (returned["statusCode"], returned["headers"]["content-type"]) == (200, "application/json")
    found: dict[str, object] = json.loads(returned["body"])
    return found


def test_metadata_names_the_endpoints_below_the_base_path() -> None:
    found = metadata("/api/v1")
    assert found["issuer"] == f"{HOST}/api/v1"
    assert found["authorization_endpoint"] == f"{HOST}/api/v1/oauth/authorize"
    assert found["token_endpoint"] == f"{HOST}/api/v1/oauth/token"
    assert found["revocation_endpoint"] == f"{HOST}/api/v1/oauth/revoke"
    assert found["introspection_endpoint"] == f"{HOST}/api/v1/oauth/introspect"


def test_metadata_offers_only_what_rfc_9700_allows() -> None:
    found = metadata()
    assert found["response_types_supported"] == ["code"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]


def test_parameter_names_the_issuer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_authorization_server_metadata, "configured_issuer", "https://id.example.com/")
    assert metadata()["issuer"] == "https://id.example.com"
