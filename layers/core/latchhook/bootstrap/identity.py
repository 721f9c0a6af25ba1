"""Session tokens."""

from functools import cache

from latchhook import aws
from latchhook.bootstrap import environment
from latchhook.bootstrap.environment import settings
from latchhook.identity.session_token import SessionTokens
from latchhook.identity.token_cache import TokenCache
from latchhook.transport.published_keys import PublishedKeys, json_web_keys
from latchhook.transport.shared_secret import SharedSecret


@cache
def session_tokens() -> TokenCache:
    """Verifies session tokens, and caches valid ones."""
    chosen = settings()
    tokens = SessionTokens(
        secrets=_shared_secret(),
        public_keys=PublishedKeys(chosen.jwt_jwks_url, json_web_keys) if chosen.jwt_jwks_url else None,
        issuer=chosen.jwt_issuer,
        audience=chosen.jwt_audience,
        allowed_clients=chosen.allowed_token_clients,
        accepts_service=chosen.accept_service_tokens,
    )
    return TokenCache(tokens, clock=environment.clock)


def _shared_secret() -> SharedSecret | None:
    secret_arn = settings().jwt_secret_arn
    return SharedSecret(aws.secretsmanager, secret_arn, clock=environment.clock) if secret_arn else None
