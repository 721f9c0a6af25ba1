"""Validates and normalizes endpoint URLs.

The syntax is exactly that of RFC 3986. `urllib.parse` is not used, because it silently removes tabs and line ends, and
because it parses the authority differently in different Python versions.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from latchhook.webhooks.addresses import refusal

MAX_URL_CHARACTERS = 2048
_MAX_HOST_CHARACTERS = 253
_DEFAULT_PORTS = {"https": 443, "http": 80}

# The regular expression of RFC 3986, appendix B, without the fragment, which is refused before.
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]*)([^?]*)(\?.*)?")
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]*))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# Some C libraries (inet_aton) read a host with such a last label as an IPv4 address: 127.1, 0x7f000001, 017700000001.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# All characters that RFC 3986 does not allow in a path or query. They are percent-encoded as UTF-8.
_TO_ENCODE = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/?@!$&'()*+,;=%]")
# Top-level names of a single machine or a private network (RFC 6761, RFC 6762, ICANN's reservation of .internal).
_PRIVATE_SUFFIXES = ("localhost", "local", "internal")
# Invisible, but part of some names. RFC 5892, appendix A, states the contexts in which a name may contain them.
_WITHOUT_JOINERS = str.maketrans("", "", "\u200c\u200d")

_INVISIBLE = "The URL must not contain spaces or invisible characters"


class EndpointUrlError(ValueError):
    """An endpoint URL is refused. `reason` is a text for the customer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class EndpointUrl:
    """An accepted endpoint URL.

    `url` is the normalized form, which is stored and called. `host` is lower-case ASCII (punycode for international
    names, no brackets around IPv6). `target` is the path and query of the request line. `address` is set if the host is
    an IP address.
    """

    url: str
    scheme: str
    host: str
    port: int
    target: str
    address: IPv4Address | IPv6Address | None

    @property
    def authority(self) -> str:
        """Host and port for the `Host` header (RFC 9110, 7.2)."""
        return re.split("[/?]", self.url.partition("://")[2], maxsplit=1)[0]

    @property
    def shown(self) -> str:
        """The URL for error texts, without its query, which may contain a token."""
        return self.url.partition("?")[0]


def parse_endpoint_url(text: str, *, allow_insecure: bool = False) -> EndpointUrl:
    """Check and normalize a customer's URL.

    `allow_insecure` also allows plain HTTP, loopback addresses and private names. Only the local stack sets it.

    Raises:
        EndpointUrlError: a webhook must not have this URL.
    """
    _refuse_strange_text(text)
    parts = _URL.fullmatch(text)
    if parts is None:
        raise EndpointUrlError("The URL must look like https://host/path")
    scheme, authority, path, query = parts[1].lower(), parts[2], parts[3], parts[4] or ""
    if scheme != "https" and not (allow_insecure and scheme == "http"):
        raise EndpointUrlError("The URL must start with https://")
    if not (path + query).isprintable():
        raise EndpointUrlError(_INVISIBLE)
    host_text, port = _split_authority(authority, _DEFAULT_PORTS[scheme])
    host, address = _read_host(host_text)
    _refuse_private(host, address, allow_insecure=allow_insecure)
    shown_host = f"[{host}]" if isinstance(address, IPv6Address) else host
    shown_port = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
    path, query = _percent_encoded(path), _percent_encoded(query)
    url = f"{scheme}://{shown_host}{shown_port}{path}{query}"
    _refuse_long(url)
    return EndpointUrl(url, scheme, host, port, (path or "/") + query, address)


def same_origin(url: str | None, other: str | None) -> bool:
    """Return whether two accepted URLs have the same scheme, host and port (RFC 6454, 4). None never matches."""
    if url is None or other is None:
        return False
    one, two = (parse_endpoint_url(each, allow_insecure=True) for each in (url, other))
    return (one.scheme, one.host, one.port) == (two.scheme, two.host, two.port)


def _refuse_strange_text(text: str) -> None:
    _refuse_long(text)
    if " " in text or not text.translate(_WITHOUT_JOINERS).isprintable():
        raise EndpointUrlError(_INVISIBLE)
    if "\\" in text:
        raise EndpointUrlError("The URL must not contain a backslash")
    if "#" in text:
        raise EndpointUrlError("The URL must not have a fragment (#…)")


def _refuse_long(text: str) -> None:
    if len(text) > MAX_URL_CHARACTERS:
        raise EndpointUrlError(f"The URL must have at most {MAX_URL_CHARACTERS} characters")


def _split_authority(authority: str, default_port: int) -> tuple[str, int]:
    if "@" in authority:
        raise EndpointUrlError("The URL must not contain a user name or password")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise EndpointUrlError("The host or port of the URL is not valid")
    host, port_text = parts[1], parts[2]
    if not host:
        raise EndpointUrlError("The URL must name a host")
    if not port_text:
        return host, default_port
    # A port has at most five digits. Longer numbers are not converted.
    if len(port_text) > 5 or not 1 <= int(port_text) <= 65535:
        raise EndpointUrlError("The port of the URL must be between 1 and 65535")
    return host, int(port_text)


def _read_host(text: str) -> tuple[str, IPv4Address | IPv6Address | None]:
    if text.startswith("["):
        return _read_ipv6(text[1:-1])
    # A final dot marks a name as complete (RFC 1034). Host headers and certificates have no final dot.
    name = _ascii_name(text).removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _read_ipv4(name)
    if len(name) > _MAX_HOST_CHARACTERS or not all(_LABEL.fullmatch(label) for label in labels):
        raise EndpointUrlError("The host of the URL is not a valid name")
    return name, None


def _read_ipv4(text: str) -> tuple[str, IPv4Address]:
    """Read four decimal numbers. The short, octal and hexadecimal forms of inet_aton are refused."""
    try:
        return text, IPv4Address(text)
    except AddressValueError:
        raise EndpointUrlError("An IPv4 address must be four decimal numbers, as in 192.0.2.1") from None


def _read_ipv6(text: str) -> tuple[str, IPv6Address]:
    try:
        if "%" in text:
            raise EndpointUrlError("An IPv6 address in the URL must not have a zone (%…)")
        address = IPv6Address(text)
    except AddressValueError:
        raise EndpointUrlError("The IPv6 address in the URL is not valid") from None
    return address.compressed, address


def _ascii_name(text: str) -> str:
    """Return a host name in lower-case ASCII. An international name becomes punycode.

    Letters are mapped as in UTS 46 (non-transitional), as browsers do, and each label must be valid in IDNA 2008, as
    registries require.
    """
    if text.isascii():
        return text.lower()
    if len(text) > _MAX_HOST_CHARACTERS:
        raise EndpointUrlError("The host of the URL is not a valid name")
    import idna  # only here, because almost all names are ASCII

    try:
        labels = idna.uts46_remap(text, std3_rules=False).split(".")
        return ".".join(label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels)
    except idna.IDNAError:
        raise EndpointUrlError("The host of the URL is not a valid international name") from None


def _refuse_private(host: str, address: IPv4Address | IPv6Address | None, *, allow_insecure: bool) -> None:
    if address is not None:
        words = refusal(address, allow_loopback=allow_insecure)
        if words is not None:
            raise EndpointUrlError(f"The host of the URL is not public: {host} is {words}")
        return
    if allow_insecure:
        return
    last_label = host.rpartition(".")[2]
    if last_label in _PRIVATE_SUFFIXES or last_label == host:
        raise EndpointUrlError(f"The host of the URL is not a public name: {host}")


def _percent_encoded(text: str) -> str:
    return _TO_ENCODE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)
