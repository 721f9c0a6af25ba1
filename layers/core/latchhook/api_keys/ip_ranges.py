"""IP allow lists of keys: CIDR blocks of IPv4 and IPv6, compared as sixteen bytes.

An IPv4 address is converted to its IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2), so both families have one order.
"""

from collections.abc import Iterable

MAX_BLOCKS = 20
"""Each block needs three comparisons in the condition of the verification's write."""

_MAPPED = bytes(10) + b"\xff\xff"

Range = tuple[bytes, bytes]
"""The first and the last address, both included."""


def address_bytes(text: str) -> bytes:
    """Convert an address to sixteen bytes. Raises `ValueError` for an invalid address and for a zone (`%eth0`)."""
    from ipaddress import ip_address

    if "%" in text:
        raise ValueError("the address must not have a zone")
    return _sixteen(ip_address(text).packed)


def canonical_block(text: str) -> str:
    """Return the canonical text of a CIDR block or a single address. Raises `ValueError`.

    Bits beyond the prefix length must be zero, because `10.0.0.1/8` does not show which part is wrong.
    """
    from ipaddress import ip_network

    if "%" in text:
        raise ValueError("the address must not have a zone")
    return str(ip_network(text))


def ranges(blocks: Iterable[str]) -> list[Range]:
    """The blocks as sorted ranges. Adjacent and overlapping blocks are joined."""
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
    """Return whether one of the blocks contains the address. False for None."""
    return address is not None and any(first <= address <= last for first, last in ranges(blocks))


def _sixteen(packed: bytes) -> bytes:
    return packed if len(packed) == 16 else _MAPPED + packed
