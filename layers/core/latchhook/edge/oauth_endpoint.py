"""HTTP endpoints of the OAuth protocol: forms in, JSON out, and errors with the field `error` (RFC 6749, 5.2)."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, unquote_plus

from latchhook.clock import Clock
from latchhook.edge.base_urls import base_url
from latchhook.edge.base_urls import issuer as issuer_of
from latchhook.edge.endpoint import QueryParameter, Response, answer_request
from latchhook.edge.request import RawRequest
from latchhook.oauth.errors import OAuthError
from latchhook.oauth.protocol import Parameters, check_single
from latchhook.oauth.token_service import INVALID_CLIENT, ClientCredentials, Sender

FORM = "application/x-www-form-urlencoded"
MAX_PARAMETERS = 50
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_STATUS = {"invalid_client": 401, "slow_down": 429}
_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class OAuthDescription:
    """The contract of an endpoint of the protocol, for openapi.json."""

    summary: str
    """The operation in at most 60 characters."""
    description: str
    """The effect and the conditions in one to four sentences."""
    response: type | None
    """The TypedDict of the response's body; None for an empty body."""
    form_schema: type | None = None
    """The TypedDict of the form; None for a GET request."""
    query: tuple[QueryParameter, ...] = ()
    status: int = 200


@dataclass(frozen=True, slots=True)
class FormRequest:
    """A form of an authenticated client. The service checks the client's credentials."""

    raw: RawRequest
    form: Mapping[str, str]
    resources: tuple[str, ...]
    """The values of `resource`, the only parameter that can appear several times."""
    credentials: ClientCredentials
    now: datetime

    @property
    def sender(self) -> Sender:
        """The origin of the request."""
        return Sender(self.raw.source_ip, self.raw.request_id, self.now)

    @property
    def resource(self) -> str | None:
        """The resource (RFC 8707)."""
        return next(iter(self.resources), None)

    def required(self, name: str) -> str:
        """Return a parameter. Raises `OAuthError` if it is missing or empty."""
        value = self.form.get(name)
        if not value:
            raise OAuthError("invalid_request", f"{name} is required.")
        return value


F = TypeVar("F", bound=Callable[..., Response])


class ProtocolEndpoint(Generic[F]):
    """One operation of the protocol. The object is the Lambda handler."""

    def __init__(
        self, operation: F, description: OAuthDescription, *, clock: Clock, header_prefix: str, issuer: str = ""
    ) -> None:
        self.operation = operation
        self.description = description
        self.clock = clock
        self.issuer = issuer
        self._header_prefix = header_prefix
        self.__doc__ = operation.__doc__
        self.__module__ = operation.__module__

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:  # noqa: ARG002
        """Return the response to a request. Errors become problem documents, so nothing is raised."""
        return answer_request(
            event, lambda request, _: self.answer(request), clock=self.clock, header_prefix=self._header_prefix
        )

    def answer(self, request: RawRequest) -> Response:
        """Run the operation."""
        raise NotImplementedError


class PublicEndpoint(ProtocolEndpoint[Callable[[RawRequest], Response]]):
    """A GET operation without credentials."""

    def answer(self, request: RawRequest) -> Response:
        """Run the operation."""
        return self.operation(request)


class OAuthEndpoint(ProtocolEndpoint[Callable[["FormRequest"], Response]]):
    """An operation with a form and the credentials of a client."""

    def answer(self, request: RawRequest) -> Response:
        """Read the form and run the operation. Errors of the protocol become its responses."""
        try:
            parameters = read_form(request)
            endpoint = f"{base_url(request)}{request.route.partition(' ')[2]}"
            audiences = (issuer_of(request, self.issuer), f"{base_url(request)}/oauth/token", endpoint)
            credentials = credentials_of(request, parameters, audiences)
            form = {name: values[0] for name, values in parameters.items()}
            resources = tuple(parameters.get("resource", ()))
            asked = FormRequest(request, form, resources, credentials, self.clock())
            return self.operation(asked).with_headers(_NO_STORE)
        except OAuthError as error:
            return error_response(request, error)


def error_response(request: RawRequest, error: OAuthError) -> Response:
    """Return the response to an error. A client that sent Basic credentials gets a challenge (RFC 6749, 5.2)."""
    headers = dict(_NO_STORE)
    if error.code == "invalid_client" and request.header("authorization"):
        headers["www-authenticate"] = 'Basic realm="latchhook"'
    if error.code == "slow_down":
        headers["retry-after"] = "60"
    return Response(
        _STATUS.get(error.code, 400), {"error": error.code, "error_description": error.description}, headers
    )


def read_form(request: RawRequest) -> Parameters:
    """Return the parameters of a form. Raises `OAuthError`, and the errors of `RawRequest.content`.

    Parameters without a value are treated as missing (RFC 6749, 3.2).
    """
    content = request.content()
    if (request.header("content-type") or "").partition(";")[0].strip().lower() != FORM:
        raise OAuthError("invalid_request", f"Content-Type must be {FORM}.")
    try:
        parameters = parse_qs(content.decode(), errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise OAuthError(
            "invalid_request", f"The body must be a form in UTF-8 with at most {MAX_PARAMETERS} parameters."
        ) from None
    check_single(parameters)
    return parameters


def credentials_of(request: RawRequest, parameters: Parameters, audiences: tuple[str, ...] = ()) -> ClientCredentials:
    """Return the client's credentials: HTTP Basic, parameters of the form, or an assertion (RFC 6749, 2.3.1).

    Raises `OAuthError`, also if they are sent in several ways. `audiences` are those of an assertion.
    """
    if "client_assertion" in parameters or "client_assertion_type" in parameters:
        return _assertion(request, parameters, audiences)
    in_form = next(iter(parameters.get("client_id", ())), None)
    secret = next(iter(parameters.get("client_secret", ())), None)
    authorization = request.header("authorization")
    if authorization is None:
        if in_form is None:
            raise INVALID_CLIENT
        return ClientCredentials(in_form, secret)
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic" or secret is not None:
        raise OAuthError("invalid_request", "Send the client's credentials in one way.")
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise INVALID_CLIENT from None
    name, password = unquote_plus(name), unquote_plus(password)
    if not colon or (in_form is not None and in_form != name):
        raise INVALID_CLIENT
    return ClientCredentials(name, password or None)


def _assertion(request: RawRequest, parameters: Parameters, audiences: tuple[str, ...]) -> ClientCredentials:
    """Return the credentials of `private_key_jwt` (RFC 7521, 4.2; RFC 7523, 2.2). Raises `OAuthError`."""
    from latchhook.oauth.assertions import client_id_in

    text = next(iter(parameters.get("client_assertion", ())), None)
    if request.header("authorization") is not None or "client_secret" in parameters:
        raise OAuthError("invalid_request", "Send the client's credentials in one way.")
    if text is None or list(parameters.get("client_assertion_type", ())) != [ASSERTION_TYPE]:
        raise OAuthError("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}.")
    client_id = client_id_in(text)
    if list(parameters.get("client_id", (client_id,))) != [client_id]:
        raise INVALID_CLIENT
    return ClientCredentials(client_id, assertion=text, audiences=audiences)
