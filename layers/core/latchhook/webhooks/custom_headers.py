"""Headers that an account adds to its deliveries, beside ours and never instead of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from latchhook.webhooks.secrets import StoredSecret

MAX_HEADERS = 20
MAX_NAME_LENGTH = 100
MAX_VALUE_LENGTH = 1_000

REDACTED = "[redacted]"
"""What stands for a value that is not shown again."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, 5.6.2: a token."""
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
"""RFC 9110, 5.5: visible ASCII, with blanks between."""

_OURS = frozenset(
    {"accept-encoding", "content-encoding", "content-length", "content-type", "expect", "host", "user-agent"}
)
_HOP_BY_HOP = frozenset(
    {"connection", "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
     "te", "trailer", "transfer-encoding", "upgrade", "via"}
)  # fmt: skip
"""RFC 9110, 7.6.1, and those of its kind."""
_SECRET = re.compile(r"auth|bearer|cookie|credential|jwt|key|pass|pwd|secret|session|signature|token", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CustomHeader:
    """One header; the value of one that is secret by its name is kept encrypted and never shown."""

    name: str
    value: str | None
    sealed: StoredSecret | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The value as its account sees it."""
        return REDACTED if self.value is None else self.value


@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    """Whether a header holds a credential, by its name."""
    return _SECRET.search(name) is not None


def name_refusal(name: str, *, header_prefix: str) -> str | None:
    """Why a header of that name can't be added; None if it can. `header_prefix` is the deployment's."""
    seen = _as_seen(name)
    if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        return f"A header's name is 1 to {MAX_NAME_LENGTH} characters of a token."
    if seen in _OURS or seen.startswith(("webhook-", f"{_as_seen(header_prefix)}-")):
        return "This header is ours."
    if seen in _HOP_BY_HOP:
        return "This header is about the connection, which is ours."
    return None


def value_refusal(value: str) -> str | None:
    """Why a header can't have that value; None if it can."""
    if len(value) > MAX_VALUE_LENGTH or not _VALUE.fullmatch(value):
        return f"A header's value is 1 to {MAX_VALUE_LENGTH} printable ASCII characters."
    return None


def repeated(names: Iterable[str]) -> Sequence[str]:
    """Names that stand there before, in whatever case."""
    seen: set[str] = set()
    again = []
    for name in names:
        if _as_seen(name) in seen:
            again.append(name)
        seen.add(_as_seen(name))
    return again


def kept(before: Sequence[CustomHeader], wanted: Mapping[str, str]) -> dict[str, CustomHeader]:
    """Those of `wanted` whose value is not sent again because it was never shown."""
    secret = {header.name: header for header in before if header.value is None}
    return {name: secret[name] for name, value in wanted.items() if value == REDACTED and name in secret}


def _as_seen(name: str) -> str:
    """The name as receivers tell it from others: CGI (RFC 3875, 4.1.18) and WSGI know neither case nor punctuation."""
    return re.sub("[^0-9a-z]", "-", name.lower())
