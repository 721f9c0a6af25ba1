"""A request as an endpoint sees it: the caller known, the body checked, ids and paging read."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NoReturn, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.audit import Origin
from latchhook.edge import cursors
from latchhook.edge.errors import (
    DuplicateMemberError,
    FieldError,
    InvalidFieldsError,
    MalformedRequestError,
    RequestTooLargeError,
    UnsupportedMediaTypeError,
)
from latchhook.edge.known_routes import refuse_wrong_method
from latchhook.identity.caller import Caller
from latchhook.pages import Position

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
"""RFC 7396. Which of the two a PATCH is sent as makes no difference."""

MAX_BODY_BYTES = 256 * 1024
MAX_PAGE = 100
MAX_NUMBER_LENGTH = 9
"""Digits of a number in a query."""
MAX_DEPTH = 64
"""Levels of a body. What is read here is written and read again where less of the stack may be left."""


B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class RawRequest:
    """An HTTP request as API Gateway hands it over (payload 2.0): nothing checked yet."""

    event: Mapping[str, Any] = field(repr=False)

    @property
    def request_id(self) -> str:
        """API Gateway's id of the request; it stands in every problem document and log line."""
        return str(self.event["requestContext"]["requestId"])

    @property
    def source_ip(self) -> str:
        """The address that API Gateway saw; never one from a header."""
        return str(self.event["requestContext"]["http"]["sourceIp"])

    @property
    def route(self) -> str:
        """`METHOD /path/{parameter}` as the template has it."""
        return str(self.event["routeKey"])

    @property
    def domain_name(self) -> str:
        """The host that API Gateway was called by; empty where the event does not say."""
        return str(self.event["requestContext"].get("domainName", ""))

    @property
    def api_id(self) -> str:
        """API Gateway's id of the API; empty where the event does not say."""
        return str(self.event["requestContext"].get("apiId", ""))

    @property
    def method(self) -> str:
        """The request's own method, `HEAD` for example."""
        return str(self.event["requestContext"]["http"]["method"])

    @property
    def path(self) -> str:
        """The path as it was sent, decoded, without the query."""
        return str(self.event["rawPath"])

    def header(self, name: str) -> str | None:
        """One header's value; API Gateway hands names over in lower case."""
        headers: Mapping[str, str] = self.event.get("headers", {})
        return headers.get(name)

    def query_names(self) -> Sequence[str]:
        """The names of the query's parameters, each as often as it was sent."""
        text: str = self.event.get("rawQueryString") or ""
        names = [name for name, _ in parse_qsl(text, keep_blank_values=True)] if text else []
        parameters: Mapping[str, str] = self.event.get("queryStringParameters") or {}
        return names or list(parameters)

    def json(self, *, empty: Any = None) -> Any:
        """The body as JSON, `empty` when there is none.

        Raises `RequestTooLargeError`, `UnsupportedMediaTypeError` and `MalformedRequestError`.
        """
        content = self.content()
        if not content.strip():
            return empty
        media_type = (self.header("content-type") or "").partition(";")[0].strip().lower()
        if media_type != JSON and not (media_type == MERGE_PATCH and self.route.startswith("PATCH ")):
            raise UnsupportedMediaTypeError
        return read_json(content)

    def content(self) -> bytes:
        """The body as it was sent, empty when there is none; raises `RequestTooLargeError`, `MalformedRequestError`."""
        content = self._content()
        if len(content) > MAX_BODY_BYTES:
            raise RequestTooLargeError
        return content

    def _content(self) -> bytes:
        body = self.event.get("body") or ""
        if not self.event.get("isBase64Encoded"):
            content = str(body).encode("utf-8", "surrogatepass")
            # API Gateway hands JSON over as text, with U+FFFD, three bytes long, for what was no UTF-8: what was sent
            # is lost then, and the text is longer than it.
            if "\ufffd" in body and self.header("content-length") not in (None, str(len(content))):
                raise MalformedRequestError
            return content
        try:
            return base64.b64decode(body, validate=True)
        except ValueError:
            raise MalformedRequestError from None


@dataclass(frozen=True, slots=True)
class Request(Generic[B]):
    """A request whose caller is known and may use the endpoint; `body` is checked against the endpoint's schema."""

    raw: RawRequest
    caller: Caller
    body: B
    now: datetime
    key: ApiKey | None = None
    """The caller's own API key, if that was the credential."""

    @property
    def origin(self) -> Origin:
        """Where it comes from, for the audit log."""
        return Origin(self.caller, self.raw.source_ip, self.raw.request_id, self.now)

    @property
    def account_id(self) -> str:
        """The account that the caller acts for."""
        return self.caller.account_id

    @property
    def own_key(self) -> ApiKey:
        """The caller's own API key, where an endpoint takes no other credential."""
        if self.key is None:
            raise TypeError("the endpoint takes other credentials as well")
        return self.key

    def path_id(self, missing: type[Exception], name: str = "id") -> UUID:
        """The `{id}` of the path. Raises `missing` for a text that cannot be an id, as for an unknown id.

        Raises `MethodNotAllowedError` if the path is another route, `/api-keys/verify` for example.
        """
        text: str = self.raw.event["pathParameters"][name]
        object_id = _to_id(text)
        if object_id is None:
            refuse_wrong_method(self.raw.method, self.raw.path, domain=self.raw.domain_name)
            raise missing
        return object_id

    def path_text(self, name: str) -> str:
        """A part of the path as it was sent."""
        text: str = self.raw.event["pathParameters"][name]
        return text

    def page(self, list_name: str, *, default_limit: int) -> tuple[int, Position | None]:
        """The `limit` (1 to 100) and the place where the page starts; raises `InvalidFieldsError`."""
        limit = self.query_number("limit", default=default_limit, most=MAX_PAGE)
        cursor = self.query("cursor")
        return limit, None if cursor is None else cursors.decode(cursor, self.account_id, list_name)

    def query(self, name: str) -> str | None:
        """A query parameter as it was sent, None if it was not; API Gateway joins one that came twice by a comma."""
        parameters: Mapping[str, str] = self.raw.event.get("queryStringParameters") or {}
        return parameters.get(name)

    def query_number(self, name: str, *, default: int, least: int = 1, most: int) -> int:
        """A query parameter that is a whole number from `least` to `most`; raises `InvalidFieldsError`."""
        text = self.query(name)
        if text is None:
            return default
        is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_NUMBER_LENGTH
        if not (is_number and least <= int(text) <= most):
            raise InvalidFieldsError([FieldError(f"?{name}", f"This must be a whole number from {least} to {most}.")])
        return int(text)

    def query_ids(self, name: str, *, most: int) -> list[UUID] | None:
        """A query parameter that names things by their ids, with commas between, each once; None if it is not there.

        What can't be an id names nothing. Raises `InvalidFieldsError` for no text at all and for more than `most`.
        """
        text = self.query(name)
        if text is None:
            return None
        names = text.split(",")
        if not text or len(names) > most:
            raise InvalidFieldsError([FieldError(f"?{name}", f"This must be 1 to {most} ids.")])
        ids = dict.fromkeys(_to_id(each) for each in names)
        return [object_id for object_id in ids if object_id is not None]


def _to_id(text: str) -> UUID | None:
    try:
        object_id = UUID(text)
    except ValueError:
        return None
    # Python also takes braces, urn:uuid: and no hyphens.
    return object_id if str(object_id) == text.lower() else None


def read_json(content: bytes) -> Any:
    """The document; raises `MalformedRequestError` for invalid JSON, a repeated member and more than 64 levels."""
    try:
        document = json.loads(
            content.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_object_of_unique_members
        )
    except (ValueError, RecursionError):
        raise MalformedRequestError from None
    # Most bodies have too few brackets to be deep, and then nobody looks further.
    if content.count(b"[") + content.count(b"{") > MAX_DEPTH and _is_too_deep(document):
        raise MalformedRequestError
    return document


def _is_too_deep(document: Any) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _members(outer) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _members(outer: Any) -> Iterable[Any]:
    return outer.values() if isinstance(outer, dict) else outer


def _object_of_unique_members(members: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Parsers disagree about which of two members with the same name is the value (RFC 8259, 4)."""
    document = dict(members)
    if len(document) < len(members):
        raise DuplicateMemberError
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
