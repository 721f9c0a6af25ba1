"""Redirect URIs: which ones a client can register, and which one a request may use (RFC 6749, 3.1.2; RFC 8252)."""

import re
from urllib.parse import SplitResult, urlsplit

MAX_LENGTH = 2048
MAX_REDIRECT_URIS = 10

_ALLOWED = re.compile(r"[!-~]+")
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_DOTS = re.compile(r"(?i)(?:^|/)(?:\.|%2e){1,2}(?:/|$)")


class InvalidRedirectUriError(ValueError):
    """The text is no redirect URI that a client can register. The message explains the rule."""


def check_redirect_uri(text: str) -> str:
    """Return a redirect URI that a client can register. Raises `InvalidRedirectUriError`.

    Allowed are HTTPS, plain HTTP on a loopback address (RFC 8252, 7.3), and private-use schemes in reverse domain
    notation (RFC 8252, 7.1). A fragment, user information and dot segments are not allowed.
    """
    if not _ALLOWED.fullmatch(text) or len(text) > MAX_LENGTH:
        raise InvalidRedirectUriError(f"Must have 1 to {MAX_LENGTH} visible ASCII characters.")
    if "#" in text:
        raise InvalidRedirectUriError("Must not have a fragment.")
    if "\\" in text:
        raise InvalidRedirectUriError("Must not contain a backslash.")
    url = _split(text)
    if url.username is not None or url.password is not None or "@" in url.netloc:
        raise InvalidRedirectUriError("Must not have user information.")
    if _DOTS.search(url.path):
        raise InvalidRedirectUriError("Must not have the path segments . and ..")
    if url.scheme in ("https", "http") and not url.hostname:
        raise InvalidRedirectUriError("Must have a host.")
    is_loopback = url.scheme == "http" and url.hostname in _LOOPBACK
    if url.scheme != "https" and not is_loopback and not _PRIVATE_SCHEME.fullmatch(url.scheme):
        raise InvalidRedirectUriError(
            "Must be an https URL, an http URL of a loopback address, or have a scheme such as com.example.app."
        )
    return text


def matches(registered: str, sent: str) -> bool:
    """Return whether a request may use the URI `sent`: both are equal as text (RFC 9700, 4.1.3).

    The port of a loopback address may differ, because native apps choose a free port (RFC 8252, 7.3).
    """
    if registered == sent:
        return True
    try:
        ours, theirs = _split(registered), _split(check_redirect_uri(sent))
    except InvalidRedirectUriError:
        return False
    if ours.scheme != "http" or ours.hostname not in _LOOPBACK or ours.hostname != theirs.hostname:
        return False
    return _without_port(registered, ours) == _without_port(sent, theirs)


def host_of(uri: str) -> str:
    """Return what identifies the receiver of a redirect: the host, or the private-use scheme."""
    url = _split(uri)
    return url.hostname or f"{url.scheme}:"


def _split(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        url.port  # noqa: B018 - raises for a port that is no number
    except ValueError:
        raise InvalidRedirectUriError("Must be a valid URL.") from None
    return url


def _without_port(text: str, url: SplitResult) -> str:
    return text if url.port is None else text.replace(f":{url.port}", "", 1)
