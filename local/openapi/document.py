"""Builds the whole document: routes in the template's order, then the shared components."""

import json
import tomllib
from typing import Any

from latchhook.edge.required_scopes import NAMED_SCHEMAS
from latchhook.edge.signed_endpoint import SIGNATURE_HEADER
from local.declared_functions import declared_functions
from local.openapi import operations, problems, receiver
from local.openapi.oauth import CLIENT_CREDENTIALS
from local.openapi.schemas import NamedSchemas
from local.stages import ROOT

DESCRIPTION = """\
API keys and signed webhooks.

Request bodies are JSON of at most 256 KiB. Unknown fields, unknown query parameters and duplicate fields are refused. \
Times are RFC 3339 in UTC. Lists return `data` and `nextCursor`: send `nextCursor` as `cursor` to get the next page. \
Every error is a problem document (RFC 9457) with a stable `code`. An object of another account returns 404, like an \
object that does not exist."""


def document_text() -> str:
    """Return the document's text."""
    return json.dumps(_document(), indent=2, ensure_ascii=False) + "\n"


def _document() -> dict[str, Any]:
    schemas = NamedSchemas()
    paths: dict[str, dict[str, Any]] = {}
    for function in declared_functions():
        if function.route is not None:
            methods = paths.setdefault(function.route.path, {})
            methods[function.route.method.lower()] = operations.operation(function, schemas)
    named = {
        **schemas.components(),
        **NAMED_SCHEMAS,
        "Event": receiver.SCHEMA,
        "Problem": problems.SCHEMA,
        "ProblemCode": problems.CODE_SCHEMA,
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Latchhook",
            "version": _version(),
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "The host of this document."}],
        "tags": [{"name": name} for name in _tags(paths)],
        "paths": paths,
        "webhooks": receiver.webhooks(),
        "components": {
            "securitySchemes": _security_schemes(),
            "parameters": operations.parameters(),
            "headers": problems.RATE_LIMIT_HEADERS,
            "responses": problems.responses(),
            "schemas": dict(sorted(named.items())),
        },
    }


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def _tags(paths: dict[str, dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(operation["tags"][0] for methods in paths.values() for operation in methods.values()))


def _security_schemes() -> dict[str, Any]:
    return {
        operations.SESSION_TOKEN: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A signed-in user's session token, an OAuth access token, or the operator's service token.",
        },
        operations.API_KEY: {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "An API key. It acts for its account, within its scopes.",
        },
        CLIENT_CREDENTIALS: {
            "type": "http",
            "scheme": "basic",
            "description": "The id and the secret of an OAuth client. They can also be fields of the form.",
        },
        operations.GITHUB_SIGNATURE: {
            "type": "apiKey",
            "in": "header",
            "name": SIGNATURE_HEADER,
            "description": "GitHub's ECDSA signature (P-256, SHA-256) of the raw body, as base64 of DER.",
        },
    }
