"""The API reference: Markdown pages made from openapi.json, one for each tag, so that the site's search finds them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from local.docs_site.fields import Schemas, field_table

DIRECTORY = Path("reference/api")
ERRORS = "../errors.md"
INTRODUCTION = """\
# API reference

All routes of the API. A deployment serves the same as OpenAPI 3.1 at `GET /openapi.json`, without a credential. The
[API conventions](api-conventions.md) apply to every route.
"""
FORM = "application/x-www-form-urlencoded"
TO_RECEIVERS = "POST (the webhook's URL)"
"""The route of a delivery, which openapi.json describes in its `webhooks` section."""

Document = Mapping[str, Any]


def api_pages(document: Path) -> Mapping[Path, str]:
    """Return the pages of a document by path. The first page lists all routes, in place of docs/reference/api.md."""
    content = json.loads(document.read_text(encoding="utf-8"))
    overview = [INTRODUCTION]
    pages = {}
    for tag in (each["name"] for each in content["tags"]):
        name = f"{tag.lower().replace(' ', '-')}.md"
        operations = list(_operations(content, tag))
        pages[DIRECTORY / name] = _page(content, tag, operations)
        overview.append(_overview(tag, name, operations))
    return {DIRECTORY.with_suffix(".md"): "\n".join(overview), **pages}


def _operations(content: Document, tag: str) -> Iterator[tuple[str, Document]]:
    for path, methods in content["paths"].items():
        for method, operation in methods.items():
            if operation["tags"] == [tag]:
                yield f"{method.upper()} {path}", operation
    for methods in content["webhooks"].values():
        if methods["post"]["tags"] == [tag]:
            yield TO_RECEIVERS, methods["post"]


def _overview(tag: str, name: str, operations: Sequence[tuple[str, Document]]) -> str:
    rows = [f"| `{route}` | [{each['summary']}](api/{name}#{_anchor(each)}) |" for route, each in operations]
    return "\n".join([f"## {tag}\n", "| route | operation |", "|---|---|", *rows, ""])


def _anchor(operation: Document) -> str:
    return str(operation["operationId"]).lower()


def _page(content: Document, tag: str, operations: Sequence[tuple[str, Document]]) -> str:
    return "\n\n".join([f"# {tag}", *(_operation(content, route, each) for route, each in operations)]) + "\n"


def _operation(content: Document, route: str, operation: Document) -> str:
    schemas: Schemas = content["components"]["schemas"]
    parts = [
        f"## {operation['summary']} {{ #{_anchor(operation)} }}",
        f"```text\n{route}\n```",
        operation["description"],
        *_parameters(content, operation),
        *_request(schemas, operation),
    ]
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            parts += _response(schemas, status, response)
    return "\n\n".join([*parts, *_problems(operation)])


def _parameters(content: Document, operation: Document) -> Iterator[str]:
    rows = []
    for parameter in operation.get("parameters", []):
        if "$ref" in parameter:
            parameter = content["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]  # noqa: PLW2901
        required = ", required" if parameter.get("required") else ""
        rows.append(f"| `{parameter['name']}` | {parameter['in']}{required} | {_cell(parameter['description'])} |")
    if rows:
        yield "\n".join(["| parameter | in | meaning |", "|---|---|---|", *rows])


def _request(schemas: Schemas, operation: Document) -> Iterator[str]:
    body = operation.get("requestBody")
    if body is None:
        return
    if FORM in body["content"]:
        content = body["content"][FORM]
        yield f"**Request body** (`{FORM}`)"
        yield from _described(schemas, content, [])
        yield f"```text\n{urlencode(content['example']).replace('&', chr(10) + '&')}\n```"
        return
    content = body["content"]["application/json"]
    yield "**Request body**" if body.get("required") else "**Request body** (can be empty)"
    yield from _described(schemas, content, [content["example"]])


def _response(schemas: Schemas, status: str, response: Document) -> Iterator[str]:
    yield f"**Response {status}**"
    if "headers" in response:
        yield f"Headers: {', '.join(f'`{name}`' for name in response['headers'])}."
    content = response.get("content", {}).get("application/json")
    if content is None:
        yield response["description"]
        return
    examples = [each["value"] for each in content.get("examples", {}).values()] or [content["example"]]
    yield from _described(schemas, content, examples)


def _described(schemas: Schemas, content: Document, examples: Sequence[Any]) -> Iterator[str]:
    """Yield the table of fields, and the examples."""
    table = field_table(schemas, content["schema"])
    if table:
        yield table
    for example in examples:
        yield f"```json\n{json.dumps(example, indent=2, ensure_ascii=False)}\n```"


def _problems(operation: Document) -> Iterator[str]:
    """Yield the list of the operation's error codes by status, with links to their descriptions."""
    lines = []
    for status, response in operation["responses"].items():
        shared = response.get("$ref", "").rpartition("/")[2]
        if shared:
            title, _, codes = response["description"].partition(": ")
            lines.append(f"- [{status} {title}]({ERRORS}#{status}-{title.lower().replace(' ', '-')}): {codes}")
    if lines:
        yield "\n".join(["**Errors**", "", *lines])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
