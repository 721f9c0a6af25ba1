"""The cache of verified tokens: a valid token is verified once, and never used past its expiry."""

from datetime import timedelta

import pytest

from latchhook.identity.errors import UnauthenticatedError
from latchhook.identity.identity import Identity
from latchhook.identity.token_cache import LONGEST_SECONDS, MOST_TOKENS, TokenCache
from tests.samples import NOW, MovableClock

LIFETIME_SECONDS = 3_600


class Provider:
    """A verifier that accepts every token except `bad` and records the verified tokens."""

    def __init__(self, *, lifetime_seconds: float = LIFETIME_SECONDS) -> None:
        self.asked: list[str] = []
        self._expires_at = NOW.timestamp() + lifetime_seconds

    def read(self, token: str) -> Identity:
        self.asked.append(token)
        if token == "bad":
            raise UnauthenticatedError("invalid_token", "The token is invalid.")
        return Identity(token, "account", "admin", expires_at=self._expires_at)


def _tokens(provider: Provider) -> tuple[TokenCache, MovableClock]:
    clock = MovableClock()
    return TokenCache(provider, clock=clock), clock


def test_valid_token_is_verified_once() -> None:
    provider = Provider()
    tokens, _ = _tokens(provider)

    assert tokens.read("one") == tokens.read("one")
    assert provider.asked == ["one"]


def test_each_token_has_its_own_claims() -> None:
    tokens, _ = _tokens(Provider())

    assert [tokens.read(token).user_id for token in ("one", "two", "one", "two")] == ["one", "two", "one", "two"]


def test_invalid_token_is_verified_every_time() -> None:
    provider = Provider()
    tokens, _ = _tokens(provider)

    for _ in range(2):
        with pytest.raises(UnauthenticatedError):
            tokens.read("bad")
    assert provider.asked == ["bad", "bad"]


def test_token_is_verified_again_when_it_expires() -> None:
    provider = Provider(lifetime_seconds=10)
    tokens, clock = _tokens(provider)

    tokens.read("one")
    clock.now = NOW + timedelta(seconds=9.999)
    tokens.read("one")
    assert provider.asked == ["one"]
    clock.now = NOW + timedelta(seconds=10)
    tokens.read("one")
    assert provider.asked == ["one", "one"]


def test_token_is_cached_for_at_most_five_minutes() -> None:
    provider = Provider()
    tokens, clock = _tokens(provider)

    tokens.read("one")
    clock.now = NOW + timedelta(seconds=LONGEST_SECONDS)
    tokens.read("one")
    assert provider.asked == ["one", "one"]


def test_least_recently_used_token_is_evicted_first() -> None:
    provider = Provider()
    tokens, _ = _tokens(provider)
    for number in range(MOST_TOKENS):
        tokens.read(str(number))
    tokens.read("0")
    tokens.read("another")
    provider.asked.clear()

    tokens.read("0")
    assert provider.asked == []
    tokens.read("1")
    assert provider.asked == ["1"]
