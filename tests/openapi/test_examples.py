"""Every example fits its schema and contains no real secret."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook

from latchhook.api_keys.errors import MalformedKeyError
from latchhook.api_keys.key_format import parse_key_text
from latchhook.webhooks.secrets import signing_bytes
from tests.openapi.conftest import DOCUMENT, OpenApi, checked_in


def _media_types() -> Iterator[tuple[str, Mapping[str, Any]]]:
    document = checked_in()
    for operation in [*document.operations, *document.sent_operations]:
        name = operation.content["operationId"]
        if "requestBody" in operation.content:
            (content, *_) = operation.content["requestBody"]["content"].values()
            yield f"{name} request", content
        for status, response in operation.responses.items():
            if "application/json" in response.get("content", ()):
                yield f"{name} {status}", response["content"]["application/json"]
    for name, response in document.content["components"]["responses"].items():
        yield name, response["content"]["application/problem+json"]


def _parameters() -> Iterator[tuple[str, Mapping[str, Any]]]:
    document = checked_in()
    yield from document.content["components"]["parameters"].items()
    for operation in [*document.operations, *document.sent_operations]:
        for parameter in operation.content["parameters"]:
            if "$ref" not in parameter:
                yield f"{operation.content['operationId']} {parameter['name']}", parameter


MEDIA_TYPES = list(_media_types())
PARAMETERS = list(_parameters())


def _examples(media_type: Mapping[str, Any]) -> list[Any]:
    if "example" in media_type:
        return [media_type["example"]]
    return [example["value"] for example in media_type["examples"].values()]


@pytest.mark.parametrize(("_name", "media_type"), MEDIA_TYPES, ids=[name for name, _ in MEDIA_TYPES])
def test_example_fits_its_schema(_name: str, media_type: Mapping[str, Any], openapi: OpenApi) -> None:
    examples = _examples(media_type)
    assert examples
    assert [openapi.faults(media_type["schema"], example) for example in examples] == [[]] * len(examples)


@pytest.mark.parametrize(("_name", "media_type"), MEDIA_TYPES, ids=[name for name, _ in MEDIA_TYPES])
def test_example_has_only_fields_of_its_schema(_name: str, media_type: Mapping[str, Any], openapi: OpenApi) -> None:
    schema = openapi.resolved(media_type["schema"])
    if "properties" in schema:
        for example in _examples(media_type):
            assert set(example) <= set(schema["properties"])


@pytest.mark.parametrize(("_name", "parameter"), PARAMETERS, ids=[name for name, _ in PARAMETERS])
def test_parameter_example_fits_its_schema(_name: str, parameter: Mapping[str, Any], openapi: OpenApi) -> None:
    if "example" in parameter:
        assert openapi.faults(parameter["schema"], parameter["example"]) == []


@pytest.mark.parametrize(("_name", "parameter"), PARAMETERS, ids=[name for name, _ in PARAMETERS])
def test_optional_header_or_cursor_has_no_example_that_tools_send(_name: str, parameter: Mapping[str, Any]) -> None:
    is_sent = parameter["in"] == "header" or parameter["name"] == "cursor"
    assert not (is_sent and not parameter.get("required") and "example" in parameter)


def test_examples_use_neutral_names() -> None:
    text = DOCUMENT.read_text(encoding="utf-8").lower()
    assert not re.findall(r"\b(?:laps?|garage|setup\.\w+|race|erp)\b", text)


def test_formats_are_checked() -> None:
    assert {"date-time", "uuid"} <= set(Draft202012Validator.FORMAT_CHECKER.checkers)


def test_example_keys_are_malformed() -> None:
    keys = set(re.findall(r"lh_live_\w{20,}", DOCUMENT.read_text(encoding="utf-8")))
    assert keys
    for key in keys:
        with pytest.raises(MalformedKeyError):
            parse_key_text("lh_live_", key)


def test_example_webhook_secrets_contain_readable_text() -> None:
    secrets = set(re.findall(r"whsec_[\w+/=]+", DOCUMENT.read_text(encoding="utf-8")))
    assert secrets
    for secret in secrets:
        assert b"example" in signing_bytes(secret)


def test_example_signatures_are_valid(openapi: OpenApi) -> None:
    (operation,) = openapi.sent_operations
    headers = {parameter["name"]: parameter["example"] for parameter in operation.content["parameters"]}
    example = operation.content["requestBody"]["content"]["application/json"]["example"]
    body = json.dumps(example, separators=(",", ":"))
    created = openapi.content["paths"]["/webhooks"]["post"]["responses"]["201"]["content"]["application/json"]
    sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signature = Webhook(_examples(created)[0]["secret"]).sign(headers["webhook-id"], sent_at, body)
    assert signature == headers["webhook-signature"]
