"""An HTTP endpoint whose caller has no Latchhook credential. The body's signature authenticates the caller."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from latchhook.clock import Clock
from latchhook.edge.endpoint import Response, answer_request
from latchhook.edge.query import check_query
from latchhook.edge.request import RawRequest
from latchhook.identity.errors import UnauthenticatedError

B = TypeVar("B")

KEY_HEADER = "Github-Public-Key-Identifier"
SIGNATURE_HEADER = "Github-Public-Key-Signature"


class Signatures(Protocol):
    """Verifies signatures with the signer's public keys."""

    def holds(self, key_id: str, signature: str, content: bytes) -> bool:
        """Return whether the signature of `content` is valid. Raises `DependencyUnavailableError`."""


@dataclass(frozen=True, slots=True)
class SignedDescription:
    """The contract of a signed endpoint. The request body and the response body are JSON arrays."""

    summary: str
    """The operation in at most 60 characters, for openapi.json."""
    description: str
    """The effect and the conditions in one to four sentences, for openapi.json."""
    read: Callable[[Any], Any]
    """Reader of the parsed JSON. Raises `InvalidFieldsError`."""
    item_schema: str
    """The model of one item of the request body, as `module:name`."""
    answer_item: type
    """The TypedDict of one item of the response body."""


@dataclass(frozen=True, slots=True)
class SignedRequest(Generic[B]):
    """A request with a valid signature."""

    raw: RawRequest
    body: B
    now: datetime
    millis_left: Callable[[], int]
    """The milliseconds until Lambda ends the invocation."""


class SignedEndpoint(Generic[B]):
    """One operation of the API. The object is the Lambda handler."""

    def __init__(
        self,
        operation: Callable[[SignedRequest[B]], Response],
        description: SignedDescription,
        *,
        signatures: Callable[[], Signatures],
        clock: Clock,
        header_prefix: str,
    ) -> None:
        self.operation = operation
        self.description = description
        self._signatures = signatures
        self._clock = clock
        self._header_prefix = header_prefix
        self.__module__ = operation.__module__

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Return the response to a request. Errors become problem documents, so nothing is raised."""

        def response(request: RawRequest, _: dict[str, Any]) -> Response:
            self._check(request)
            check_query(request, {})
            body = self.description.read(request.json())
            return self.operation(SignedRequest(request, body, self._clock(), context.get_remaining_time_in_millis))

        return answer_request(event, response, clock=self._clock, header_prefix=self._header_prefix)

    def _check(self, request: RawRequest) -> None:
        """Check the signature before the body is read. Missing headers are refused before the keys are fetched."""
        key_id = request.header(KEY_HEADER.lower())
        signature = request.header(SIGNATURE_HEADER.lower())
        if not key_id or not signature:
            raise UnauthenticatedError("missing_signature", "The signature headers are missing.")
        if not self._signatures().holds(key_id, signature, request.content()):
            raise UnauthenticatedError("invalid_signature", "Invalid signature.")
