"""Redirect URIs: what a client can register, and what a request may use."""

import pytest

from latchhook.oauth.redirect_uri import MAX_LENGTH, InvalidRedirectUriError, check_redirect_uri, host_of, matches

REGISTERED = "https://app.example.com/callback"


@pytest.mark.parametrize(
    "uri",
    [
        REGISTERED,
        "https://app.example.com:8443/a/b?tenant=7",
        "https://app.example.com",
        "http://127.0.0.1/callback",
        "http://127.0.0.1:5000/callback",
        "http://[::1]/callback",
        "http://localhost:3000/callback",
        "com.example.app:/callback",
        "com.example.app://callback",
        "https://app.example.com/" + "a" * (MAX_LENGTH - 24),
    ],
)
def test_web_loopback_and_app_redirects_can_be_registered(uri: str) -> None:
    assert check_redirect_uri(uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "http://app.example.com/callback",
        "http://127.0.0.1.example.com/callback",
        "https:///callback",
        "https://app.example.com/callback#",
        "https://app.example.com/callback#fragment",
        "https://user@app.example.com/callback",
        "https://user:secret@app.example.com/callback",
        "https://app.example.com/a/../callback",
        "https://app.example.com/a/%2e%2E/callback",
        "https://app.example.com/a/./callback",
        "https://app.example.com/..",
        "https://app.example.com\\@evil.example/callback",
        "https://app.example.com/call back",
        "https://app.example.com/c\u00e4llback",
        "https://app.example.com:port/",
        "https://[::1/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "myapp://callback",
        "/callback",
        "https://app.example.com/" + "a" * (MAX_LENGTH - 23),
    ],
)
def test_other_redirects_cannot_be_registered(uri: str) -> None:
    with pytest.raises(InvalidRedirectUriError):
        check_redirect_uri(uri)


@pytest.mark.parametrize(
    "sent",
    [
        "https://app.example.com/callback/",
        "https://app.example.com/callback/more",
        "https://app.example.com/callback?x=1",
        "https://app.example.com/Callback",
        "https://APP.example.com/callback",
        "HTTPS://app.example.com/callback",
        "https://app.example.com:443/callback",
        "https://app.example.com:8443/callback",
        "https://app.example.com/callback#",
        "https://app.example.com/a/../callback",
        "https://app.example.com/%63allback",
        "https://app.example.com.evil.example/callback",
        "https://app.example.com@evil.example/callback",
        "http://app.example.com/callback",
        "",
    ],
)
def test_request_must_use_a_registered_redirect_exactly(sent: str) -> None:
    assert matches(REGISTERED, REGISTERED)
    assert not matches(REGISTERED, sent)


@pytest.mark.parametrize(
    ("registered", "sent"),
    [
        ("http://127.0.0.1/callback", "http://127.0.0.1:51004/callback"),
        ("http://127.0.0.1:1/callback?a=b", "http://127.0.0.1:51004/callback?a=b"),
        ("http://127.0.0.1:51004/callback", "http://127.0.0.1/callback"),
        ("http://[::1]/callback", "http://[::1]:51004/callback"),
        ("http://127.0.0.1/80", "http://127.0.0.1:80/80"),
        ("http://localhost:3000/callback", "http://localhost:3001/callback"),
    ],
)
def test_native_app_may_use_any_port_of_its_loopback_address(registered: str, sent: str) -> None:
    assert matches(registered, sent)


@pytest.mark.parametrize(
    ("registered", "sent"),
    [
        ("http://127.0.0.1/callback", "http://127.0.0.1:51004/other"),
        ("http://127.0.0.1/callback", "http://[::1]:51004/callback"),
        ("http://127.0.0.1/callback", "https://127.0.0.1:51004/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.2:51004/callback"),
        ("http://127.0.0.1/callback", "http://user@127.0.0.1:51004/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:99999/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:51004/callback#x"),
        ("http://localhost/callback", "http://localhost.evil.example:51004/callback"),
    ],
)
def test_loopback_redirect_differs_in_its_port_only(registered: str, sent: str) -> None:
    assert not matches(registered, sent)


def test_host_names_the_receiver_of_a_redirect() -> None:
    assert host_of("https://app.example.com:8443/callback") == "app.example.com"
    assert host_of("com.example.app:/callback") == "com.example.app:"
