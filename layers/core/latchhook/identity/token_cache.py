"""A cache of valid session tokens, so that the token of a busy backend is not validated for each request.

A session token cannot be revoked before it expires, so a second validation would have the same result. The validation
by PyJWT takes about a quarter of the time budget of a verification.
"""

from collections import OrderedDict
from typing import Protocol

from latchhook.clock import Clock
from latchhook.identity.identity import Identity

MOST_TOKENS = 1_000
LONGEST_SECONDS = 300
"""The withdrawal of a signing key takes effect at most this much later than without the cache."""


class Tokens(Protocol):
    """Validates session tokens."""

    def read(self, token: str) -> Identity:
        """Validate a token and return the identity that it proves. Raises for an invalid token."""


class TokenCache:
    """Validates tokens, and caches valid tokens for at most five minutes. Invalid tokens are not cached."""

    def __init__(self, tokens: Tokens, *, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock
        self._held: OrderedDict[str, tuple[Identity, float]] = OrderedDict()

    def read(self, token: str) -> Identity:
        """Validate a token and return the identity that it proves. Raises the errors of `SessionTokens.read`."""
        now = self._clock().timestamp()
        remembered = self._held.pop(token, None)
        if remembered is not None and now < remembered[1]:
            self._held[token] = remembered
            return remembered[0]
        identity = self._tokens.read(token)
        self._held[token] = (identity, min(identity.expires_at, now + LONGEST_SECONDS))
        if len(self._held) > MOST_TOKENS:
            self._held.popitem(last=False)
        return identity
