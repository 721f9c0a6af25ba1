"""The fixtures of the outbound HTTP tests: a client for loopback receivers with its own host names."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest

from latchhook.transport.outbound_http import OutboundHttp
from tests.transport.certificates import CertificateAuthority

SHORT_SECONDS = 2.0
AMPLE_SECONDS = 120.0


class FakeNames:
    """A resolver with responses from the test.

    A name can have several responses in turn, of which the last is repeated.
    """

    def __init__(self) -> None:
        self._answers: dict[str, list[list[str]]] = {}
        self._lock = threading.Lock()
        self.lookups: list[str] = []

    def response(self, host: str, *responses: list[str]) -> None:
        """Set the addresses of `host`, lookup by lookup."""
        self._answers[host] = list(responses)

    def __call__(self, host: str) -> Sequence[IPv4Address | IPv6Address]:
        with self._lock:
            self.lookups.append(host)
            responses = self._answers.get(host)
            if responses is None:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            response = responses.pop(0) if len(responses) > 1 else responses[0]
        return [ip_address(address) for address in response]


MakeClient = Callable[..., OutboundHttp]


@pytest.fixture
def names() -> FakeNames:
    names = FakeNames()
    names.response("receiver.example", ["127.0.0.1"])
    return names


@pytest.fixture
def make_client(names: FakeNames) -> Iterator[MakeClient]:
    """Make clients that know `names` and may connect to loopback by default, and close them."""
    with ExitStack() as opened:

        def make(**settings: object) -> OutboundHttp:
            arguments = {
                "timeout_seconds": AMPLE_SECONDS,
                "allow_insecure": True,
                "resolve": names,
            } | settings
            return opened.enter_context(closing(OutboundHttp(**arguments)))  # type: ignore[arg-type]

        yield make


@pytest.fixture
def client(make_client: MakeClient) -> OutboundHttp:
    return make_client()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("certificates"))
