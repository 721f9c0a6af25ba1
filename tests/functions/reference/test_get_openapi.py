"""GET /openapi.json."""

import base64
import gzip
import json

import pytest

from tests.functions.calls import ROOT, call, invoke, own_event

DOCUMENT = (ROOT / "functions/reference/openapi.json").read_bytes()


def ask(**headers: str) -> dict[str, object]:
    event = own_event("get_openapi")
    event["headers"] = {name.replace("_", "-"): value for name, value in headers.items()}
    answer: dict[str, object] = invoke("get_openapi", event)
    return answer


def headers_of(answer: dict[str, object]) -> dict[str, str]:
    headers = answer["headers"]
    assert isinstance(headers, dict)
    return headers


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "gzip; q=0.0, br"])
def test_document_is_served_as_it_was_built_without_gzip(accepted: str) -> None:
    answer = ask(accept_encoding=accepted)
    assert (answer["statusCode"], headers_of(answer)["content-type"]) == (200, "application/json")
    assert str(answer["body"]).encode() == DOCUMENT
    assert "content-encoding" not in headers_of(answer)


@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP;q=0.5", "*"])
def test_client_that_accepts_gzip_gets_a_tenth_of_the_bytes(accepted: str) -> None:
    answer = ask(accept_encoding=accepted)
    assert answer["isBase64Encoded"] is True
    assert headers_of(answer)["content-encoding"] == "gzip"
    sent = base64.b64decode(str(answer["body"]), validate=True)
    assert gzip.decompress(sent) == DOCUMENT
    assert len(sent) < len(DOCUMENT) / 5


def test_codings_have_different_entity_tags_and_the_cache_keeps_them_apart() -> None:
    plain, compressed = headers_of(ask()), headers_of(ask(accept_encoding="gzip"))
    assert plain["etag"] != compressed["etag"]
    assert plain["vary"] == compressed["vary"] == "accept-encoding"
    assert "max-age=" in plain["cache-control"]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_client_with_the_current_version_gets_304_without_a_body(coding: str, form: str) -> None:
    known = headers_of(ask(accept_encoding=coding))
    answer = ask(accept_encoding=coding, if_none_match=form.format(known["etag"]))
    assert answer["statusCode"] == 304
    assert "body" not in answer
    assert headers_of(answer)["etag"] == known["etag"]
    assert headers_of(answer)["cache-control"] == known["cache-control"]


def test_client_with_another_version_gets_the_document() -> None:
    assert ask(if_none_match='"0123456789abcdef"')["statusCode"] == 200
    assert json.loads(str(ask()["body"]))["openapi"].startswith("3.1")


@pytest.mark.parametrize("name", ["version", "limit"])
def test_unknown_query_parameter_is_422(name: str) -> None:
    answer = call("get_openapi", query={name: "1"})
    assert (answer.status, answer.pointers) == (422, [f"?{name}"])
