"""An HTTP endpoint as Lambda calls it: authenticate, authorise, read the body, run, answer; errors become problems."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from latchhook.audit import Origin
from latchhook.clock import Clock
from latchhook.edge.authentication import Authenticated, Authenticator, Credentials
from latchhook.edge.loops import refuse_delivery
from latchhook.edge.problems import problem_for
from latchhook.edge.query import check_query
from latchhook.edge.rate_limits import CallKind, CallRates, account_rate_limited, rate_limit_headers
from latchhook.edge.request import RawRequest, Request
from latchhook.identity.caller import Caller
from latchhook.identity.errors import ForbiddenError
from latchhook.telemetry import log_failure, logger

if TYPE_CHECKING:
    from pydantic import BaseModel

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Response:
    """What an endpoint answers when all went well."""

    status: int
    body: Mapping[str, Any] | Sequence[Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """A `location` is relative to the request's own path (RFC 3986, 5.2): a gateway may put something before it."""

    def with_headers(self, headers: Mapping[str, str]) -> "Response":
        """The same answer with more headers."""
        return replace(self, headers={**self.headers, **headers}) if headers else self

    def to_lambda(self) -> dict[str, Any]:
        """The answer as API Gateway takes it (payload 2.0)."""
        headers = {"cache-control": "no-store", **self.headers}
        if self.body is None:
            return {"statusCode": self.status, "headers": headers}
        return {
            "statusCode": self.status,
            "headers": {"content-type": "application/json", **headers},
            "body": json.dumps(self.body, ensure_ascii=False),
        }


def ok(body: Mapping[str, Any]) -> Response:
    """200 with a body."""
    return Response(200, body)


NO_CONTENT = Response(204)


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A query parameter that an endpoint reads beside `limit` and `cursor`; none is required."""

    name: str
    description: str
    example: Any
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    """What it may be, as JSON Schema; the endpoint itself holds it to that."""
    is_list: bool = False
    """Whether its value is a list with commas, so that it may be sent several times."""


@dataclass(frozen=True, slots=True)
class Description:
    """What an endpoint takes and gives: what the edge enforces, and what openapi.json says of it."""

    scope: str | None
    """What the caller must hold; None where being known is enough."""
    response: type | None
    """The TypedDict of the body of a good answer; None for 204."""
    status: int = 200
    body: "Callable[[Any], Any] | type[BaseModel] | None" = None
    """Reads the parsed JSON: a pydantic model, or a function that raises `InvalidFieldsError`; None if none is read."""
    body_schema: str | None = None
    """Where `body` is a function: the model that describes it, as `module:name`."""
    credentials: Credentials = "any"
    problems: tuple[int, ...] = ()
    """Statuses beyond those that every endpoint can answer."""
    may_create: bool = False
    """Whether a good answer is a 201 where the thing is new."""
    account_wide: bool = True
    """Whether it works on the caller's account: the operator's service token, which has none, is refused then."""
    paged: bool = False
    """Whether it reads `limit` and `cursor`."""
    query: tuple[QueryParameter, ...] = ()
    takes_idempotency_key: bool = False
    rate: CallKind | None = None
    """What its calls count as in the account's rates."""

    def query_parameters(self) -> Mapping[str, bool]:
        """The names of the query's parameters, and whether each may be sent several times."""
        paging = {"limit": False, "cursor": False} if self.paged else {}
        return {**paging, **{parameter.name: parameter.is_list for parameter in self.query}}


class Refusals(Protocol):
    """Where refused attempts are kept."""

    def record(self, origin: Origin, *, route: str, code: str) -> None:
        """Records one attempt in the account of its caller."""


class Endpoint(Generic[B]):
    """One operation. Calling it is the Lambda handler."""

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
    ) -> None:
        self.operation = operation
        self.description = description
        if isinstance(description.body, type):
            # At the start, where Lambda gives the most CPU, and not in a request.
            cast("type[BaseModel]", description.body).model_rebuild()
        self._authenticator = authenticator
        self._refusals = refusals
        self._clock = clock
        self._header_prefix = header_prefix
        self._rates = rates
        self.__doc__ = operation.__doc__
        self.__module__ = operation.__module__

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:  # noqa: ARG002
        """Answers one request; no exception leaves it."""
        return answer_request(event, self._answer, clock=self._clock, header_prefix=self._header_prefix)

    def _answer(self, request: RawRequest, facts: dict[str, Any]) -> Response:
        now = self._clock()
        caller = None
        try:
            known = self._authenticator.authenticate(
                request, accept=self.description.credentials, now=now, scope=self.description.scope
            )
            caller = known.caller
            facts["account_id"] = caller.account_id
            checked = self._check(request, known, now)
            self._count_call(caller, now)
            response = self.operation(checked)
            return response.with_headers(rate_limit_headers(known.key, now))
        except Exception as error:
            self._note_refusal(request, error, caller, now)
            raise

    def _check(self, request: RawRequest, known: Authenticated, now: datetime) -> Request[B]:
        description, caller = self.description, known.caller
        if description.scope is not None:
            caller.require(description.scope)
        if description.account_wide and not caller.account_id:
            raise ForbiddenError("no_account", "A service token belongs to no account.")
        check_query(request, description.query_parameters())
        body = None if description.body is None else read_body(description.body, request.json(empty={}))
        return Request(request, caller, body, now, known.key)  # type: ignore[arg-type]  # B: the description says

    def _count_call(self, caller: Caller, now: datetime) -> None:
        """Counts a call that is permitted and well formed. The operator's service token has no account and no rate."""
        kind = self.description.rate
        if kind is None or not caller.account_id:
            return
        wait_seconds = self._rates().take(caller.account_id, kind, now=now)
        if wait_seconds is not None:
            raise account_rate_limited(kind, wait_seconds)

    def _note_refusal(self, request: RawRequest, error: Exception, caller: Caller | None, now: datetime) -> None:
        """Puts what is refused to a known caller into the audit log; where that fails, the refusal stands."""
        problem = problem_for(error)
        by = error.by if caller is None and isinstance(error, ForbiddenError) else caller
        if problem.status != 403 or by is None or not by.account_id:
            return
        try:
            origin = Origin(by, request.source_ip, request.request_id, now)
            self._refusals().record(origin, route=request.route, code=problem.code)
        except Exception as failure:  # noqa: BLE001  # whatever it was, the caller hears why the request was refused
            log_failure("refusal not recorded", failure, request_id=request.request_id, route=request.route)


def answer_request(
    event: Mapping[str, Any],
    response: Callable[[RawRequest, dict[str, Any]], Response],
    *,
    clock: Clock,
    header_prefix: str,
) -> dict[str, Any]:
    """What `answer` says to a request, or the problem that it raised; logged with the facts that it has noted.

    A webhook delivery is refused before `answer` sees it: without a call to AWS.
    """
    request = RawRequest(event)
    started = clock()
    facts: dict[str, Any] = {"account_id": None}
    try:
        refuse_delivery(request, header_prefix=header_prefix)
        result = response(request, facts).to_lambda()
    except Exception as error:  # noqa: BLE001  # the one place where errors become answers
        problem = problem_for(error)
        result = problem.to_lambda(request.request_id)
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


def read_body(reader: Any, document: Any) -> Any:
    """The document as its reader takes it; raises `InvalidFieldsError`."""
    if isinstance(reader, type):
        from latchhook.edge.schemas.validation import validate

        return validate(reader, document)
    return reader(document)
