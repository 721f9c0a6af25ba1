"""The checks of `make deploy` before the build, and the parameters that it passes to sam."""

from pathlib import Path

import pytest

from local import release, stages
from local.errors import LocalStackError
from local.release import deploy_parameters, main


@pytest.mark.parametrize("stage", ["local", "nowhere"])
def test_only_aws_stages_are_deployed(stage: str) -> None:
    with pytest.raises(LocalStackError, match="the stages dev, prod"):
        main(stage)


@pytest.mark.parametrize(
    "environment", [{"PARAMETERS": "PythonRuntime=python3.13"}, {"PARAMETER_Architecture": "arm64"}]
)
def test_build_parameters_must_be_set_in_the_stages_file(environment: dict[str, str]) -> None:
    with pytest.raises(LocalStackError, match=r"Set them in parameters/dev\.toml"):
        deploy_parameters("dev", environment)


def test_pairs_override_variables_and_variables_override_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "PARAMETERS", tmp_path)
    (tmp_path / "dev.toml").write_text('ApiKeyPrefix = "file_"\nRetentionDays = 20\nJwtIssuer = "https://i.example"\n')
    environment = {
        "PARAMETER_ApiKeyPrefix": "variable_",
        "PARAMETER_RetentionDays": "21",
        "PARAMETERS": "RetentionDays=22",
    }
    assert deploy_parameters("dev", environment) == {
        "ApiKeyPrefix": "variable_",
        "RetentionDays": "22",
        "JwtIssuer": "https://i.example",
    }


def test_authorizer_scopes_keep_every_character() -> None:
    scopes = "default=orders:read&/orders/{id}=orders:write".replace("{id}", "-")
    assert deploy_parameters("dev", {"PARAMETERS": f"AuthorizerScopes={scopes}"}) == {"AuthorizerScopes": scopes}


PROVIDER = '{"preset":"oidc","issuer":"https://i.example","audience":"a","accountClaim":"t","secretArn":"%s"}'
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:login-AbCdEf"


@pytest.mark.parametrize(
    ("providers", "arns", "reason"),
    [
        ("[]", "", "a list of 1 to 5 providers"),
        ('[{"preset":"okta"}]', "", "provider 1 needs a preset"),
        (f"[{PROVIDER % ARN}]", "", "IdentityProviderSecretArns must list"),
        (f"[{PROVIDER % ARN}]", f"{ARN}2", "IdentityProviderSecretArns must list"),
    ],
)
def test_invalid_identity_providers_are_not_deployed(providers: str, arns: str, reason: str) -> None:
    with pytest.raises(LocalStackError, match=reason):
        deploy_parameters(
            "dev", {"PARAMETER_IdentityProviders": providers, "PARAMETER_IdentityProviderSecretArns": arns}
        )


def test_identity_providers_are_deployed_with_their_secrets() -> None:
    values = {"IdentityProviders": f"[{PROVIDER % ARN}]", "IdentityProviderSecretArns": f"{ARN}2,{ARN}"}
    assert deploy_parameters("dev", {f"PARAMETER_{name}": value for name, value in values.items()}) == values


def test_identity_providers_may_have_several_lines() -> None:
    providers = f"[\n{PROVIDER % ARN}\n]"
    values = {"PARAMETER_IdentityProviders": providers, "PARAMETER_IdentityProviderSecretArns": ARN}
    assert deploy_parameters("dev", values)["IdentityProviders"] == providers


def test_empty_value_clears_a_parameter() -> None:
    assert deploy_parameters("dev", {"PARAMETERS": "JwtJwksUrl="}) == {"JwtJwksUrl": ""}


def test_parameters_in_samconfig_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text('[dev.deploy.parameters]\nparameter_overrides = ["ApiKeyPrefix=acme_"]\n')
    monkeypatch.setattr(stages, "SAMCONFIG", config)
    with pytest.raises(LocalStackError, match=r"to parameters/dev\.toml"):
        deploy_parameters("dev", {})


def test_parameter_values_are_not_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    sam = tmp_path / "sam"
    sam.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {seen}\ncat "${{5#file://}}" >> {seen}.file\nexit 3\n')
    sam.chmod(0o755)
    monkeypatch.setattr(release, "build", lambda _: None)
    monkeypatch.setattr(release, "sam_command", lambda *arguments: [str(sam), *arguments])
    assert main("dev", environment={"PARAMETERS": "'ConsoleSupabaseKey=a b&c$d'"}) == 3
    assert "a b&c" not in seen.read_text()
    assert 'ConsoleSupabaseKey": ' in Path(f"{seen}.file").read_text()
