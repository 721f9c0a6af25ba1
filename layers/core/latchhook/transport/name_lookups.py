"""Resolves host names within a deadline and checks that every address is public."""

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, ip_address

from latchhook.transport.exchange import Exchange
from latchhook.webhooks.addresses import refusal
from latchhook.webhooks.endpoint_url import EndpointUrl, EndpointUrlError

Resolver = Callable[[str], Sequence[IPv4Address | IPv6Address]]
"""Returns all addresses of a host name, the preferred address first. Raises `socket.gaierror` if it has no address."""

# An abandoned lookup runs until the C library gives up (about 20 s), so there can be more lookups than calls.
_MAX_LOOKUPS_AT_ONCE = 64


def system_resolver(host: str) -> Sequence[IPv4Address | IPv6Address]:
    """Resolve a name with the operating system: /etc/hosts, search list and name servers."""
    responses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(str(response[4][0])) for response in responses))


class NameLookups:
    """Resolves the addresses of endpoints."""

    def __init__(self, resolve: Resolver, *, allow_loopback: bool) -> None:
        self._resolve = resolve
        self._allow_loopback = allow_loopback
        self._free = threading.BoundedSemaphore(_MAX_LOOKUPS_AT_ONCE)

    def public_addresses(self, endpoint: EndpointUrl, exchange: Exchange) -> Sequence[IPv4Address | IPv6Address]:
        """Resolve the endpoint's host once and return all its addresses.

        Connect only to these addresses: a second lookup could return different, unchecked addresses.

        Raises:
            EndpointUrlError: at least one address is not public.
            socket.gaierror: the name has no address.
            TimeoutError: the lookup did not end before the exchange's deadline.
        """
        if endpoint.address is not None:
            addresses: Sequence[IPv4Address | IPv6Address] = (endpoint.address,)
        else:
            began = exchange.monotonic()
            addresses = self._look_up(endpoint.host, exchange)
            exchange.dns_millis = exchange.millis_since(began)
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
        if any(refusal(address, allow_loopback=self._allow_loopback) for address in addresses):
            # The message does not name the address, so that customers cannot read entries of a private DNS zone.
            raise EndpointUrlError(f"The address of {endpoint.host} is not public")
        return addresses

    def _look_up(self, host: str, exchange: Exchange) -> Sequence[IPv4Address | IPv6Address]:
        """Resolve in a separate thread, because `getaddrinfo` cannot be interrupted.

        It is a daemon thread, because the interpreter waits for an executor's threads at exit.
        """
        if not self._free.acquire(timeout=exchange.seconds_left()):
            raise TimeoutError("too many name lookups are under way")
        response: Future[Sequence[IPv4Address | IPv6Address]] = Future()
        threading.Thread(target=self._answer, args=(host, response), name="name-lookup", daemon=True).start()
        return response.result(timeout=exchange.seconds_left())

    def _answer(self, host: str, response: Future[Sequence[IPv4Address | IPv6Address]]) -> None:
        try:
            response.set_result(self._resolve(host))
        except Exception as failure:  # noqa: BLE001 - `Future.result` raises it again
            response.set_exception(failure)
        finally:
            self._free.release()
