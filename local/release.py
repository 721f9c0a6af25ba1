"""`make deploy`: builds a stage and deploys it to the AWS account of the environment's credentials.

Run `python -m local.release STAGE`. Parameters come from parameters/STAGE.toml, from variables named
PARAMETER_<parameter>, and from PARAMETERS. A later source wins. CloudFormation keeps the values of parameters that no
source names.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from latchhook.identity.provider_config import InvalidProvidersError, read_providers
from local.build import build
from local.errors import LocalStackError
from local.parameters import checked, parameters_of_environment, write_for_sam
from local.sam import sam_command, sam_environment
from local.stages import ROOT, declared_parameters, stage_names, stage_parameters

DECIDED_BY_THE_BUILD = {"PythonRuntime", "Architecture"}


def deploy_parameters(stage: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the parameter values of a deployment. Raise `LocalStackError` for a value that cannot be deployed."""
    given = parameters_of_environment(environment)
    if DECIDED_BY_THE_BUILD & given.keys():
        raise LocalStackError(f"PythonRuntime and Architecture affect the build. Set them in parameters/{stage}.toml.")
    values = checked(stage_parameters(stage) | given, declared_parameters())
    _check_identity_providers(values)
    return values


def _check_identity_providers(values: Mapping[str, str]) -> None:
    """Check the list of providers, and that functions may read the secrets that it names."""
    if not values.get("IdentityProviders"):
        return
    try:
        providers = read_providers(values["IdentityProviders"])
    except InvalidProvidersError as error:
        raise LocalStackError(str(error)) from None
    readable = values.get("IdentityProviderSecretArns", "").split(",")
    if any(provider.secret_arn and provider.secret_arn not in readable for provider in providers):
        raise LocalStackError("IdentityProviderSecretArns must list each secretArn of IdentityProviders.")


def main(stage: str, *, environment: Mapping[str, str] = os.environ) -> int:
    """Build the stage and run `sam deploy`, which shows its changes. Return its exit code."""
    if stage not in stage_names() or stage == "local":
        names = ", ".join(name for name in stage_names() if name != "local")
        raise LocalStackError(f"make deploy deploys the stages {names}. For the local stage, use make run.")
    values = deploy_parameters(stage, environment)
    build(stage)
    # In a file, because sam splits values on the command line, and other users of the machine can see them there.
    with TemporaryDirectory() as directory:
        overrides = write_for_sam(values, Path(directory) / "parameters.yaml")
        command = sam_command("deploy", "--config-env", stage, "--parameter-overrides", overrides)
        return subprocess.run(command, cwd=ROOT, env=sam_environment(), check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except LocalStackError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
