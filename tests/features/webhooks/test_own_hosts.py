"""Endpoint URLs of the API itself are refused."""

import pytest

from latchhook.webhooks.endpoint_url import EndpointUrlError, parse_endpoint_url
from latchhook.webhooks.own_hosts import OwnHosts

API_ID = "a1b2c3d4e5"


def is_refused(hosts: OwnHosts, url: str) -> bool:
    try:
        hosts.refuse(parse_endpoint_url(url))
    except EndpointUrlError:
        return True
    return False


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/webhooks/1/deliveries/2/retry",
        "https://API.Example.COM/",
        "https://api.example.com./",
        "https://api.example.com:443/",
        "https://api.example.com:8443/",
        "https://xn--bcher-kva.example/",
        "https://bücher.example/",
        "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/api-keys",
        "https://a1b2c3d4e5.execute-api.us-east-1.api.aws/",
        "https://A1B2C3D4E5.execute-api.us-east-1.amazonaws.com./",
    ],
)
def test_url_of_this_api_is_refused(url: str) -> None:
    assert is_refused(OwnHosts(["API.example.com", "bücher.example"], api_id=API_ID), url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "https://hooks.api.example.com/",
        "https://api.example.com.evil.example/",
        "https://hooks.example.com/api.example.com",
        "https://other.execute-api.us-east-1.amazonaws.com/",
        "https://a1b2c3d4e5.example.com/",
    ],
)
def test_url_of_another_host_is_accepted(url: str) -> None:
    assert not is_refused(OwnHosts(["api.example.com"], api_id=API_ID), url)


def test_hosts_of_received_requests_are_refused_afterwards() -> None:
    hosts = OwnHosts()
    urls = ("https://custom.example.com/", "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/")
    assert not any(is_refused(hosts, url) for url in urls)

    hosts.learn(host="Custom.example.com", api_id=API_ID.upper())

    assert all(is_refused(hosts, url) for url in urls)


def test_request_without_a_host_adds_none() -> None:
    hosts = OwnHosts()
    hosts.learn(host="", api_id="")

    assert not is_refused(hosts, "https://execute-api.us-east-1.amazonaws.com/")


@pytest.mark.parametrize("name", ["", "https://api.example.com", "api example"])
def test_configured_name_must_be_a_host(name: str) -> None:
    with pytest.raises(EndpointUrlError):
        OwnHosts([name])
