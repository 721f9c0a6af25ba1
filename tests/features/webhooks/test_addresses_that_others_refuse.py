"""Every address that Svix, Hook0 or smokescreen refuses is refused, in every IPv6 form. Public addresses are accepted.

Sources, read 2026-11:

- Svix: `is_allowed` in server/svix-server/src/core/webhook_http_client.rs of svix/svix-webhooks.
- Hook0: `has_forbidden_ip` in output-worker/src/work.rs of hook0/hook0, after Rust's `IpAddr::is_global`.
- smokescreen: `classifyAddr` and `defaultIPClassification` in pkg/smokescreen/ip.go and ip_policy.go of
stripe/smokescreen, after Go's `IP.IsGlobalUnicast` and `IP.IsPrivate`, with shared carrier addresses (`addrIsCGNAT`)
and IPv6 forms that contain IPv4 addresses (`addrHasIPv6Embedding`).
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest

from latchhook.webhooks.addresses import refusal
from latchhook.webhooks.endpoint_url import EndpointUrlError, parse_endpoint_url

_EVERYBODYS = (
    "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
    "255.255.255.255/32", "::1/128", "::/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
_RUSTS = (
    "0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
    "2001:db8::/32",
)  # fmt: skip
REFUSED = {
    "Svix": (*_EVERYBODYS, *_RUSTS, "ff00::/8"),
    "Hook0": (*_EVERYBODYS, *_RUSTS, "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23"),
    "smokescreen": (
        *_EVERYBODYS, "0.0.0.0/32", "224.0.0.0/4", "ff00::/8", "::ffff:0:0/96", "64:ff9b::/96", "2002::/16",
        "2001::/32",
    ),
}  # fmt: skip

PUBLIC = ("1.1.1.1", "8.8.8.8", "93.184.215.14", "2001:4860:4860::8888", "2606:4700:4700::1111")

FORMS = {
    "compatible": "::{v4}",
    "mapped": "::ffff:{v4}",
    "SIIT": "::ffff:0:{v4}",
    "NAT64": "64:ff9b::{v4}",
    "NAT64, local": "64:ff9b:1::{v4}",
    "6to4": "2002:{hex}::1",
    "Teredo, server": "2001:0:{hex}::1",
    "Teredo, client": "2001:0:4136:e378:8000:63bf:{inverted}",
    "ISATAP": "2606:4700::5efe:{v4}",
    "ISATAP, unique": "2606:4700::200:5efe:{v4}",
    "ISATAP, link-local": "fe80::5efe:{v4}",
    "site-local": "fec0::{v4}",
}
"""RFC 4291 (2.5.5), RFC 2765, RFC 6052, RFC 8215, RFC 3056, RFC 4380, RFC 5214, RFC 3879."""


def _ends(network: str) -> Iterator[IPv4Address | IPv6Address]:
    read = ip_network(network)
    yield from (read[0], read[-1])


def _halves(number: int) -> str:
    return f"{number >> 16:x}:{number & 0xFFFF:x}"


def _in_form(form: str, address: IPv4Address) -> IPv6Address:
    number = int(address)
    return IPv6Address(form.format(v4=address, hex=_halves(number), inverted=_halves(number ^ 0xFFFF_FFFF)))


@pytest.mark.parametrize(
    ("who", "network"), [(who, network) for who, networks in REFUSED.items() for network in networks]
)
def test_address_that_another_webhook_sender_refuses_is_refused(who: str, network: str) -> None:
    for address in _ends(network):
        assert refusal(address), f"{who} refuses {address}"


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("text", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "8.8.8.8"])
def test_ipv4_address_in_ipv6_form_is_refused_in_dns_and_in_a_url(form: str, text: str) -> None:
    address = _in_form(form, IPv4Address(text))
    assert refusal(address)
    assert refusal(address, allow_loopback=True)
    with pytest.raises(EndpointUrlError):
        parse_endpoint_url(f"https://[{address}]/")


@pytest.mark.parametrize("text", PUBLIC)
def test_public_address_is_accepted_in_dns_and_in_a_url(text: str) -> None:
    address = ip_address(text)
    assert refusal(address) is None
    host = f"[{text}]" if isinstance(address, IPv6Address) else text
    assert parse_endpoint_url(f"https://{host}/").address == address


@pytest.mark.parametrize("text", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "192.168.0.1", "8.8.8.8"])
def test_ipv4_address_in_an_unusual_spelling_is_refused(text: str) -> None:
    """Decimal, octal, hexadecimal and short forms, as inet_aton(3) parses them."""
    number = int(IPv4Address(text))
    one, two, three, four = text.split(".")
    rest = number & 0xFFFFFF
    for spelling in (
        f"{number}",
        f"0x{number:x}",
        f"0X{number:08X}",
        f"0{number:o}",
        f"{one}.{rest}",
        f"{one}.{two}.{number & 0xFFFF}",
        f"0x{int(one):x}.{two}.{three}.{four}",
        f"{one}.{two}.{three}.0x{int(four):x}",
        f"0{int(one):o}.{two}.{three}.{four}",
        f"{one}.{two}.{three}.0{int(four):o}",
        f"{one}.{two}.{three}.{four.zfill(3)}" if len(four) < 3 else f"0{one}.{two}.{three}.{four}",
    ):
        with pytest.raises(EndpointUrlError):
            parse_endpoint_url(f"https://{spelling}/")
        with pytest.raises(EndpointUrlError):
            parse_endpoint_url(f"https://{spelling}./", allow_insecure=True)
