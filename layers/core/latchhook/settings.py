"""The settings of a deployment, read once from the environment variables that template.yaml sets."""

from collections.abc import Mapping
from dataclasses import dataclass

MARKETPLACE_SCOPES = (
    "orders:read", "orders:write", "products:read", "products:write", "inventory:read", "inventory:write",
    "commissions:read", "webhooks:read", "webhooks:write",
)  # fmt: skip
"""The default scope catalogue: nine scopes of a marketplace."""

GITHUB_KEYS_URL = "https://api.github.com/meta/public_keys/secret_scanning"
"""GitHub docs, "Secret scanning partner program"."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One deployment's settings."""

    api_keys_table: str
    settings_table: str
    deliveries_table: str
    event_queue_url: str
    delivery_queue_url: str
    retry_queue_url: str
    backlog_queue_url: str
    recovery_queue_url: str
    use_queue_url: str
    bus_dead_letter_queue_url: str
    system_event_dead_letter_queue_url: str
    count_dead_letter_queue_url: str
    held_delivery_dead_letter_queue_url: str
    retry_queue_arn: str
    retry_dead_letter_queue_arn: str
    retry_schedule_role_arn: str
    webhook_secrets_key_id: str
    api_key_prefix: str
    scopes: tuple[str, ...]
    """The product's scopes. Latchhook's own scopes are always added."""
    authorizer_scopes: str
    """The scopes that routes behind the authorizer require, unless their API defines them (`edge/route_scopes.py`)."""
    rotation_grace_seconds: int
    signature_header_prefix: str
    operator_account_id: str
    jwt_secret_arn: str
    """The Secrets Manager secret that contains the HS256 secret of session tokens. Empty refuses such tokens."""
    max_keys_per_account: int
    """The most keys of an account that are not revoked."""
    writes_per_minute: int
    """Changes per minute that an account may make with the management API."""
    slow_calls_per_minute: int
    """Slow calls per minute of an account: test deliveries, filter tests, imports and bulk revocations."""
    jwt_jwks_url: str
    jwt_issuer: str
    jwt_audience: str
    allowed_token_clients: frozenset[str]
    """The `client_id` of the OAuth clients whose tokens count as session tokens."""
    secret_scanning_keys_url: str
    """The URL of the public keys with which GitHub signs its reports of exposed keys."""
    api_domain_names: tuple[str, ...]
    """The API's custom domains, which no webhook may call."""
    api_id: str
    """API Gateway's id of the API. Empty in functions behind its routes, because each request contains the id."""
    allow_insecure_webhooks: bool
    """Allows plain HTTP and loopback addresses for webhooks. Only the local stack sets it."""
    retry_schedule_seconds: tuple[int, ...]
    """Waiting times after the first, second, … failed attempt. After the last one, the delivery has failed."""
    delivery_timeout_seconds: float
    """The deadline of one attempt, from the DNS lookup to the last byte of the response."""
    webhook_concurrency: int
    """The most attempts of one slow webhook that may run at the same time."""
    retention_days: int
    """Events, their ids and attempts are stored for this time."""
    audit_retention_days: int
    console_supabase_url: str
    """The URL of the Supabase project for signing in to the console. Empty turns this sign-in off."""
    console_supabase_key: str
    """The public key of the Supabase project. Every visitor of the console sees it."""
    console_sign_in_as_url: str
    """The path, relative to the API, that returns ready-made sessions to the console. Only the local stack sets it."""
    console_frame_ancestors: str
    """The sites that may show the console in a frame, in the syntax of the Content-Security-Policy."""


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the settings. A missing variable gets a default for local tests, or is empty."""
    read = environment.get
    return Settings(
        api_keys_table=read("API_KEYS_TABLE", ""),
        settings_table=read("SETTINGS_TABLE", ""),
        deliveries_table=read("DELIVERIES_TABLE", ""),
        event_queue_url=read("EVENT_QUEUE_URL", ""),
        delivery_queue_url=read("DELIVERY_QUEUE_URL", ""),
        retry_queue_url=read("RETRY_QUEUE_URL", ""),
        backlog_queue_url=read("BACKLOG_QUEUE_URL", ""),
        recovery_queue_url=read("RECOVERY_QUEUE_URL", ""),
        use_queue_url=read("USE_QUEUE_URL", ""),
        bus_dead_letter_queue_url=read("BUS_DEAD_LETTER_QUEUE_URL", ""),
        system_event_dead_letter_queue_url=read("SYSTEM_EVENT_DEAD_LETTER_QUEUE_URL", ""),
        count_dead_letter_queue_url=read("COUNT_DEAD_LETTER_QUEUE_URL", ""),
        held_delivery_dead_letter_queue_url=read("HELD_DELIVERY_DEAD_LETTER_QUEUE_URL", ""),
        retry_queue_arn=read("RETRY_QUEUE_ARN", ""),
        retry_dead_letter_queue_arn=read("RETRY_DEAD_LETTER_QUEUE_ARN", ""),
        retry_schedule_role_arn=read("RETRY_SCHEDULE_ROLE_ARN", ""),
        webhook_secrets_key_id=read("WEBHOOK_SECRETS_KEY_ID", ""),
        api_key_prefix=read("API_KEY_PREFIX", "lh_live_"),
        scopes=_words(read("SCOPES", "")) or MARKETPLACE_SCOPES,
        authorizer_scopes=read("AUTHORIZER_SCOPES", ""),
        rotation_grace_seconds=int(read("ROTATION_GRACE_SECONDS", "300")),
        signature_header_prefix=read("SIGNATURE_HEADER_PREFIX", "X-Latchhook"),
        operator_account_id=read("OPERATOR_ACCOUNT_ID", ""),
        jwt_secret_arn=read("JWT_SECRET_ARN", ""),
        max_keys_per_account=int(read("MAX_KEYS_PER_ACCOUNT", "10000")),
        writes_per_minute=int(read("WRITES_PER_MINUTE", "600")),
        slow_calls_per_minute=int(read("SLOW_CALLS_PER_MINUTE", "30")),
        jwt_jwks_url=read("JWT_JWKS_URL", ""),
        jwt_issuer=read("JWT_ISSUER", ""),
        jwt_audience=read("JWT_AUDIENCE", "authenticated"),
        allowed_token_clients=frozenset(_words(read("ALLOWED_TOKEN_CLIENTS", ""))),
        secret_scanning_keys_url=read("SECRET_SCANNING_KEYS_URL", GITHUB_KEYS_URL),
        api_domain_names=_words(read("API_DOMAIN_NAMES", "")),
        api_id=read("API_ID", ""),
        allow_insecure_webhooks=read("ALLOW_INSECURE_WEBHOOKS", "false") == "true",
        retry_schedule_seconds=tuple(
            int(wait) for wait in _words(read("RETRY_SCHEDULE_SECONDS", "")) or _DEFAULT_RETRY_SCHEDULE
        ),
        delivery_timeout_seconds=float(read("DELIVERY_TIMEOUT_SECONDS", "15")),
        webhook_concurrency=int(read("WEBHOOK_CONCURRENCY", "10")),
        retention_days=int(read("RETENTION_DAYS", "30")),
        audit_retention_days=int(read("AUDIT_RETENTION_DAYS", "365")),
        console_supabase_url=read("CONSOLE_SUPABASE_URL", ""),
        console_supabase_key=read("CONSOLE_SUPABASE_KEY", ""),
        console_sign_in_as_url=read("CONSOLE_SIGN_IN_AS_URL", ""),
        console_frame_ancestors=read("CONSOLE_FRAME_ANCESTORS", "'none'"),
    )


_DEFAULT_RETRY_SCHEDULE = ("5", "300", "1800", "7200", "18000", "36000", "50400", "72000", "86400")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
