"""Checks that a webhook's IP address is on the public internet and not in Latchhook's own network.

This module has an explicit list, because `ipaddress.is_global` returns true for several ranges that are not global
(6to4, NAT64, IPv4-compatible and site-local addresses, multicast). Sources: IANA's IPv4 and IPv6 Special-Purpose
Address Registries (RFC 6890), IANA's IPv6 address space registry (only 2000::/3 is allocated for global unicast),
RFC 4291, RFC 5214 (ISATAP).

Every IPv6 address that embeds an IPv4 address is refused. A receiver with an IPv4 address can be reached by that
address, so the IPv6 form would only bypass this list. For this reason DNS64 must be off: it creates NAT64 addresses for
IPv4-only names, and deliveries to those names would be refused.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_IPV4_LOOPBACK = IPv4Network("127.0.0.0/8")
_IPV6_LOOPBACK = IPv6Address("::1")

_IPV4_REFUSED: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), words)
    for network, words in (
        ("0.0.0.0/8", "an address of this network"),
        ("10.0.0.0/8", "a private network address"),
        ("100.64.0.0/10", "a shared carrier address"),
        ("127.0.0.0/8", "a loopback address"),
        ("168.63.129.16/32", "a cloud platform's own address"),  # Azure's WireServer
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private network address"),
        ("192.0.0.0/24", "an address reserved for protocols"),
        ("192.0.2.0/24", "an address reserved for documentation"),
        ("192.31.196.0/24", "an address reserved for name servers"),  # AS112
        ("192.52.193.0/24", "an address reserved for multicast relays"),  # AMT
        ("192.88.99.0/24", "an address of a retired tunnel"),  # 6to4 relays
        ("192.168.0.0/16", "a private network address"),
        ("192.175.48.0/24", "an address reserved for name servers"),  # AS112
        ("198.18.0.0/15", "an address reserved for benchmarks"),
        ("198.51.100.0/24", "an address reserved for documentation"),
        ("203.0.113.0/24", "an address reserved for documentation"),
        ("224.0.0.0/4", "a multicast address"),
        ("255.255.255.255/32", "the broadcast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
)

# The first matching range decides, so narrower ranges come before wider ranges.
_IPV6_REFUSED: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), words)
    for network, words in (
        ("::/128", "the unspecified address"),
        ("::1/128", "a loopback address"),
        ("::/96", "an IPv4 address in IPv6 form"),  # IPv4-compatible
        ("::ffff:0:0/96", "an IPv4 address in IPv6 form"),  # IPv4-mapped
        ("::ffff:0:0:0/96", "an IPv4 address in IPv6 form"),  # SIIT
        ("64:ff9b::/96", "an IPv4 address in IPv6 form"),  # NAT64
        ("64:ff9b:1::/48", "an IPv4 address in IPv6 form"),  # NAT64, local use
        ("100::/64", "a discard address"),
        ("100:0:0:1::/64", "an address reserved for tests"),  # dummy prefix, RFC 9780
        ("2001::/32", "an address of a tunnel"),  # Teredo
        ("2001::/23", "an address reserved for protocols"),  # benchmarking, AMT, AS112, ORCHID, drone ids
        ("2001:db8::/32", "an address reserved for documentation"),
        ("2002::/16", "an IPv4 address in IPv6 form"),  # 6to4
        ("2620:4f:8000::/48", "an address reserved for name servers"),  # AS112
        ("3ffe::/16", "an address of a retired test network"),  # 6bone
        ("3fff::/20", "an address reserved for documentation"),
        ("5f00::/16", "a segment routing address"),
        ("fc00::/7", "a private network address"),  # unique local; fd00:ec2::254 is EC2's metadata
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a private network address"),  # site-local
        ("ff00::/8", "a multicast address"),
    )
)

_IPV6_GLOBAL_UNICAST = IPv6Network("2000::/3")

# An ISATAP interface identifier is 0000:5efe or 0200:5efe, followed by the IPv4 address, under any prefix (RFC 5214).
_ISATAP_MASK = 0xFDFF_FFFF << 32
_ISATAP_MARK = 0x0000_5EFE << 32


def refusal(address: IPv4Address | IPv6Address, *, allow_loopback: bool = False) -> str | None:
    """Return the reason why `address` is refused, or None if it is allowed. The text is for customers and follows "is".

    `allow_loopback` allows 127.0.0.0/8 and ::1 only, for receivers of the local stack.
    """
    if isinstance(address, IPv4Address):
        if allow_loopback and address in _IPV4_LOOPBACK:
            return None
        return next((words for network, words in _IPV4_REFUSED if address in network), None)
    return _ipv6_refusal(address, allow_loopback=allow_loopback)


def _ipv6_refusal(address: IPv6Address, *, allow_loopback: bool) -> str | None:
    if address.scope_id is not None:
        return "an address of one network interface"
    if allow_loopback and address == _IPV6_LOOPBACK:
        return None
    for network, words in _IPV6_REFUSED:
        if address in network:
            return words
    if address not in _IPV6_GLOBAL_UNICAST:
        return "not an address of the public internet"
    if int(address) & _ISATAP_MASK == _ISATAP_MARK:
        return "an IPv4 address in IPv6 form"
    return None
