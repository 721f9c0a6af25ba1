"""Addresses that a key may be used from: CIDR blocks of IPv4 and IPv6, compared as numbers of sixteen bytes.

An IPv4 address is its IPv4-mapped IPv6 one (RFC 4291, 2.5.5.2), so that both families have one order.
"""

from collections.abc import Iterable

MAX_BLOCKS = 20
"""Each is three comparisons of the verification's condition."""

_MAPPED = bytes(10) + b"\xff\xff"

Range = tuple[bytes, bytes]
"""The first and the last address, both in it."""


def address_bytes(text: str) -> bytes:
    """An address as sixteen bytes; raises `ValueError` for what is none. A zone (`%eth0`) is none of ours."""
    from ipaddress import ip_address

    if "%" in text:
        raise ValueError("an address without a zone is needed")
    return _sixteen(ip_address(text).packed)


def canonical_block(text: str) -> str:
    """A CIDR block or a single address as it is kept; raises `ValueError`.

    Bits beyond the prefix length must be zero: `10.0.0.1/8` is a slip, and which part of it is meant can't be told.
    """
    from ipaddress import ip_network

    if "%" in text:
        raise ValueError("an address without a zone is needed")
    return str(ip_network(text))


def ranges(blocks: Iterable[str]) -> list[Range]:
    """The blocks as ranges in order, those that touch or overlap joined."""
    from ipaddress import ip_network

    joined: list[Range] = []
    networks = [ip_network(block) for block in blocks]
    for first, last in sorted((_sixteen(n[0].packed), _sixteen(n[-1].packed)) for n in networks):
        if joined and int.from_bytes(first) <= int.from_bytes(joined[-1][1]) + 1:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def contains(blocks: Iterable[str], address: bytes | None) -> bool:
    """Whether an address lies in one of the blocks; no address lies in none."""
    return address is not None and any(first <= address <= last for first, last in ranges(blocks))


def _sixteen(packed: bytes) -> bytes:
    return packed if len(packed) == 16 else _MAPPED + packed
