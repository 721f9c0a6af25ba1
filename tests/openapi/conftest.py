"""The shared parts of the tests of openapi.json: the checked-in document and its operations."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "functions" / "reference" / "openapi.json"


@dataclass(frozen=True)
class Operation:
    """An operation with its method and path."""

    method: str
    path: str
    content: Mapping[str, Any]

    @property
    def is_public(self) -> bool:
        """Whether the operation requires no credentials."""
        return not self.content["security"]

    @property
    def schemes(self) -> set[str]:
        """The accepted credentials."""
        return {scheme for alternative in self.content["security"] for scheme in alternative}

    @property
    def is_signed(self) -> bool:
        """Whether the caller signs the body, with GitHub's protocol."""
        return self.schemes == {"githubSignature"}

    @property
    def responses(self) -> Mapping[str, Any]:
        """The responses to accepted requests, by status."""
        responses: Mapping[str, Any] = self.content["responses"]
        return {status: responses[status] for status in responses if status[0] == "2" or status == "303"}

    @property
    def refusals(self) -> Mapping[str, Any]:
        """The problem documents, by status."""
        return {status: response for status, response in self.content["responses"].items() if status[0] in "45"}


@dataclass(frozen=True)
class OpenApi:
    """The document."""

    content: Mapping[str, Any]

    @property
    def operations(self) -> list[Operation]:
        """All operations that clients call."""
        return list(_operations(self.content["paths"]))

    @property
    def sent_operations(self) -> list[Operation]:
        """All operations that receivers implement."""
        return list(_operations(self.content["webhooks"]))

    def resolved(self, thing: Mapping[str, Any]) -> Any:
        """Return the target of a reference, or the value itself."""
        if "$ref" not in thing:
            return thing
        found: Any = self.content
        for part in thing["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return found

    def faults(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        """Return the violations of a schema of the document in `value`, with formats checked."""
        whole = {**schema, "components": self.content["components"]}
        validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def _operations(paths: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in paths.items():
        for method, content in methods.items():
            yield Operation(method.upper(), path, content)


@cache
def checked_in() -> OpenApi:
    """Return the checked-in document."""
    return OpenApi(json.loads(DOCUMENT.read_text(encoding="utf-8")))


@pytest.fixture
def openapi() -> OpenApi:
    return checked_in()
