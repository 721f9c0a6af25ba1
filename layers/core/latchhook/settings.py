"""The settings of a deployment, read once from the environment variables that template.yaml sets."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

MARKETPLACE_SCOPES = (
    "orders:read", "orders:write", "products:read", "products:write", "inventory:read", "inventory:write",
    "commissions:read", "webhooks:read", "webhooks:write",
)  # fmt: skip
"""The default scope catalogue: nine scopes of a marketplace."""

GITHUB_KEYS_URL = "https://api.github.com/meta/public_keys/secret_scanning"
"""GitHub docs, "Secret scanning partner program"."""

RETRY_SCHEDULE = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
"""The default waiting times between attempts, from five seconds to a day."""


class MissingSettingError(ValueError):
    """A required environment variable is not set, or is empty."""

    def __init__(self, variable: str) -> None:
        super().__init__(f"The environment variable {variable} is not set. template.yaml sets it for every function.")


@dataclass(frozen=True, slots=True)
class Settings:
    """One deployment's settings.

    The environment variable of a setting has the setting's name in capitals. A setting without a default is required.
    """

    api_keys_table: str
    settings_table: str
    deliveries_table: str
    webhook_secrets_key_id: str
    event_queue_url: str = ""
    delivery_queue_url: str = ""
    retry_queue_url: str = ""
    drain_queue_url: str = ""
    use_queue_url: str = ""
    bus_dead_letter_queue_url: str = ""
    system_event_dead_letter_queue_url: str = ""
    count_dead_letter_queue_url: str = ""
    drain_start_dead_letter_queue_url: str = ""
    retry_queue_arn: str = ""
    retry_dead_letter_queue_arn: str = ""
    retry_schedule_role_arn: str = ""
    api_key_prefix: str = "lh_live_"
    scopes: tuple[str, ...] = MARKETPLACE_SCOPES
    """The product's scopes. Latchhook's own scopes are always added."""
    authorizer_scopes: str = ""
    """The scopes that routes behind the authorizer require, unless their API defines them (`edge/route_scopes.py`)."""
    billing_period: str = "calendar-month"
    """`calendar-month`, or `account-day`: each account has its own billing day."""
    rotation_grace_seconds: int = 300
    signature_header_prefix: str = "X-Latchhook"
    operator_account_id: str = ""
    jwt_secret_arn: str = ""
    """The Secrets Manager secret that contains the HS256 secret of session tokens. Empty refuses such tokens."""
    max_keys_per_account: int = 10000
    """The most keys of an account that are not revoked."""
    writes_per_minute: int = 600
    """Changes per minute that an account may make with the management API."""
    slow_calls_per_minute: int = 30
    """Slow calls per minute of an account: test deliveries, filter tests, imports and bulk revocations."""
    jwt_jwks_url: str = ""
    jwt_issuer: str = ""
    jwt_audience: str = "authenticated"
    allowed_token_clients: frozenset[str] = frozenset()
    """The `client_id` of the OAuth clients whose tokens count as session tokens."""
    identity_providers: str = ""
    """A JSON list of identity providers (`identity/provider_config.py`). If set, no setting `jwt_…` is used."""
    accept_service_tokens: bool = True
    """Whether the operator's service tokens are accepted. Keys of the operator's account always are."""
    require_membership: bool = False
    """Whether a user without a stored membership has no rights, even if the claims of the session give rights."""
    secret_scanning_keys_url: str = GITHUB_KEYS_URL
    """The URL of the public keys with which GitHub signs its reports of exposed keys."""
    api_domain_names: tuple[str, ...] = ()
    """The API's custom domains, which no webhook may call."""
    api_id: str = ""
    """API Gateway's id of the API. Empty in functions behind its routes, because each request contains the id."""
    allow_insecure_webhooks: bool = False
    """Allows plain HTTP and loopback addresses for webhooks. Only the local stack sets it."""
    retry_schedule_seconds: tuple[int, ...] = RETRY_SCHEDULE
    """Waiting times after the first, second, … failed attempt. After the last one, the delivery has failed."""
    delivery_timeout_seconds: float = 15
    """The deadline of one attempt, from the DNS lookup to the last byte of the response."""
    webhook_concurrency: int = 10
    """The most attempts of one slow webhook that may run at the same time."""
    retention_days: int = 30
    """Events, their ids and attempts are stored for this time."""
    audit_retention_days: int = 365
    console_supabase_url: str = ""
    """The URL of the Supabase project for signing in to the console. Empty turns this sign-in off."""
    console_supabase_key: str = ""
    """The public key of the Supabase project. Every visitor of the console sees it."""
    console_sign_in_as_url: str = ""
    """The path, relative to the API, that returns ready-made sessions to the console. Only the local stack sets it."""
    console_url: str = ""
    """The console's address in the URLs of portal sessions. Empty means the host of the request."""
    oauth_issuer: str = ""
    """The issuer of the authorization server (RFC 8414, 2). Empty means the address of the API in the request."""
    console_frame_ancestors: str = "'none'"
    """The sites that may show the console in a frame, in the syntax of the Content-Security-Policy."""


REQUIRED = tuple(field.name.upper() for field in fields(Settings) if field.default is MISSING)
"""The environment variables without which no function starts."""


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the settings. A missing variable, or an empty list, gives the setting's default.

    Raises `MissingSettingError` if a required variable is missing, and `ValueError` for an invalid number.
    """
    chosen: dict[str, Any] = {}
    for field in fields(Settings):
        variable = field.name.upper()
        text = environment.get(variable)
        if variable in REQUIRED and not text:
            raise MissingSettingError(variable)
        value = None if text is None else _READERS[field.type](text)
        if value is not None and value != ():
            chosen[field.name] = value
    return Settings(**chosen)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


_READERS: Mapping[Any, Callable[[str], Any]] = {
    str: str,
    int: int,
    float: float,
    bool: lambda text: text == "true",
    tuple[str, ...]: _words,
    tuple[int, ...]: lambda text: tuple(int(word) for word in _words(text)),
    frozenset[str]: lambda text: frozenset(_words(text)),
}
"""Reads a setting's text, by the setting's type."""
