"""Endpoints with signed requests: the order of their checks, and their refusals."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.endpoint import Response
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.request import MAX_BODY_BYTES
from latchhook.edge.signed_endpoint import SignedDescription, SignedEndpoint, SignedRequest
from tests.edge.requests import http_event
from tests.samples import NOW, MovableClock

SIGNED = {"github-public-key-identifier": "key-1", "github-public-key-signature": "signature"}


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 12_345


class Signer:
    """A checker of signatures that accepts the given contents."""

    def __init__(self, *contents: bytes) -> None:
        self.contents = contents
        self.asked: list[tuple[str, str, bytes]] = []
        self.is_down = False

    def holds(self, key_id: str, signature: str, content: bytes) -> bool:
        self.asked.append((key_id, signature, content))
        if self.is_down:
            raise DependencyUnavailableError("no keys")
        return content in self.contents


def read(document: Any) -> Sequence[Any]:
    if not isinstance(document, list):
        raise InvalidFieldsError([FieldError("", "This must be an array.")])
    return document


class Endpoint:
    """A signed endpoint that returns the request body."""

    def __init__(self, signer: Signer) -> None:
        self.requests: list[SignedRequest[Sequence[Any]]] = []
        description = SignedDescription(
            summary="Do it", description="Does it.", read=read, item_schema="", answer_item=dict
        )
        self.endpoint = SignedEndpoint(
            self.operation,
            description,
            signatures=lambda: signer,
            clock=MovableClock(),
            header_prefix="X-Latchhook",
        )

    def operation(self, request: SignedRequest[Sequence[Any]]) -> Response:
        """Record the request and return its body."""
        self.requests.append(request)
        return Response(200, request.body)

    def send(self, body: str | bytes | None, headers: Mapping[str, str] = SIGNED) -> tuple[int, Any]:
        response = self.endpoint(http_event(body, headers=headers), Context())
        return response["statusCode"], json.loads(response["body"])


def test_signed_request_is_answered() -> None:
    signer = Signer(b'[1, "\xc3\xa9"]')
    endpoint = Endpoint(signer)

    assert endpoint.send('[1, "é"]') == (200, [1, "é"])

    assert signer.asked == [("key-1", "signature", b'[1, "\xc3\xa9"]')]
    (request,) = endpoint.requests
    assert (request.now, request.millis_left(), request.raw.request_id) == (NOW, 12_345, "request-1")


def test_signature_covers_the_base64_decoded_body() -> None:
    assert Endpoint(Signer(b"[1]\n")).send(b"[1]\n") == (200, [1])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"github-public-key-identifier": "key-1"},
        {"github-public-key-signature": "signature"},
        {**SIGNED, "github-public-key-signature": ""},
        {**SIGNED, "github-public-key-identifier": ""},
        {"authorization": "Bearer token", "x-api-key": "key"},
    ],
)
def test_missing_signature_is_401_without_a_check(headers: Mapping[str, str]) -> None:
    signer = Signer(b"[]")
    endpoint = Endpoint(signer)

    status, problem = endpoint.send("[]", headers)

    assert (status, problem["code"]) == (401, "missing_signature")
    assert (signer.asked, endpoint.requests) == ([], [])


@pytest.mark.parametrize("body", ["[2]", "{", "", None, "[1] "], ids=str)
def test_invalid_signature_is_401_for_any_body(body: str | None) -> None:
    endpoint = Endpoint(Signer(b"[1]"))

    status, problem = endpoint.send(body)

    assert (status, problem["code"]) == (401, "invalid_signature")
    assert endpoint.requests == []


def test_unavailable_public_keys_are_503_instead_of_401() -> None:
    signer = Signer()
    signer.is_down = True
    endpoint = Endpoint(signer)

    assert endpoint.send("[]")[0] == 503
    assert endpoint.requests == []


def test_body_of_256_kib_is_accepted_and_a_larger_one_is_413() -> None:
    largest = "[" + " " * (MAX_BODY_BYTES - 2) + "]"
    signer = Signer(largest.encode())
    endpoint = Endpoint(signer)

    assert endpoint.send(largest) == (200, [])
    assert endpoint.send(largest + " ")[0] == 413
    assert len(signer.asked) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "malformed_request"),
        ("[NaN]", 400, "malformed_request"),
        ("[" * 100 + "]" * 100, 400, "malformed_request"),
        (b"[\xff]", 400, "malformed_request"),
        ("{}", 422, "invalid_fields"),
        ("", 422, "invalid_fields"),
    ],
    ids=str,
)
def test_signed_invalid_body_is_refused(body: str | bytes, status: int, code: str) -> None:
    endpoint = Endpoint(Signer(body if isinstance(body, bytes) else body.encode()))

    answered, problem = endpoint.send(body)

    assert (answered, problem["code"]) == (status, code)
    assert endpoint.requests == []


def test_media_type_is_checked_after_the_signature() -> None:
    endpoint = Endpoint(Signer(b"[]"))

    assert endpoint.send("[]", {**SIGNED, "content-type": "text/plain"})[0] == 415
    assert endpoint.send("[1]", {**SIGNED, "content-type": "text/plain"})[0] == 401


def test_every_request_is_one_log_line_without_its_content(log: io.StringIO) -> None:
    Endpoint(Signer(b'["a token"]')).send('["a token"]')

    (line,) = [json.loads(line) for line in log.getvalue().splitlines()]
    assert (line["message"], line["status"], line["request_id"]) == ("request", 200, "request-1")
    assert "a token" not in log.getvalue()


def test_signed_body_with_a_duplicate_member_is_malformed() -> None:
    body = '[{"token": "a", "token": "b"}]'

    status, problem = Endpoint(Signer(body.encode())).send(body)

    assert (status, problem["code"]) == (400, "malformed_request")
    assert problem["detail"] == "An object in the body has two members with the same name."


def test_query_parameters_are_checked_after_the_signature() -> None:
    for contents, expected in (((b"[]",), 422), ((), 401)):
        endpoint = Endpoint(Signer(*contents))
        event = http_event("[]", headers=SIGNED, query={"dryRun": "1"})
        assert endpoint.endpoint(event, Context())["statusCode"] == expected
        assert endpoint.requests == []
