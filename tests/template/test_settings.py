"""Every environment variable that the template sets is read, and every one that is read is set."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from latchhook.settings import from_environment
from tests.template.stack import environment, functions, named, routes
from tests.template_tables import template

WITHOUT_SESSIONS = {"GetOpenapi", "AnswerUnknownRoute", "ReportGithubLeaks", "ServeConsole"}

SENDERS = {"DeliverWebhook", "RetryWebhook"}
"""Workers that call receivers; SendTestDelivery finds the API's id in its request."""


class Reading(dict[str, str]):
    """An empty environment that remembers what was looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return default

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)


def names_read() -> set[str]:
    reading = Reading()
    from_environment(reading)
    return reading.names


@pytest.mark.parametrize("logical_id", functions())
def test_variables_of_a_function_are_those_that_settings_reads(logical_id: str) -> None:
    assert set(environment(logical_id)) == names_read()


@pytest.mark.parametrize("logical_id", functions())
def test_function_changes_no_setting_but_takes_the_session_secret_away(logical_id: str) -> None:
    own = dict(functions()[logical_id].get("Environment", {}).get("Variables", {}))
    if logical_id in SENDERS:
        assert own.pop("API_ID") == {"Ref": "Api"}
    meets_sessions = bool(routes(logical_id)) and logical_id not in WITHOUT_SESSIONS
    assert own == ({} if meets_sessions else {"JWT_SECRET": ""})


def referenced(value: Any) -> Iterator[str]:
    """Everything that a value refers to."""
    if isinstance(value, dict):
        for function, inner in value.items():
            if function in {"Ref", "Fn::GetAtt"}:
                yield named({function: inner})
            else:
                yield from referenced(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from referenced(inner)


def test_what_variables_refer_to_exists() -> None:
    known = {*template()["Resources"], *template()["Parameters"]}
    for value in environment("VerifyApiKey").values():
        assert set(referenced(value)) <= known


def test_every_parameter_is_used() -> None:
    document = dict(template())
    declared = set(document.pop("Parameters"))
    assert declared <= set(referenced(document))


def value_by_default(value: Any) -> str:
    """A variable's value in a deployment that says nothing; resources are their own names."""
    match value:
        case str():
            return value
        case {"Fn::Join": [separator, inner]}:
            return str(separator.join(part.strip() for part in value_by_default(inner).split(",")))
        case {"Ref": name} if name in template()["Parameters"]:
            return str(template()["Parameters"][name].get("Default", "required"))
        case {"Ref": name}:
            return str(name)
        case {"Fn::GetAtt": name}:
            return str(name)
    raise TypeError(value)


def defaults(variables: Mapping[str, Any]) -> dict[str, str]:
    return {name: value_by_default(value) for name, value in variables.items()}


def test_defaults_of_the_parameters_are_those_that_settings_has() -> None:
    of_parameters = from_environment(defaults(environment("VerifyApiKey")))
    of_code = from_environment({})
    for name in (
        "api_key_prefix",
        "scopes",
        "authorizer_scopes",
        "rotation_grace_seconds",
        "signature_header_prefix",
        "operator_account_id",
        "jwt_secret",
        "jwt_jwks_url",
        "jwt_audience",
        "allowed_token_clients",
        "secret_scanning_keys_url",
        "api_domain_names",
        "api_id",
        "allow_insecure_webhooks",
        "retry_schedule_seconds",
        "delivery_timeout_seconds",
        "retention_days",
        "audit_retention_days",
        "console_supabase_url",
        "console_supabase_key",
        "console_sign_in_as_url",
        "console_frame_ancestors",
    ):
        assert getattr(of_parameters, name) == getattr(of_code, name), name


def test_secret_is_shown_nowhere() -> None:
    assert template()["Parameters"]["JwtSecret"]["NoEcho"] is True
    assert "JwtSecret" not in set(referenced(template()["Outputs"]))


def test_insecure_webhooks_are_off_unless_somebody_asks() -> None:
    assert template()["Parameters"]["AllowInsecureWebhooks"]["Default"] == "false"


def test_ready_made_sessions_are_off_unless_somebody_asks() -> None:
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
def test_frame_ancestors_can_say_nothing_else(sites: str, allowed: bool) -> None:
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
def test_supabase_url_is_an_origin(url: str, allowed: bool) -> None:
    pattern = template()["Parameters"]["ConsoleSupabaseUrl"]["AllowedPattern"]
    assert (re.fullmatch(pattern, url) is not None) is allowed
