"""Accepted and refused endpoint URLs."""

import os
import subprocess
import sys
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.endpoint_url import EndpointUrlError, parse_endpoint_url
from local.stages import ROOT


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("https://example.com", "https://example.com"),
        ("https://example.com/", "https://example.com/"),
        ("HTTPS://Example.COM/Hook", "https://example.com/Hook"),
        ("https://example.com:443/hook", "https://example.com/hook"),
        ("https://example.com:8443/hook", "https://example.com:8443/hook"),
        ("https://example.com:/hook", "https://example.com/hook"),
        ("https://example.com./hook", "https://example.com/hook"),
        ("https://example.com?token=a/b?c", "https://example.com?token=a/b?c"),
        ("https://a_b.example.com/x", "https://a_b.example.com/x"),
        ("https://example.com/a%20b%zz", "https://example.com/a%20b%25zz"),
        ("https://example.com/ä?ö={x}", "https://example.com/%C3%A4?%C3%B6=%7Bx%7D"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://BÜCHER。example/x", "https://xn--bcher-kva.example/x"),
        ("https://xn--strae-oqa.example/x", "https://xn--strae-oqa.example/x"),
        ("https://straße.example/x", "https://xn--strae-oqa.example/x"),
        ("https://STRAẞE.example/x", "https://xn--strae-oqa.example/x"),
        ("https://ός.example/x", "https://xn--3xat.example/x"),
        ("https://ශ්\u200dරී.example/x", "https://xn--10cl1a0b660p.example/x"),
        ("https://a_b.bücher.example/x", "https://a_b.xn--bcher-kva.example/x"),
        ("https://1.1.1.1/x", "https://1.1.1.1/x"),
        ("https://[2606:4700:4700:0::1111]:444/x", "https://[2606:4700:4700::1111]:444/x"),
        ("https://127.0.0.1.nip.io/x", "https://127.0.0.1.nip.io/x"),
    ],
)
def test_accepted_url_has_one_normal_form(text: str, normal: str) -> None:
    endpoint = parse_endpoint_url(text)
    assert endpoint.url == normal
    assert parse_endpoint_url(endpoint.url) == endpoint


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("https://Example.COM", "example.com"),
        ("https://example.com:443/hook?a=//b", "example.com"),
        ("https://example.com:8443?a=/b", "example.com:8443"),
        ("https://[2606:4700:4700:0::1111]:444/x", "[2606:4700:4700::1111]:444"),
        ("https://bücher.example/x", "xn--bcher-kva.example"),
    ],
)
def test_authority_is_the_value_of_the_host_header(text: str, authority: str) -> None:
    assert parse_endpoint_url(text).authority == authority


def test_parsed_url_has_host_port_target_and_address() -> None:
    endpoint = parse_endpoint_url("https://[2606:4700::1111]:8443?a=1")
    assert (endpoint.scheme, endpoint.host, endpoint.port) == ("https", "2606:4700::1111", 8443)
    assert endpoint.target == "/?a=1"
    assert endpoint.address == ip_address("2606:4700::1111")
    assert parse_endpoint_url("https://example.com").address is None


def test_shown_url_has_no_query() -> None:
    assert parse_endpoint_url("https://example.com/a?token=x").shown == "https://example.com/a"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/hook",
        "//example.com/hook",
        "http://example.com/",
        "ftp://example.com/",
        "javascript:alert(1)",
        "https:example.com",
        "https:/example.com",
        "https://",
        "https:///hook",
        "https://?x",
        "https://:443/",
        "https://user:pass@example.com/",
        "https://user@example.com/",
        "https://@example.com/",
        "https://example.com@169.254.169.254/",
        "https://example.com/#part",
        "https://example.com#@169.254.169.254/",
        "https://example.com/a b",
        " https://example.com/",
        "https://example.com/\n",
        "https://exa\tmple.com/",
        "https://example.com/\x00",
        "https://example.com/\u200b",
        "https://example.com/\ud800",
        "https://example.com\\@169.254.169.254/",
        "https:\\\\example.com\\",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:99999999999999999999/",
        "https://example.com:-1/",
        "https://example.com:８０/",
        "https://example.com:80:80/",
        "https://exa%6dple.com/",
        "https://example..com/",
        "https://.example.com/",
        "https://example.com../",
        "https://-example.com/",
        "https://" + "a" * 64 + ".com/",
        "https://" + "a." * 127 + "com/",
        "https://example.com/" + "a" * 3000,
        "https://example.com/" + "ä" * 1000,
    ],
)
def test_url_that_is_no_https_url_with_a_host_is_refused(text: str) -> None:
    with pytest.raises(EndpointUrlError):
        parse_endpoint_url(text)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "169.254.169.254",
        "10.0.0.1",
        "0.0.0.0",  # noqa: S104
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0X7F.0.0.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "0",
        "0x",
        "1.1.1.0x1",
        "01.1.1.1",
        "1.1.1.1.1",
        "256.1.1.1",
        "8.8.8",
        "134744072",
        "169.254.169.254.",
        "１２７.０.０.１",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "[::1]",
        "[::]",
        "[::127.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[::ffff:8.8.8.8]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "[fe80::1%25eth0]",
        "[2606:4700::1111%eth0]",
        "[2606:4700::1111",
        "2606:4700::1111",
        "[1.1.1.1]",
        "[]",
        "[v1.x]",
    ],
)
def test_private_or_unusually_written_address_is_refused(host: str) -> None:
    with pytest.raises(EndpointUrlError):
        parse_endpoint_url(f"https://{host}/")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "app.localhost",
        "db",
        "printer.local",
        "ip-10-0-0-1.ec2.internal",
        "ⓛocalhost",
    ],
)
def test_internal_host_name_is_refused(host: str) -> None:
    with pytest.raises(EndpointUrlError):
        parse_endpoint_url(f"https://{host}/")


@pytest.mark.parametrize(
    "host",
    [
        "a\u0671\u200c.example",  # a letter of each direction
        "exam\u200dple.example",  # a joiner without the letter that it joins
        "b\u200cücher.example",
        "℀.example",  # maps to a/c
        "☃.example",  # a symbol
        "-bücher.example",
        "bü--cher.example",
        "\u0301bücher.example",  # a combining mark first
        "ü" * 60 + ".example",
        "ü" * 300,
    ],
)
def test_host_name_that_idna_2008_does_not_allow_is_refused(host: str) -> None:
    with pytest.raises(EndpointUrlError, match=r"not a valid (international )?name"):
        parse_endpoint_url(f"https://{host}/")


def test_joiner_is_refused_outside_the_host() -> None:
    for text in ("https://example.com/a\u200d", "https://example.com/?a\u200c"):
        with pytest.raises(EndpointUrlError, match="invisible"):
            parse_endpoint_url(text)


def test_ascii_host_does_not_import_idna() -> None:
    program = (
        "import sys; from latchhook.webhooks.endpoint_url import parse_endpoint_url as parse;"
        " parse('https://xn--bcher-kva.example'); assert 'idna' not in sys.modules;"
        " parse('https://bücher.example'); assert 'idna' in sys.modules"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "layers" / "core")}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:8080/x",
        "http://127.0.0.1:9000/x",
        "https://[::1]/x",
        "http://app.localhost/x",
        "http://db/",
    ],
)
def test_local_stack_accepts_plain_http_and_loopback(text: str) -> None:
    assert parse_endpoint_url(text, allow_insecure=True).url == text


@pytest.mark.parametrize(
    "text",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://[::ffff:127.0.0.1]/",
        "http://127.1/",
        "ftp://x/",
    ],
)
def test_local_stack_accepts_no_other_exception(text: str) -> None:
    with pytest.raises(EndpointUrlError):
        parse_endpoint_url(text, allow_insecure=True)


def test_refusal_reason_is_a_sentence_for_the_customer() -> None:
    with pytest.raises(EndpointUrlError) as refused:
        parse_endpoint_url("https://10.0.0.1/")
    assert refused.value.reason == "The host of the URL is not public: 10.0.0.1 is a private network address"


@given(st.text(max_size=60))
def test_any_text_is_refused_or_has_a_normal_form(text: str) -> None:
    try:
        endpoint = parse_endpoint_url("https://" + text)
    except EndpointUrlError:
        return
    assert endpoint.url.isascii()
    assert parse_endpoint_url(endpoint.url) == endpoint
