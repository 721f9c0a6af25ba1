"""Headers that an account adds to its deliveries. They cannot replace Latchhook's headers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from latchhook.webhooks.secrets import StoredSecret

MAX_HEADERS = 20
MAX_NAME_LENGTH = 100
MAX_VALUE_LENGTH = 1_000

REDACTED = "[redacted]"
"""The placeholder for a secret value."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, 5.6.2: a token."""
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
"""RFC 9110, 5.5: visible ASCII characters, with spaces and tabs between them."""

_OURS = frozenset(
    {"accept-encoding", "content-encoding", "content-length", "content-type", "expect", "host", "user-agent"}
)
_HOP_BY_HOP = frozenset(
    {"connection", "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
     "te", "trailer", "transfer-encoding", "upgrade", "via"}
)  # fmt: skip
"""The headers of RFC 9110, 7.6.1, and similar headers."""
_SECRET = re.compile(r"auth|bearer|cookie|credential|jwt|key|pass|pwd|secret|session|signature|token", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CustomHeader:
    """One header. If its name indicates a secret, the value is stored encrypted and never shown."""

    name: str
    value: str | None
    sealed: StoredSecret | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The value that the account sees."""
        return REDACTED if self.value is None else self.value


@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    """Return whether a header's name indicates a credential."""
    return _SECRET.search(name) is not None


def name_refusal(name: str, *, header_prefix: str) -> str | None:
    """Return why a header name is refused, or None if it is allowed. `header_prefix` is the deployment's."""
    seen = _as_seen(name)
    if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        return f"The header name must be 1 to {MAX_NAME_LENGTH} letters, digits or characters of !#$%&'*+-.^_`|~."
    if seen in _OURS or seen.startswith(("webhook-", f"{_as_seen(header_prefix)}-")):
        return "Latchhook sets this header. Choose another name."
    if seen in _HOP_BY_HOP:
        return "This header controls the connection and cannot be set."
    return None


def value_refusal(value: str) -> str | None:
    """Return why a header value is refused, or None if it is allowed."""
    if len(value) > MAX_VALUE_LENGTH or not _VALUE.fullmatch(value):
        return f"The header value must be 1 to {MAX_VALUE_LENGTH} printable ASCII characters."
    return None


def repeated(names: Iterable[str]) -> Sequence[str]:
    """Return the names that repeat an earlier name. Case and punctuation are ignored."""
    seen: set[str] = set()
    again = []
    for name in names:
        if _as_seen(name) in seen:
            again.append(name)
        seen.add(_as_seen(name))
    return again


def kept(before: Sequence[CustomHeader], wanted: Mapping[str, str]) -> dict[str, CustomHeader]:
    """Return the stored headers whose secret value `wanted` keeps, because its value is the placeholder."""
    secret = {header.name: header for header in before if header.value is None}
    return {name: secret[name] for name, value in wanted.items() if value == REDACTED and name in secret}


def _as_seen(name: str) -> str:
    """Return the name without case and punctuation, which CGI (RFC 3875, 4.1.18) and WSGI receivers do not see."""
    return re.sub("[^0-9a-z]", "-", name.lower())
