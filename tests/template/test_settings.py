"""The template sets exactly the environment variables that the code reads."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import pytest

from latchhook.settings import REQUIRED, Settings, from_environment
from tests.template.stack import environment, functions, named, permissions
from tests.template_tables import snake_case, template

OF_SESSIONS = {
    "IDENTITY_PROVIDERS",
    "JWT_SECRET_ARN",
    "JWT_JWKS_URL",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "ALLOWED_TOKEN_CLIENTS",
    "ACCEPT_SERVICE_TOKENS",
    "REQUIRE_MEMBERSHIP",
}
WITHOUT_ROOM = {
    "AuthorizeApiKey", "DeliverWebhook", "DrainDeliveries", "PublishBusEvent", "PublishSystemEvents", "RetryWebhook",
    "ServeConsole", "StartDrains",
}  # fmt: skip
"""Their own settings are so large that they clear the session settings, which they do not need."""
OF_OAUTH = {
    "GetAuthorizationServerMetadata", "GetProtectedResourceMetadata", "Authorize", "DescribeConsent", "DecideConsent",
}  # fmt: skip
"""They need no scope catalogue. The empty setting leaves space for their own."""
GLOBALS = template()["Globals"]["Function"]["Environment"]["Variables"]
TARGETS_OF_SCHEDULES = {"RETRY_QUEUE_ARN", "RETRY_DEAD_LETTER_QUEUE_ARN", "RETRY_SCHEDULE_ROLE_ARN"}
OF_FEW_FUNCTIONS = {
    "AuthorizeApiKey": {"AUTHORIZER_SCOPES"},
    "DeliverWebhook": {"API_ID"},
    "RetryWebhook": {"API_ID"},
    "CreatePortalSession": {"CONSOLE_URL", "CONSOLE_FRAME_ANCESTORS"},
    **{name: {"OAUTH_ISSUER"} for name in [*OF_OAUTH, "CreateToken", "RevokeToken", "IntrospectToken"]},
    "Authorize": {"OAUTH_ISSUER", "CONSOLE_URL"},
    "ReportGithubLeaks": {"SECRET_SCANNING_KEYS_URL"},
    "ServeConsole": {
        "CONSOLE_SUPABASE_URL",
        "CONSOLE_SUPABASE_KEY",
        "CONSOLE_SIGN_IN_AS_URL",
        "CONSOLE_FRAME_ANCESTORS",
    },
}


def own_variables(logical_id: str) -> Mapping[str, Any]:
    """Return the variables that a function adds to those of the globals or overrides."""
    own: Mapping[str, Any] = functions()[logical_id].get("Environment", {}).get("Variables", {})
    return own


def test_template_sets_exactly_the_variables_that_settings_read() -> None:
    assert {name for each in functions() for name in environment(each)} == {
        field.name.upper() for field in fields(Settings)
    }


@pytest.mark.parametrize("logical_id", functions())
def test_function_has_every_required_variable(logical_id: str) -> None:
    assert set(REQUIRED) <= {name for name, value in environment(logical_id).items() if value}


@pytest.mark.parametrize("logical_id", functions())
def test_function_has_the_urls_of_queues_that_it_may_send_to(logical_id: str) -> None:
    may_send_to = {queue for action, queue in permissions(logical_id) if action == "sqs:SendMessage"}
    urls = {name: value for name, value in environment(logical_id).items() if name.endswith("_QUEUE_URL")}
    assert urls == {f"{snake_case(queue).upper()}_URL": {"Ref": queue} for queue in may_send_to}


@pytest.mark.parametrize("logical_id", functions())
def test_function_with_schedules_has_their_targets(logical_id: str) -> None:
    makes_schedules = "scheduler:CreateSchedule" in {action for action, _ in permissions(logical_id)}
    assert TARGETS_OF_SCHEDULES & environment(logical_id).keys() == (TARGETS_OF_SCHEDULES if makes_schedules else set())


@pytest.mark.parametrize("logical_id", functions())
def test_special_settings_are_set_for_their_functions_only(logical_id: str) -> None:
    for_queues = {name for name in environment(logical_id) if name.endswith("_QUEUE_URL")} | TARGETS_OF_SCHEDULES
    assert own_variables(logical_id).keys() - for_queues - set(GLOBALS) == OF_FEW_FUNCTIONS.get(logical_id, set())


def test_functions_clear_global_settings_but_never_change_them() -> None:
    changed = {
        (logical_id, name): value
        for logical_id in functions()
        for name, value in own_variables(logical_id).items()
        if name in GLOBALS
    }
    without_sessions = {(logical_id, name): "" for logical_id in WITHOUT_ROOM for name in OF_SESSIONS}
    without_scopes = {(logical_id, "SCOPES"): "" for logical_id in ["CreatePortalSession", *OF_OAUTH]}
    assert changed == {**without_sessions, **without_scopes}


def referenced(value: Any) -> Iterator[str]:
    """Yield everything that a value refers to."""
    if isinstance(value, dict):
        for function, inner in value.items():
            if function in {"Ref", "Fn::GetAtt"}:
                yield named({function: inner})
            else:
                yield from referenced(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from referenced(inner)


def test_variables_refer_to_existing_resources() -> None:
    known = {*template()["Resources"], *template()["Parameters"]}
    for logical_id in functions():
        for value in environment(logical_id).values():
            assert set(referenced(value)) <= known


def test_every_parameter_is_used() -> None:
    document = dict(template())
    declared = set(document.pop("Parameters"))
    assert declared <= set(referenced(document))


def value_by_default(value: Any) -> str:
    """Return a variable's value in a deployment without parameters. Resources have their logical ids as values."""
    match value:
        case str():
            return value
        case {"Ref": name} if name in template()["Parameters"]:
            return str(template()["Parameters"][name].get("Default", "required"))
        case {"Ref": name}:
            return str(name)
        case {"Fn::GetAtt": name}:
            return str(name)
    raise TypeError(value)


def defaults(variables: Mapping[str, Any]) -> dict[str, str]:
    return {name: value_by_default(value) for name, value in variables.items()}


def test_parameter_defaults_equal_the_defaults_of_settings() -> None:
    of_parameters = from_environment(
        defaults({name: each for of in [*functions(), "VerifyApiKey"] for name, each in environment(of).items()})
    )
    of_code = from_environment(dict.fromkeys(REQUIRED, "required"))
    for name in (
        "api_key_prefix",
        "scopes",
        "authorizer_scopes",
        "rotation_grace_seconds",
        "signature_header_prefix",
        "operator_account_id",
        "jwt_secret_arn",
        "jwt_jwks_url",
        "identity_providers",
        "accept_service_tokens",
        "jwt_audience",
        "max_keys_per_account",
        "writes_per_minute",
        "slow_calls_per_minute",
        "allowed_token_clients",
        "secret_scanning_keys_url",
        "api_domain_names",
        "allow_insecure_webhooks",
        "retry_schedule_seconds",
        "delivery_timeout_seconds",
        "retention_days",
        "audit_retention_days",
        "console_supabase_url",
        "console_supabase_key",
        "console_sign_in_as_url",
        "console_frame_ancestors",
        "oauth_issuer",
    ):
        assert getattr(of_parameters, name) == getattr(of_code, name), name


def test_no_secret_is_a_parameter_or_a_variable() -> None:
    assert [name for name, each in template()["Parameters"].items() if "NoEcho" in each] == []
    variables = {name for each in functions() for name in environment(each)}
    assert {name for name in variables if "SECRET" in name} == {
        "JWT_SECRET_ARN",
        "WEBHOOK_SECRETS_KEY_ID",
        "SECRET_SCANNING_KEYS_URL",
    }


def test_insecure_webhooks_are_off_by_default() -> None:
    assert template()["Parameters"]["AllowInsecureWebhooks"]["Default"] == "false"


def test_ready_made_sessions_are_off_by_default() -> None:
    assert template()["Parameters"]["ConsoleSignInAsUrl"]["Default"] == ""


@pytest.mark.parametrize(
    ("sites", "allowed"),
    [
        ("'none'", True),
        ("'self'", True),
        ("https://app.example.com", True),
        ("'self' https://app.example.com https://*.example.org", True),
        ("http://localhost:3000", True),
        ("", False),
        ("*", False),
        ("'none' https://app.example.com", False),
        ("'self'; script-src *", False),
        ("https://a.example, https://b.example", False),
    ],
)
def test_frame_ancestors_accept_only_none_or_origins(sites: str, allowed: bool) -> None:
    pattern = template()["Parameters"]["ConsoleFrameAncestors"]["AllowedPattern"]
    assert (re.fullmatch(pattern, sites) is not None) is allowed


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("", True),
        ("https://p.supabase.co", True),
        ("https://p.supabase.co/", False),
        ("https://p.co; img-src *", False),
    ],
)
def test_supabase_url_must_be_an_origin(url: str, allowed: bool) -> None:
    pattern = template()["Parameters"]["ConsoleSupabaseUrl"]["AllowedPattern"]
    assert (re.fullmatch(pattern, url) is not None) is allowed
