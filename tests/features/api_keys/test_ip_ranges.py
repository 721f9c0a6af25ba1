"""IP allow-lists, compared with Python's `ipaddress` for blocks and addresses of IPv4 and IPv6."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.api_keys.ip_ranges import address_bytes, canonical_block, contains, ranges

NUMBERS_4 = st.integers(0, 2**32 - 1) | st.integers(0, 300).map(lambda low: 0x0A000000 + low)
NUMBERS_6 = st.integers(0, 2**128 - 1) | st.integers(0, 300).map(lambda low: (0x20010DB8 << 96) + low)
MAPPED = 0xFFFF << 32


@st.composite
def blocks(draw: st.DrawFn) -> str:
    """Generate an IPv4 or IPv6 block. Some IPv6 blocks contain IPv4-mapped addresses."""
    if draw(st.booleans()):
        return str(IPv4Network((draw(NUMBERS_4), draw(st.integers(0, 32))), strict=False))
    number = draw(NUMBERS_6 | NUMBERS_4.map(lambda four: MAPPED + four))
    return str(IPv6Network((number, draw(st.integers(0, 128))), strict=False))


ADDRESSES = st.one_of(
    NUMBERS_4.map(lambda number: str(IPv4Address(number))),
    NUMBERS_6.map(lambda number: str(IPv6Address(number))),
    NUMBERS_4.map(lambda number: str(IPv6Address(MAPPED + number))),
)


def _mapped(text: str) -> IPv6Address:
    address = ip_address(text)
    return address if isinstance(address, IPv6Address) else IPv6Address(f"::ffff:{address}")


def _mapped_network(text: str) -> IPv6Network:
    network = ip_network(text)
    if isinstance(network, IPv6Network):
        return network
    return IPv6Network(f"::ffff:{network.network_address}/{96 + network.prefixlen}")


def _refuses(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return True
    return False


@given(st.lists(blocks(), max_size=6), ADDRESSES)
def test_address_is_listed_exactly_if_a_block_contains_it(listed: list[str], address: str) -> None:
    expected = any(_mapped(address) in _mapped_network(block) for block in listed)

    assert contains(listed, address_bytes(address)) == expected


@given(st.lists(blocks(), min_size=1, max_size=6), st.data())
def test_both_ends_of_a_block_are_inside_and_their_neighbours_are_not(listed: list[str], data: st.DataObject) -> None:
    network = _mapped_network(data.draw(st.sampled_from(listed)))
    first, last = int(network[0]), int(network[-1])

    for number in (first, last, *([first - 1] if first else []), *([last + 1] if last < 2**128 - 1 else [])):
        expected = any(IPv6Address(number) in _mapped_network(block) for block in listed)
        assert contains(listed, number.to_bytes(16)) == expected


@given(st.lists(blocks(), max_size=6))
def test_ranges_are_ordered_and_do_not_touch(listed: list[str]) -> None:
    """Each range is a part of the condition of a verification, so there are as few ranges as possible."""
    found = [(int.from_bytes(first), int.from_bytes(last)) for first, last in ranges(listed)]

    assert all(first <= last for first, last in found)
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(found))


def test_adjacent_blocks_are_joined() -> None:
    assert ranges(["10.0.0.128/25", "10.0.0.0/25"]) == ranges(["10.0.0.0/24"])


def test_missing_address_is_in_no_list() -> None:
    assert not contains(["0.0.0.0/0", "::/0"], None)
    assert not contains([], address_bytes("203.0.113.9"))


def test_all_of_ipv4_is_not_all_of_ipv6() -> None:
    assert contains(["0.0.0.0/0"], address_bytes("203.0.113.9"))
    assert not contains(["0.0.0.0/0"], address_bytes("2001:db8::1"))


def test_ipv4_address_equals_its_mapped_ipv6_address() -> None:
    assert address_bytes("203.0.113.9") == address_bytes("::ffff:203.0.113.9") == address_bytes("::FFFF:CB00:7109")
    assert contains(["203.0.113.0/24"], address_bytes("::ffff:203.0.113.9"))


@pytest.mark.parametrize(
    "text",
    ["", " ", "localhost", "10.0.0", "10.0.0.256", "10.0.0.01", "0x7f.1", "10.0.0.1/32", " 10.0.0.1", "10.0.0.1\n",
     "10.0.0.1:80", "[::1]", "fe80::1%eth0", "::1%1", ":::", "1::2::3", "١.٢.٣.٤", "::ffff:10.0.0.300"],
)  # fmt: skip
def test_invalid_address_is_refused(text: str) -> None:
    assert _refuses(address_bytes, text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("203.0.113.9", "203.0.113.9/32"),
        ("2001:DB8:0:0::1", "2001:db8::1/128"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("2001:db8::/128", "2001:db8::/128"),
        ("10.0.0.1/32", "10.0.0.1/32"),
    ],
)
def test_block_is_stored_in_its_canonical_form(text: str, kept: str) -> None:
    assert canonical_block(text) == kept
    assert canonical_block(kept) == kept


@pytest.mark.parametrize(
    "text",
    ["", "10.0.0.0/33", "::/129", "10.0.0.1/8", "2001:db8::1/64", "10.0.0.0/-1", "10.0.0.0/", "/8", "10.0.0.0/8/8",
     "10.0.0.0-10.0.0.9", "fe80::%eth0/64", "fe80::1%eth0", "*", "10.*", "10.0.0.0/8 ", "10.0.0.0/٨"],
)  # fmt: skip
def test_invalid_block_is_refused(text: str) -> None:
    assert _refuses(canonical_block, text)


@given(blocks())
def test_every_stored_block_can_be_parsed_again(block: str) -> None:
    assert ranges([canonical_block(block)]) == ranges([block])
