"""Name lookups within a deadline, and the check that every address of a name is public."""

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, ip_address

from latchhook.transport.exchange import Exchange
from latchhook.webhooks.addresses import refusal
from latchhook.webhooks.endpoint_url import EndpointUrl, EndpointUrlError

Resolver = Callable[[str], Sequence[IPv4Address | IPv6Address]]
"""Gives all addresses of a host name, the preferred first; raises `socket.gaierror` when there is none."""

# Lookups that nobody waits for any more live on until the C library gives up (about 20 s), so there may be
# more of them than there are calls.
_MAX_LOOKUPS_AT_ONCE = 64


def system_resolver(host: str) -> Sequence[IPv4Address | IPv6Address]:
    """Ask the operating system, which knows /etc/hosts, the search list and the name servers."""
    responses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(str(response[4][0])) for response in responses))


class NameLookups:
    """Finds the addresses that an endpoint may be reached at."""

    def __init__(self, resolve: Resolver, *, allow_loopback: bool) -> None:
        self._resolve = resolve
        self._allow_loopback = allow_loopback
        self._free = threading.BoundedSemaphore(_MAX_LOOKUPS_AT_ONCE)

    def public_addresses(self, endpoint: EndpointUrl, exchange: Exchange) -> Sequence[IPv4Address | IPv6Address]:
        """All addresses of the endpoint's host, looked up once; connect to these and look nothing up again.

        Raises:
            EndpointUrlError: at least one of them is not public, whatever the others are.
            socket.gaierror: the name has no address.
            TimeoutError: the lookup outlasted the exchange.
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
            # Which address it is stays ours: a private zone's contents are not for customers to ask for.
            raise EndpointUrlError(f"The address of {endpoint.host} is not public")
        return addresses

    def _look_up(self, host: str, exchange: Exchange) -> Sequence[IPv4Address | IPv6Address]:
        """Resolve on a thread of its own, because `getaddrinfo` cannot be interrupted.

        A daemon thread rather than an executor's: those are waited for when the interpreter exits.
        """
        if not self._free.acquire(timeout=exchange.seconds_left()):
            raise TimeoutError("too many name lookups are under way")
        response: Future[Sequence[IPv4Address | IPv6Address]] = Future()
        threading.Thread(target=self._answer, args=(host, response), name="name-lookup", daemon=True).start()
        return response.result(timeout=exchange.seconds_left())

    def _answer(self, host: str, response: Future[Sequence[IPv4Address | IPv6Address]]) -> None:
        try:
            response.set_result(self._resolve(host))
        except Exception as failure:  # noqa: BLE001 - it is raised again where the answer is waited for
            response.set_exception(failure)
        finally:
            self._free.release()
