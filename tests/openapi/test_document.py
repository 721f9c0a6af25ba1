"""openapi.json is up to date, valid, and available at the repository's root."""

import subprocess
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.openapi.conftest import DOCUMENT, ROOT, OpenApi


def test_document_is_up_to_date() -> None:
    # In a separate process, because it imports every function, and functions keep their settings from the import.
    check = subprocess.run(
        [sys.executable, "-m", "local.openapi", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stderr


def test_document_is_valid_openapi_3_1(openapi: OpenApi) -> None:
    assert openapi.content["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(openapi.content).iter_errors()) == []


def test_document_is_linked_from_the_root() -> None:
    assert (ROOT / "openapi.json").resolve() == DOCUMENT.resolve()


def test_bounds_of_numbers_have_the_names_of_json_schema() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert not [name for name in ("ge", "gt", "le", "lt") if f'"{name}":' in text]
