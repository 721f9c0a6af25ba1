"""Session tokens that held, remembered until they expire, so that a busy backend's token is checked once.

Nothing can take a session token back before it expires: to remember that one held is to know what checking it again
would find. Checking takes PyJWT about a quarter of what a whole verification may take.
"""

from collections import OrderedDict
from typing import Protocol

from latchhook.clock import Clock
from latchhook.identity.session_token import SessionClaims

MOST_TOKENS = 1_000
LONGEST_SECONDS = 300
"""A signing key that the provider withdraws is found out at most this much later than without remembering."""


class Tokens(Protocol):
    """Checks session tokens."""

    def read(self, token: str) -> SessionClaims:
        """The claims of a token that holds; raises for any other."""


class TokenCache:
    """Checks tokens by `tokens`, each one that held only once in five minutes. What did not hold is not remembered."""

    def __init__(self, tokens: Tokens, *, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock
        self._held: OrderedDict[str, tuple[SessionClaims, float]] = OrderedDict()

    def read(self, token: str) -> SessionClaims:
        """As `SessionTokens.read`."""
        now = self._clock().timestamp()
        remembered = self._held.pop(token, None)
        if remembered is not None and now < remembered[1]:
            self._held[token] = remembered
            return remembered[0]
        claims = self._tokens.read(token)
        self._held[token] = (claims, min(claims.expires_at, now + LONGEST_SECONDS))
        if len(self._held) > MOST_TOKENS:
            self._held.popitem(last=False)
        return claims
