"""The allowed destinations of outbound HTTP, against hostile names, redirects and environments, and TLS."""

import socket
import ssl

import pytest

from latchhook.transport.guarded_socket import GuardedSocket
from latchhook.transport.outbound_http import OutboundHttp
from latchhook.webhooks.endpoint_url import EndpointUrlError, parse_endpoint_url
from latchhook.webhooks.outcome import HttpOutcome
from latchhook.webhooks.own_hosts import OwnHosts
from tests.transport.certificates import CertificateAuthority
from tests.transport.conftest import FakeNames, MakeClient
from tests.transport.raw_receiver import OK, RawReceiver, always_say

PUBLIC = "93.184.215.14"


def _post(client: OutboundHttp, url: str) -> HttpOutcome:
    return client.post(url, headers={}, body=b"{}")


@pytest.mark.parametrize(
    "response",
    [
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["fd00:ec2::254"],
        ["64:ff9b::7f00:1"],
        ["::ffff:10.0.0.1"],
        ["2002:a00:1::1"],
        ["2001:0:4136:e378:8000:63bf:f5ff:fffe"],
        ["::ffff:0:10.0.0.1"],
        ["2606:4700::5efe:10.0.0.1"],
        ["fec0::1"],
        [PUBLIC, "2606:4700:4700::1111", "::ffff:127.0.0.1"],
        [PUBLIC, "10.0.0.1"],
        ["10.0.0.1", PUBLIC],
        ["127.0.0.1", "192.168.0.1"],
    ],
)
def test_name_with_any_non_public_address_is_refused(
    client: OutboundHttp, names: FakeNames, response: list[str]
) -> None:
    names.response("evil.example", response)
    outcome = _post(client, "https://evil.example/")
    assert (outcome.status, outcome.remote_address) == (None, None)
    assert outcome.error == "The address of evil.example is not public"


def test_loopback_is_refused_unless_allowed(make_client: MakeClient) -> None:
    with RawReceiver(always_say(OK)) as receiver:
        outcome = _post(make_client(allow_insecure=False), receiver.url("receiver.example", "https"))
        assert outcome.error == "The address of receiver.example is not public"
        assert receiver.connections == 0


def test_url_that_is_refused_when_saved_is_refused_when_sent(make_client: MakeClient) -> None:
    client = make_client(allow_insecure=False)
    for url in ("http://receiver.example/", "https://127.0.0.1/", "https://[::ffff:10.0.0.1]/", "nonsense"):
        outcome = _post(client, url)
        assert outcome.status is None
        assert outcome.error


def test_name_that_becomes_private_after_saving_is_refused(client: OutboundHttp, names: FakeNames) -> None:
    names.response("rebind.example", ["127.0.0.1"], ["10.0.0.1"])
    with RawReceiver(always_say(OK)) as receiver:
        url = receiver.url("rebind.example")
        client.check_endpoint(parse_endpoint_url(url, allow_insecure=True))
        assert _post(client, url).error == "The address of rebind.example is not public"
        assert receiver.connections == 0


def test_host_of_this_api_is_refused_when_saved_and_when_sent(make_client: MakeClient, names: FakeNames) -> None:
    client = make_client(own_hosts=OwnHosts(["receiver.example"]))
    url = "http://receiver.example/api-keys"

    with pytest.raises(EndpointUrlError, match="this API"):
        client.check_endpoint(parse_endpoint_url(url, allow_insecure=True))
    outcome = client.post(url, headers={}, body=b"{}")

    assert (outcome.status, outcome.error) == (None, "The URL must not lead to this API")
    assert names.lookups == []


def test_connection_uses_the_checked_address(client: OutboundHttp, names: FakeNames) -> None:
    names.response("rebind.example", ["127.0.0.1"], ["10.0.0.1"])
    with RawReceiver(always_say(OK)) as receiver:
        outcome = _post(client, receiver.url("rebind.example"))
    assert outcome.remote_address == "127.0.0.1"
    assert names.lookups == ["rebind.example"]


def test_redirect_is_a_response_and_is_not_followed(client: OutboundHttp) -> None:
    requests: list[bytes] = []
    response = b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:%d/next\r\nContent-Length: 0\r\n\r\n"
    with RawReceiver(always_say(OK, requests)) as other:
        with RawReceiver(always_say(response % other.port)) as receiver:
            for _ in range(99):
                assert _post(client, receiver.url()).status == 307
        assert _post(client, other.url()).status == 200
    assert len(requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "//private.example/",
        "http://[fd00:ec2::254]/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:9001/",
    ],
)
def test_redirect_to_a_private_host_causes_no_connection(
    client: OutboundHttp, names: FakeNames, monkeypatch: pytest.MonkeyPatch, status: int, location: str
) -> None:
    names.response("private.example", ["10.0.0.1"])
    response = b"HTTP/1.1 %d Go\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % (status, location.encode())
    connected: list[object] = []
    connect = socket.socket.connect

    def noted(sock: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address)
        connect(sock, address)

    with RawReceiver(always_say(response)) as receiver:
        monkeypatch.setattr(GuardedSocket, "connect", noted, raising=False)
        outcome = _post(client, receiver.url("receiver.example"))
        assert connected == [("127.0.0.1", receiver.port)]
    assert (outcome.status, outcome.error) == (status, None)
    assert names.lookups == ["receiver.example"]


def test_proxies_of_the_environment_are_not_used(client: OutboundHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with RawReceiver(always_say(OK)) as receiver:
        assert _post(client, receiver.url()).status == 200


def test_refused_connection_is_explained(client: OutboundHttp) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = _post(client, f"http://127.0.0.1:{port}/hook?token=secret")
    assert outcome.error == f"Connection refused at http://127.0.0.1:{port}/hook"


def test_name_without_an_address_is_explained(client: OutboundHttp, names: FakeNames) -> None:
    names.response("empty.example", [])
    for host in ("missing.example", "empty.example"):
        assert _post(client, f"https://{host}/").error == f"The host name {host} could not be resolved"


def test_saving_checks_the_addresses_of_the_name(make_client: MakeClient, names: FakeNames) -> None:
    client = make_client(allow_insecure=False)
    names.response("good.example", [PUBLIC, "2606:2800:21f::1"])
    names.response("mixed.example", [PUBLIC, "10.0.0.1"])
    client.check_endpoint(parse_endpoint_url("https://good.example/"))
    client.check_endpoint(parse_endpoint_url(f"https://{PUBLIC}/"))
    with pytest.raises(EndpointUrlError, match="not public"):
        client.check_endpoint(parse_endpoint_url("https://mixed.example/"))
    with pytest.raises(EndpointUrlError, match="could not be resolved"):
        client.check_endpoint(parse_endpoint_url("https://missing.example/"))


def test_system_resolver_returns_addresses(make_client: MakeClient) -> None:
    with RawReceiver(always_say(OK)) as receiver, pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", _only_loopback)
        client = OutboundHttp(timeout_seconds=10, allow_insecure=True)
        assert _post(client, receiver.url("some.example")).status == 200
        client.close()


def _only_loopback(host: str, port: object, *_: object, **__: object) -> list[tuple[object, ...]]:
    assert host == "some.example"
    sockaddr = ("127.0.0.1", 0)
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", sockaddr)] * 2


class TestTls:
    """Certificates are verified against the URL's name, although the connection uses an address."""

    def test_receiver_with_a_valid_certificate_is_reached_by_name(
        self, make_client: MakeClient, authority: CertificateAuthority
    ) -> None:
        client = make_client(ssl_context=authority.client_context())
        server_names: list[str | None] = []
        tls = authority.server_context("receiver.example")
        tls.sni_callback = lambda _sock, name, _context: server_names.append(name)
        with RawReceiver(always_say(OK), tls) as receiver:
            first = _post(client, receiver.url("receiver.example", "https"))
            second = _post(client, receiver.url("receiver.example", "https"))
            assert receiver.connections == 1
        assert (first.status, first.body, second.status) == (200, b"ok", 200)
        assert first.timings.tls is not None
        assert second.timings.tls is None
        assert server_names == ["receiver.example"]

    def test_certificate_of_an_unknown_authority_is_refused(
        self, make_client: MakeClient, authority: CertificateAuthority
    ) -> None:
        with RawReceiver(always_say(OK), authority.server_context("receiver.example")) as receiver:
            outcome = _post(make_client(), receiver.url("receiver.example", "https"))
        assert outcome.status is None
        assert outcome.error is not None
        assert outcome.error.startswith("The TLS certificate of receiver.example was rejected: ")

    def test_certificate_of_another_name_is_refused(
        self, make_client: MakeClient, authority: CertificateAuthority
    ) -> None:
        client = make_client(ssl_context=authority.client_context())
        with RawReceiver(always_say(OK), authority.server_context("other.example")) as receiver:
            outcome = _post(client, receiver.url("receiver.example", "https"))
        assert outcome.error is not None
        assert "Hostname mismatch" in outcome.error

    def test_expired_certificate_is_refused(self, make_client: MakeClient, authority: CertificateAuthority) -> None:
        client = make_client(ssl_context=authority.client_context())
        tls = authority.server_context("receiver.example", valid_days=-1)
        with RawReceiver(always_say(OK), tls) as receiver:
            outcome = _post(client, receiver.url("receiver.example", "https"))
        assert outcome.error is not None
        assert "certificate has expired" in outcome.error

    def test_receiver_without_tls_is_explained(self, make_client: MakeClient, authority: CertificateAuthority) -> None:
        client = make_client(ssl_context=authority.client_context())
        with RawReceiver(lambda talk: talk.say(b"HTTP/1.1 400 Bad\r\n\r\n" * 20)) as receiver:
            outcome = _post(client, receiver.url("receiver.example", "https"))
        assert outcome.status is None
        assert outcome.error == "The TLS connection to receiver.example failed: the port does not speak TLS"

    def test_refused_handshake_is_explained(self, make_client: MakeClient, authority: CertificateAuthority) -> None:
        client = make_client(ssl_context=authority.client_context())
        tls = authority.server_context("receiver.example")
        tls.set_alpn_protocols(["h2"])
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
        tls.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")  # its key is not RSA
        with RawReceiver(always_say(OK), tls) as receiver:
            outcome = _post(client, receiver.url("receiver.example", "https"))
        assert outcome.error is not None
        assert outcome.error.startswith("The TLS connection to receiver.example failed: ")
        assert "handshake failure" in outcome.error
