"""The real `sam deploy` of the real template, onto the emulated AWS."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.build import BUILD
from local.emulator import aws_environment, client
from local.errors import LocalStackError
from local.sam import sam_command, sam_environment
from local.stages import ROOT, SAMCONFIG, stage_parameters

STACK_NAME = "latchhook-local"  # both as samconfig.toml has them
BUCKET = "latchhook-local-artefacts"


def deploy(endpoint_url: str, parameters: Mapping[str, str], log_path: Path) -> dict[str, str]:
    """Deploy what is built, with `parameters` over the local stage's own; the stack's outputs by name."""
    # Instead of `resolve_s3`, for which sam first deploys a stack of its own: 6 s at every start.
    client("s3", endpoint_url).create_bucket(Bucket=BUCKET)
    overrides = {**stage_parameters("local"), **parameters}
    command = sam_command(
        "deploy",
        "--config-env",
        "local",
        "--template-file",
        str(BUILD / "template.yaml"),
        "--config-file",
        str(SAMCONFIG),
        "--parameter-overrides",
        *(f"{name}={value}" for name, value in overrides.items()),
    )
    environment = {
        **sam_environment(),
        **aws_environment(endpoint_url),
        "SAM_CLI_POLL_DELAY": "0.1",  # the emulator needs seconds where AWS needs minutes
    }
    environment.pop("AWS_PROFILE", None)
    environment.pop("AWS_SESSION_TOKEN", None)
    with log_path.open("wb") as log:
        result = subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        )
    if result.returncode != 0:
        raise LocalStackError(f"The deploy failed; {log_path} says why.")
    return stack_outputs(endpoint_url)


def stack_outputs(endpoint_url: str) -> dict[str, str]:
    """The deployed stack's outputs by name."""
    stack = client("cloudformation", endpoint_url).describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def processed_template(endpoint_url: str) -> dict[str, Any]:
    """The template as CloudFormation ran it: after SAM's transform."""
    answer = client("cloudformation", endpoint_url).get_template(StackName=STACK_NAME, TemplateStage="Processed")
    body = answer["TemplateBody"]
    template: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
    return template
