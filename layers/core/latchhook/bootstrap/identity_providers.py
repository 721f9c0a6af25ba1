"""The identity providers of the deployment."""

from functools import cache

from latchhook.bootstrap.environment import settings
from latchhook.identity.provider import Provider
from latchhook.identity.provider_config import read_providers, supabase


@cache
def identity_providers() -> tuple[Provider, ...]:
    """The providers of the parameter `IdentityProviders`, or the Supabase project of the parameters `Jwt…`.

    Raises `InvalidProvidersError`.
    """
    chosen = settings()
    if chosen.identity_providers:
        return read_providers(chosen.identity_providers)
    project = supabase(
        chosen.jwt_issuer,
        audience=chosen.jwt_audience,
        jwks_url=chosen.jwt_jwks_url,
        secret_arn=chosen.jwt_secret_arn,
        allowed_clients=chosen.allowed_token_clients,
    )
    return (project,)
