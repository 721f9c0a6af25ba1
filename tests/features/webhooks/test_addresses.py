"""The IP addresses that a webhook may reach."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import pytest

from latchhook.webhooks.addresses import refusal

# The IANA IPv4 and IPv6 Special-Purpose Address Registries, the multicast and reserved blocks, and the IPv6 forms that
# contain IPv4 addresses. The first and the last address of each block must be refused.
NOT_PUBLIC = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "::/96",
    "::ffff:0:0/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/23",
    "2001::/32",
    "2001:2::/48",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3ffe::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]

PRIZES = [
    "169.254.169.254",  # EC2 metadata
    "169.254.170.2",  # ECS credentials
    "127.0.0.1",  # Lambda's runtime API
    "fd00:ec2::254",  # EC2 metadata over IPv6
    "168.63.129.16",  # Azure
    "100.100.100.200",  # Alibaba
    "192.0.0.192",  # Oracle
    "255.255.255.255",
    "::127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "::ffff:0:169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::10.0.0.1",
    "2002:a9fe:a9fe::1",
    "2002:808:808::1",
    "2001:0:4136:e378:8000:63bf:5601:5601",
    "2606:4700::5efe:169.254.169.254",
    "2606:4700::200:5efe:10.0.0.1",
    "::5efe:127.0.0.1",
    "fe80::1%eth0",
    "2606:4700::1111%eth0",
]

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "52.94.236.248",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2606:4700:4700::1111",
    "2600:1f18::1",
    "2a00:1450:4001::200e",
    "3fff:1000::1",
]


def _ends(networks: list[str]) -> list[str]:
    nets: list[IPv4Network | IPv6Network] = [ip_network(network) for network in networks]
    return [str(net[position]) for net in nets for position in (0, -1)]


@pytest.mark.parametrize("address", _ends(NOT_PUBLIC) + PRIZES)
def test_address_that_is_not_public_is_refused(address: str) -> None:
    assert refusal(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_accepted(address: str) -> None:
    assert refusal(ip_address(address)) is None


@pytest.mark.parametrize("first", range(256))
def test_ipv6_address_outside_global_unicast_is_refused(first: int) -> None:
    is_refused = refusal(ip_address((first << 120) | 0x0600 << 96 | 1)) is not None
    assert is_refused == (not 0x20 <= first <= 0x3F)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.0", "127.255.255.255", "::1"])
def test_loopback_address_is_accepted_where_allowed(address: str) -> None:
    assert refusal(ip_address(address), allow_loopback=True) is None


@pytest.mark.parametrize(
    "address",
    [a for a in _ends(NOT_PUBLIC) + PRIZES if a != "::1" and not a.startswith("127.")],
)
def test_allowing_loopback_allows_nothing_else(address: str) -> None:
    assert refusal(ip_address(address), allow_loopback=True)


def test_refusal_reason_is_written_for_customers() -> None:
    assert refusal(ip_address("10.1.2.3")) == "a private network address"
    assert refusal(ip_address("::ffff:10.1.2.3")) == "an IPv4 address in IPv6 form"
