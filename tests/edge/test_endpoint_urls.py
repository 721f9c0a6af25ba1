"""The endpoint URL in a request: refused with a pointer, or stored in its normal form."""

import pytest

from latchhook.edge.endpoint_urls import checked_url
from latchhook.edge.errors import InvalidFieldsError
from latchhook.webhooks.endpoint_url import EndpointUrl, EndpointUrlError


class PublicNames:
    """Host names with public addresses, except one."""

    def __init__(self, *, allow_insecure: bool = False) -> None:
        self.allow_insecure = allow_insecure

    def check_endpoint(self, url: EndpointUrl) -> None:
        if url.host == "internal.example":
            raise EndpointUrlError("The address is not public")


def _checked(text: str, *, allow_insecure: bool = False) -> str:
    return checked_url(text, PublicNames(allow_insecure=allow_insecure), pointer="/url")


def test_url_is_stored_in_its_normal_form() -> None:
    assert _checked("HTTPS://Receiver.Example:443/Hooks?a=ü") == "https://receiver.example/Hooks?a=%C3%BC"


@pytest.mark.parametrize(
    "text",
    ["https://169.254.169.254/", "https://127.0.0.1/", "http://receiver.example/", "https://user:pass@receiver.example/",
     "https://internal.example/", "receiver.example", "", "https://[::1]/", "https://localhost/", "ftp://x.example/"],
)  # fmt: skip
def test_forbidden_url_is_refused_with_pointer(text: str) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        _checked(text)

    (error,) = refused.value.errors
    assert error.pointer == "/url"
    assert error.detail


def test_local_stack_allows_plain_http_and_loopback() -> None:
    assert _checked("http://127.0.0.1:9000/hooks", allow_insecure=True) == "http://127.0.0.1:9000/hooks"
