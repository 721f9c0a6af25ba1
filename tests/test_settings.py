"""The settings of a deployment: values of the environment, and defaults."""

from dataclasses import fields

import pytest

from latchhook.settings import MARKETPLACE_SCOPES, REQUIRED, MissingSettingError, Settings, from_environment

NUMBERS = {
    "ROTATION_GRACE_SECONDS": "0",
    "DELIVERY_TIMEOUT_SECONDS": "2.5",
    "RETENTION_DAYS": "7",
    "AUDIT_RETENTION_DAYS": "90",
    "MAX_KEYS_PER_ACCOUNT": "12",
    "WRITES_PER_MINUTE": "34",
    "SLOW_CALLS_PER_MINUTE": "5",
}


STACK = dict.fromkeys(REQUIRED, "of-the-stack")


@pytest.mark.parametrize("missing", REQUIRED)
def test_missing_table_or_key_stops_the_start(missing: str) -> None:
    others = {name: text for name, text in STACK.items() if name != missing}

    for environment in (others, {**others, missing: ""}):
        with pytest.raises(MissingSettingError, match=f"variable {missing} is not set"):
            from_environment(environment)


def test_tables_and_the_secrets_key_are_required() -> None:
    assert set(REQUIRED) == {"API_KEYS_TABLE", "SETTINGS_TABLE", "DELIVERIES_TABLE", "WEBHOOK_SECRETS_KEY_ID"}


def test_empty_environment_gives_the_defaults() -> None:
    settings = from_environment(STACK)

    assert (settings.api_key_prefix, settings.signature_header_prefix) == ("lh_live_", "X-Latchhook")
    assert settings.rotation_grace_seconds == 300
    assert settings.scopes == MARKETPLACE_SCOPES
    assert settings.jwt_audience == "authenticated"
    assert (settings.jwt_secret_arn, settings.jwt_jwks_url, settings.operator_account_id) == ("", "", "")
    assert settings.retry_schedule_seconds == (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
    assert not settings.allow_insecure_webhooks
    assert settings.allowed_token_clients == frozenset()


def test_environment_overrides_the_defaults() -> None:
    names = [field.name for field in fields(Settings) if field.type is str or field.type == "str"]
    settings = from_environment({name.upper(): f"the {name}" for name in names} | NUMBERS)

    assert [getattr(settings, name) for name in names] == [f"the {name}" for name in names]
    assert (settings.rotation_grace_seconds, settings.delivery_timeout_seconds) == (0, 2.5)
    assert (settings.retention_days, settings.audit_retention_days) == (7, 90)
    assert settings.max_keys_per_account == 12
    assert (settings.writes_per_minute, settings.slow_calls_per_minute) == (34, 5)


def test_lists_are_separated_by_commas() -> None:
    lists = {"SCOPES": "laps:read, laps:write ,", "RETRY_SCHEDULE_SECONDS": "1,2, 3", "ALLOWED_TOKEN_CLIENTS": "a,, b"}
    settings = from_environment(STACK | lists)

    assert settings.allowed_token_clients == {"a", "b"}
    assert settings.scopes == ("laps:read", "laps:write")
    assert settings.retry_schedule_seconds == (1, 2, 3)


@pytest.mark.parametrize("empty", ["", " ", ","])
def test_empty_list_gives_the_default(empty: str) -> None:
    assert from_environment(STACK | {"SCOPES": empty}).scopes == MARKETPLACE_SCOPES


@pytest.mark.parametrize("text", ["", "false", "True", "1", "yes", "TRUE"])
def test_only_the_word_true_allows_insecure_webhooks(text: str) -> None:
    assert not from_environment(STACK | {"ALLOW_INSECURE_WEBHOOKS": text}).allow_insecure_webhooks
    assert from_environment(STACK | {"ALLOW_INSECURE_WEBHOOKS": "true"}).allow_insecure_webhooks


@pytest.mark.parametrize("name", [*sorted(NUMBERS), "RETRY_SCHEDULE_SECONDS"])
def test_invalid_number_stops_the_start(name: str) -> None:
    with pytest.raises(ValueError, match="soon"):
        from_environment(STACK | {name: "soon"})
