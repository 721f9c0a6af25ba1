"""Session tokens."""

from functools import cache

from latchhook import aws
from latchhook.bootstrap import environment
from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.identity_providers import identity_providers
from latchhook.identity.provider import Provider
from latchhook.identity.session_token import ProviderTokens, SessionTokens
from latchhook.identity.token_cache import TokenCache
from latchhook.transport.published_keys import PublishedKeys, json_web_keys
from latchhook.transport.shared_secret import SharedSecret


@cache
def session_tokens() -> TokenCache:
    """Verifies session tokens, and caches valid ones."""
    tokens = SessionTokens([_tokens_of(provider) for provider in identity_providers()])
    return TokenCache(tokens, clock=environment.clock)


def _tokens_of(provider: Provider) -> ProviderTokens:
    url, arn = provider.jwks_url, provider.secret_arn
    return ProviderTokens(
        provider,
        secrets=SharedSecret(aws.secretsmanager, arn, clock=environment.clock) if arn else None,
        public_keys=PublishedKeys(url, json_web_keys) if url else None,
        accepts_service=settings().accept_service_tokens,
    )
