"""openapi.json is what the code says now, valid, and found where people look for it."""

import subprocess
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.openapi.conftest import DOCUMENT, ROOT, OpenApi


def test_document_is_not_stale() -> None:
    # In a process of its own: it imports every function, and functions keep the settings they were imported with.
    check = subprocess.run(
        [sys.executable, "-m", "local.openapi", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stderr


def test_document_is_valid_openapi_3_1(openapi: OpenApi) -> None:
    assert openapi.content["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(openapi.content).iter_errors()) == []


def test_document_stands_at_the_root_too() -> None:
    assert (ROOT / "openapi.json").resolve() == DOCUMENT.resolve()
