"""A webhook's URL as it comes in a request: checked by its text and by the addresses of its name."""

from typing import Protocol

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.webhooks.endpoint_url import EndpointUrl, EndpointUrlError, parse_endpoint_url


class EndpointChecker(Protocol):
    """Knows where webhooks may go."""

    @property
    def allow_insecure(self) -> bool:
        """Whether plain HTTP and loopback are allowed: on the local stack only."""

    def check_endpoint(self, url: EndpointUrl) -> None:
        """Raises `EndpointUrlError` when the name does not resolve, or not to public addresses only."""


def checked_url(text: str, checker: EndpointChecker, *, pointer: str) -> str:
    """The URL as it is stored; raises `InvalidFieldsError` at `pointer` for one that webhooks may not go to."""
    try:
        url = parse_endpoint_url(text, allow_insecure=checker.allow_insecure)
        checker.check_endpoint(url)
    except EndpointUrlError as error:
        raise InvalidFieldsError([FieldError(pointer, str(error))]) from None
    return url.url
