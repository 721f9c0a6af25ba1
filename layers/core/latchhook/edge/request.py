"""Requests: the raw request from API Gateway, and the checked request that an operation gets."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NoReturn, TypeVar
from urllib.parse import parse_qsl, unquote
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
from latchhook.idempotency_records import IdempotencyKey
from latchhook.identity.caller import ACCOUNT_ID_RULE, Caller, is_account_id
from latchhook.pages import Position

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
"""RFC 7396. A PATCH accepts both media types, with the same meaning."""

MAX_BODY_BYTES = 256 * 1024
MAX_PAGE = 100
MAX_NUMBER_LENGTH = 9
"""Maximum digits of a number in a query."""
MAX_DEPTH = 64
"""Maximum nesting levels of a body. The limit leaves a margin, because the document is later written and read again
with less stack left."""


B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class RawRequest:
    """An unchecked HTTP request from API Gateway (payload 2.0)."""

    event: Mapping[str, Any] = field(repr=False)

    @property
    def request_id(self) -> str:
        """API Gateway's id of the request. Every problem document and log line contains it."""
        return str(self.event["requestContext"]["requestId"])

    @property
    def source_ip(self) -> str:
        """The caller's address as seen by API Gateway. No header can change it."""
        return str(self.event["requestContext"]["http"]["sourceIp"])

    @property
    def route(self) -> str:
        """The route in the template: `METHOD /path/{parameter}`."""
        return str(self.event["routeKey"])

    @property
    def domain_name(self) -> str:
        """The host name of the request; empty if the event does not contain it."""
        return str(self.event["requestContext"].get("domainName", ""))

    @property
    def api_id(self) -> str:
        """API Gateway's id of the API; empty if the event does not contain it."""
        return str(self.event["requestContext"].get("apiId", ""))

    @property
    def method(self) -> str:
        """The request's method, for example `HEAD`."""
        return str(self.event["requestContext"]["http"]["method"])

    @property
    def path(self) -> str:
        """The decoded path of the request, without the query."""
        return str(self.event["rawPath"])

    def header(self, name: str) -> str | None:
        """Return a header's value. `name` is in lower case, as in API Gateway's events."""
        headers: Mapping[str, str] = self.event.get("headers", {})
        return headers.get(name)

    def query_names(self) -> Sequence[str]:
        """Return the names of the query parameters. A repeated parameter is repeated here."""
        text: str = self.event.get("rawQueryString") or ""
        names = [name for name, _ in parse_qsl(text, keep_blank_values=True)] if text else []
        parameters: Mapping[str, str] = self.event.get("queryStringParameters") or {}
        return names or list(parameters)

    def json(self, *, empty: Any = None) -> Any:
        """Return the body as JSON; `empty` if there is no body.

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
        """Return the body's bytes, empty without a body. Raises `RequestTooLargeError` and `MalformedRequestError`."""
        content = self._content()
        if len(content) > MAX_BODY_BYTES:
            raise RequestTooLargeError
        return content

    def _content(self) -> bytes:
        body = self.event.get("body") or ""
        if not self.event.get("isBase64Encoded"):
            content = str(body).encode("utf-8", "surrogatepass")
            # API Gateway passes JSON on as text and replaces invalid UTF-8 with U+FFFD, which has three bytes. The
            # original bytes are then lost, and the text is longer than the Content-Length.
            if "\ufffd" in body and self.header("content-length") not in (None, str(len(content))):
                raise MalformedRequestError
            return content
        try:
            return base64.b64decode(body, validate=True)
        except ValueError:
            raise MalformedRequestError from None


@dataclass(frozen=True, slots=True)
class Request(Generic[B]):
    """A request of a permitted caller. `body` is checked against the endpoint's schema."""

    raw: RawRequest
    caller: Caller
    body: B
    now: datetime
    key: ApiKey | None = None
    """The caller's API key, if the credential was an API key."""
    idempotency_key: IdempotencyKey | None = None
    """From the header `Idempotency-Key`, if the endpoint takes it."""

    @property
    def origin(self) -> Origin:
        """The origin of the request for the audit log."""
        return Origin(self.caller, self.raw.source_ip, self.raw.request_id, self.now)

    @property
    def account_id(self) -> str:
        """The account that the caller acts for."""
        return self.caller.account_id

    @property
    def own_key(self) -> ApiKey:
        """The caller's API key, for endpoints that accept no other credential."""
        if self.key is None:
            raise TypeError("the endpoint accepts other credentials than API keys")
        return self.key

    def path_id(self, missing: type[Exception], name: str = "id") -> UUID:
        """Return the `{id}` of the path. Raises `missing` for a malformed id, the same error as for an unknown id.

        Raises `MethodNotAllowedError` if the path belongs to another route, for example `/api-keys/verify`.
        """
        text: str = self.raw.event["pathParameters"][name]
        object_id = _to_id(text)
        if object_id is None:
            refuse_wrong_method(self.raw.method, self.raw.path, domain=self.raw.domain_name)
            raise missing
        return object_id

    def path_text(self, name: str) -> str:
        """Return a path parameter as text. A name with a colon can be sent as `%3A`."""
        return unquote(self.raw.event["pathParameters"][name])

    def path_account(self) -> str:
        """Return the path parameter `accountId`. Raises `InvalidFieldsError`."""
        account_id = self.path_text("accountId")
        if not is_account_id(account_id):
            raise InvalidFieldsError([FieldError("{accountId}", ACCOUNT_ID_RULE)])
        return account_id

    def page(self, list_name: str, *, default_limit: int) -> tuple[int, Position | None]:
        """Return the `limit` (1 to 100) and the position where the page starts. Raises `InvalidFieldsError`."""
        limit = self.query_number("limit", default=default_limit, most=MAX_PAGE)
        cursor = self.query("cursor")
        return limit, None if cursor is None else cursors.decode(cursor, self.account_id, list_name)

    def query(self, name: str) -> str | None:
        """Return a query parameter; None if absent. API Gateway joins repeated values with commas."""
        parameters: Mapping[str, str] = self.raw.event.get("queryStringParameters") or {}
        return parameters.get(name)

    def query_number(self, name: str, *, default: int, least: int = 1, most: int) -> int:
        """Return a query parameter that is a whole number from `least` to `most`. Raises `InvalidFieldsError`."""
        text = self.query(name)
        if text is None:
            return default
        is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_NUMBER_LENGTH
        if not (is_number and least <= int(text) <= most):
            raise InvalidFieldsError([FieldError(f"?{name}", f"Must be a whole number from {least} to {most}.")])
        return int(text)

    def query_ids(self, name: str, *, most: int) -> list[UUID] | None:
        """Return the distinct ids in a comma-separated query parameter; None if the parameter is absent.

        Malformed ids are ignored. Raises `InvalidFieldsError` for an empty text and for more than `most` ids.
        """
        text = self.query(name)
        if text is None:
            return None
        names = text.split(",")
        if not text or len(names) > most:
            raise InvalidFieldsError([FieldError(f"?{name}", f"Must be 1 to {most} ids.")])
        ids = dict.fromkeys(_to_id(each) for each in names)
        return [object_id for object_id in ids if object_id is not None]


def _to_id(text: str) -> UUID | None:
    try:
        object_id = UUID(text)
    except ValueError:
        return None
    # UUID() also accepts braces, `urn:uuid:` and ids without hyphens.
    return object_id if str(object_id) == text.lower() else None


def read_json(content: bytes) -> Any:
    """Return the document. Raises `MalformedRequestError` for invalid JSON, a repeated member or over 64 levels."""
    try:
        document = json.loads(
            content.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_object_of_unique_members
        )
    except (ValueError, RecursionError):
        raise MalformedRequestError from None
    # A body with few brackets cannot be too deep. Skip the search for most bodies.
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
    """Return the object. Refuse repeated names, because parsers read them differently (RFC 8259, 4)."""
    document = dict(members)
    if len(document) < len(members):
        raise DuplicateMemberError
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
