"""The HTTP endpoint that Lambda calls: authenticate, authorise, read the body, run the operation, return a response.

Errors become problem documents.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from latchhook.audit import Origin
from latchhook.clock import Clock
from latchhook.edge.authentication import Authenticator, Credentials
from latchhook.edge.base_urls import protected_resource_metadata_url
from latchhook.edge.loops import refuse_delivery
from latchhook.edge.problems import Problem, problem_for
from latchhook.edge.query import check_query
from latchhook.edge.rate_limits import CallKind, CallRates, account_rate_limited, rate_limit_headers
from latchhook.edge.request import RawRequest, Request
from latchhook.identity.caller import Caller
from latchhook.identity.errors import ForbiddenError
from latchhook.telemetry import log_failure, logger

if TYPE_CHECKING:
    from pydantic import BaseModel

    from latchhook.edge.idempotency import CompletedRequests
    from latchhook.idempotency_records import CompletedRequest

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Response:
    """A successful response of an endpoint."""

    status: int
    body: Mapping[str, Any] | Sequence[Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """A `location` is relative to the request's path (RFC 3986, 5.2): a gateway can add a prefix to the path."""

    def with_headers(self, headers: Mapping[str, str]) -> "Response":
        """Return a copy of the response with more headers."""
        return replace(self, headers={**self.headers, **headers}) if headers else self

    def to_lambda(self) -> dict[str, Any]:
        """Return the response in API Gateway's format (payload 2.0)."""
        headers = {"cache-control": "no-store", **self.headers}
        if self.body is None:
            return {"statusCode": self.status, "headers": headers}
        return {
            "statusCode": self.status,
            "headers": {"content-type": "application/json", **headers},
            "body": json.dumps(self.body, ensure_ascii=False),
        }


@dataclass(frozen=True, slots=True)
class HtmlResponse(Response):
    """A page for a browser."""

    html: str = ""

    def to_lambda(self) -> dict[str, Any]:
        """Return the page in API Gateway's format (payload 2.0)."""
        headers = {"content-type": "text/html; charset=utf-8", **self.headers}
        return {"statusCode": self.status, "headers": headers, "body": self.html}


def ok(body: Mapping[str, Any]) -> Response:
    """Return a 200 response with a body."""
    return Response(200, body)


NO_CONTENT = Response(204)

NO_ACCOUNT = "This endpoint requires an account. Send X-Account-Id with the account that the request is for."


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """An optional query parameter of an endpoint, in addition to `limit` and `cursor`."""

    name: str
    description: str
    example: Any
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    """JSON Schema of the value, for openapi.json. The endpoint checks the value itself."""
    is_list: bool = False
    """Whether the value is a comma-separated list. Such a parameter can be sent several times."""


@dataclass(frozen=True, slots=True)
class Description:
    """Input and output of an endpoint. The edge enforces it and openapi.json documents it."""

    summary: str
    """The operation in at most 60 characters, for openapi.json."""
    description: str
    """The effect, the limits and the conditions in one to four sentences, for openapi.json."""
    scope: str | None
    """The scope that the caller needs; None if any authenticated caller is permitted."""
    response: type | None
    """The TypedDict of a successful response's body; None for 204."""
    status: int = 200
    body: "Callable[[Any], Any] | type[BaseModel] | None" = None
    """Reader of the parsed JSON: a pydantic model, or a function that raises `InvalidFieldsError`. None: no body."""
    body_schema: str | None = None
    """The model that describes the body if `body` is a function, as `module:name`."""
    credentials: Credentials = "any"
    problems: tuple[int | str, ...] = ()
    """Problem codes in addition to those that every endpoint can return. 404 means `not_found`."""
    may_create: bool = False
    """Whether the response is 201 if the request creates an object."""
    account_wide: bool = True
    """Whether the endpoint works on one account. The operator chooses the account with `X-Account-Id`."""
    paged: bool = False
    """Whether the endpoint reads `limit` and `cursor`."""
    query: tuple[QueryParameter, ...] = ()
    replay: "Callable[[Request[Any], CompletedRequest], Response] | None" = None
    """Builds the response to a repeat of a completed request, without a secret. The endpoint takes `Idempotency-Key`
    if this is set. Set it for each POST that creates an object or rotates a secret."""
    rate: CallKind | None = None
    """The account's rate limit that counts the calls; None if calls are not counted."""

    @property
    def takes_idempotency_key(self) -> bool:
        """Whether the endpoint reads the header `Idempotency-Key`."""
        return self.replay is not None

    def query_parameters(self) -> Mapping[str, bool]:
        """Return the names of the query parameters, and whether each can be sent several times."""
        paging = {"limit": False, "cursor": False} if self.paged else {}
        return {**paging, **{parameter.name: parameter.is_list for parameter in self.query}}


class Refusals(Protocol):
    """Storage of refused requests."""

    def record(self, origin: Origin, *, route: str, code: str) -> None:
        """Record a refused request in the caller's account."""


class Endpoint(Generic[B]):
    """One operation of the API. The object is the Lambda handler."""

    def __init__(
        self,
        operation: Callable[[Request[B]], Response],
        description: Description,
        *,
        authenticator: Authenticator,
        refusals: Callable[[], Refusals],
        clock: Clock,
        header_prefix: str,
        rates: Callable[[], CallRates],
        completed_requests: "Callable[[], CompletedRequests]",
    ) -> None:
        self.operation = operation
        self.description = description
        if isinstance(description.body, type):
            # Build the model at start, when Lambda gives the most CPU, instead of in a request.
            cast("type[BaseModel]", description.body).model_rebuild()
        self._authenticator = authenticator
        self._refusals = refusals
        self._clock = clock
        self._header_prefix = header_prefix
        self._rates = rates
        self._completed_requests = completed_requests
        self.__doc__ = operation.__doc__
        self.__module__ = operation.__module__

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:  # noqa: ARG002
        """Return the response to a request. Errors become problem documents, so nothing is raised."""
        return answer_request(event, self._answer, clock=self._clock, header_prefix=self._header_prefix)

    def _answer(self, request: RawRequest, facts: dict[str, Any]) -> Response:
        now = self._clock()
        caller = None
        try:
            known = self._authenticator.authenticate(
                request,
                accept=self.description.credentials,
                now=now,
                scope=self.description.scope,
                account_wide=self.description.account_wide,
            )
            caller = known.caller
            facts["account_id"] = caller.account_id
            self._authorize(request, caller)
            document = None if self.description.body is None else request.json(empty={})
            response = self._run_once(Request(request, caller, None, now, known.key), document)
            return response.with_headers(rate_limit_headers(known.key, now))
        except Exception as error:
            self._note_refusal(request, error, caller, now)
            raise

    def _authorize(self, request: RawRequest, caller: Caller) -> None:
        description = self.description
        if description.account_wide and not caller.account_id:
            raise ForbiddenError("no_account", NO_ACCOUNT)
        if description.scope is not None:
            caller.require(description.scope)
        check_query(request, description.query_parameters())

    def _run_once(self, request: Request[Any], document: Any) -> Response:
        """Run the operation, or replay a completed request with the same `Idempotency-Key`."""
        replay = self.description.replay
        if replay is None:
            return self._run(request, document)
        from latchhook.edge.idempotency import REPEATED, idempotency_key, run_once

        key = idempotency_key(request.raw, request.caller, document)
        if key is None:
            return self._run(request, document)
        return run_once(
            key,
            lambda: self._run(replace(request, idempotency_key=key), document),
            lambda done: replay(request, done).with_headers(REPEATED),
            find=lambda: self._completed_requests().find(request.account_id, key, now=request.now),
        )

    def _run(self, request: Request[Any], document: Any) -> Response:
        """Validate the body, count the call and run the operation."""
        body = self.description.body
        checked: Request[B] = request if body is None else replace(request, body=read_body(body, document))
        self._count_call(request.caller, request.now)
        return self.operation(checked)

    def _count_call(self, caller: Caller, now: datetime) -> None:
        """Count a permitted, well-formed call. The service token has no account and no rate limit."""
        kind = self.description.rate
        if kind is None or not caller.account_id:
            return
        wait_seconds = self._rates().take(caller.account_id, kind, now=now)
        if wait_seconds is not None:
            raise account_rate_limited(kind, wait_seconds)

    def _note_refusal(self, request: RawRequest, error: Exception, caller: Caller | None, now: datetime) -> None:
        """Record a 403 of a known caller in the audit log. If the record fails, the response is still the 403."""
        problem = problem_for(error)
        by = error.by if caller is None and isinstance(error, ForbiddenError) else caller
        if problem.status != 403 or by is None or not by.account_id:
            return
        try:
            origin = Origin(by, request.source_ip, request.request_id, now)
            self._refusals().record(origin, route=request.route, code=problem.code)
        except Exception as failure:  # noqa: BLE001  # the caller gets the 403 in any case
            log_failure("refusal not recorded", failure, request_id=request.request_id, route=request.route)


def answer_request(
    event: Mapping[str, Any],
    response: Callable[[RawRequest, dict[str, Any]], Response],
    *,
    clock: Clock,
    header_prefix: str,
) -> dict[str, Any]:
    """Return the result of `response`, or the problem document for its error. Log the request.

    `response` gets the request and a dictionary to which it adds fields of the log line. A webhook delivery is refused
    before `response` runs, without a call to AWS.
    """
    request = RawRequest(event)
    started = clock()
    facts: dict[str, Any] = {"account_id": None}
    try:
        refuse_delivery(request, header_prefix=header_prefix)
        result = response(request, facts).to_lambda()
    except Exception as error:  # noqa: BLE001  # the only place that turns errors into responses
        problem = problem_for(error)
        result = problem.to_lambda(request.request_id)
        if problem.status == 401 and "www-authenticate" in problem.headers:
            result["headers"]["www-authenticate"] = challenge(request, problem)
        if problem.status >= 500:
            log_failure("request failed", error, request_id=request.request_id, route=request.route)
    logger.info(
        "request",
        extra={
            "route": request.route,
            "status": result["statusCode"],
            "request_id": request.request_id,
            **facts,
            "duration_ms": round((clock() - started).total_seconds() * 1000, 1),
        },
    )
    return result


def challenge(request: RawRequest, problem: Problem) -> str:
    """Return the challenges of a 401: what was wrong with the token (RFC 6750, 3), and the metadata (RFC 9728, 5.1)."""
    bearer, _, others = problem.headers["www-authenticate"].partition(", ")
    error = ', error="invalid_token"' if problem.code in ("invalid_token", "token_expired") else ""
    metadata = f', resource_metadata="{protected_resource_metadata_url(request)}"'
    return f"{bearer}{error}{metadata}, {others}"


def read_body(reader: Any, document: Any) -> Any:
    """Return the body that `reader` makes of the document. Raises `InvalidFieldsError`."""
    if isinstance(reader, type):
        from latchhook.edge.schemas.validation import validate

        return validate(reader, document)
    return reader(document)
