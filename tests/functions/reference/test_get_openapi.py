"""GET /openapi.json."""

import base64
import gzip
import json

import pytest

from tests.functions.calls import ROOT, call, invoke, own_event

DOCUMENT = (ROOT / "functions/reference/openapi.json").read_bytes()


def send_request(**headers: str) -> dict[str, object]:
    event = own_event("get_openapi")
    event["headers"] = {name.replace("_", "-"): value for name, value in headers.items()}
    response: dict[str, object] = invoke("get_openapi", event)
    return response


def headers_of(response: dict[str, object]) -> dict[str, str]:
    headers = response["headers"]
    assert isinstance(headers, dict)
    return headers


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "gzip; q=0.0, br"])
def test_document_is_served_unchanged_without_gzip(accepted: str) -> None:
    response = send_request(accept_encoding=accepted)
    assert (response["statusCode"], headers_of(response)["content-type"]) == (200, "application/json")
    assert str(response["body"]).encode() == DOCUMENT
    assert "content-encoding" not in headers_of(response)


@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP;q=0.5", "*"])
def test_client_that_accepts_gzip_gets_a_fifth_of_the_bytes(accepted: str) -> None:
    response = send_request(accept_encoding=accepted)
    assert response["isBase64Encoded"] is True
    assert headers_of(response)["content-encoding"] == "gzip"
    sent = base64.b64decode(str(response["body"]), validate=True)
    assert gzip.decompress(sent) == DOCUMENT
    assert len(sent) < len(DOCUMENT) / 5


def test_encodings_have_different_entity_tags_and_vary() -> None:
    plain, compressed = headers_of(send_request()), headers_of(send_request(accept_encoding="gzip"))
    assert plain["etag"] != compressed["etag"]
    assert plain["vary"] == compressed["vary"] == "accept-encoding"
    assert "max-age=" in plain["cache-control"]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_client_with_the_current_version_gets_304_without_a_body(coding: str, form: str) -> None:
    known = headers_of(send_request(accept_encoding=coding))
    response = send_request(accept_encoding=coding, if_none_match=form.format(known["etag"]))
    assert response["statusCode"] == 304
    assert "body" not in response
    assert headers_of(response)["etag"] == known["etag"]
    assert headers_of(response)["cache-control"] == known["cache-control"]


def test_client_with_another_version_gets_the_document() -> None:
    assert send_request(if_none_match='"0123456789abcdef"')["statusCode"] == 200
    assert json.loads(str(send_request()["body"]))["openapi"].startswith("3.1")


@pytest.mark.parametrize("name", ["version", "limit"])
def test_unknown_query_parameter_is_422(name: str) -> None:
    response = call("get_openapi", query={name: "1"})
    assert (response.status, response.pointers) == (422, [f"?{name}"])
