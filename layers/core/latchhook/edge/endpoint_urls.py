"""The check of a webhook's URL in a request: its syntax and the addresses of its host name."""

from typing import Protocol

from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.webhooks.endpoint_url import EndpointUrl, EndpointUrlError, parse_endpoint_url


class EndpointChecker(Protocol):
    """Checks whether webhooks are allowed to call a URL."""

    @property
    def allow_insecure(self) -> bool:
        """Whether plain HTTP and loopback addresses are allowed. True only on the local stack."""

    def check_endpoint(self, url: EndpointUrl) -> None:
        """Raise `EndpointUrlError` if the host name does not resolve, or resolves to an address that is not public."""


def checked_url(text: str, checker: EndpointChecker, *, pointer: str) -> str:
    """Return the URL in its stored form. Raises `InvalidFieldsError` with `pointer` for a forbidden URL."""
    try:
        url = parse_endpoint_url(text, allow_insecure=checker.allow_insecure)
        checker.check_endpoint(url)
    except EndpointUrlError as error:
        raise InvalidFieldsError([FieldError(pointer, str(error))]) from None
    return url.url
