"""Runs the real `sam deploy` of the real template on the emulated AWS, and deploys further stacks."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import WaiterError

from local.build import BUILD
from local.emulator import EmulatedAccount
from local.errors import LocalStackError
from local.parameters import checked, write_for_sam
from local.sam import sam_command, sam_environment
from local.stages import ROOT, SAMCONFIG, declared_parameters, stage_parameters

STACK_NAME = "latchhook-local"  # the name and the bucket of samconfig.toml
BUCKET = "latchhook-local-artefacts"


def deploy(account: EmulatedAccount, parameters: Mapping[str, str], log_path: Path) -> None:
    """Deploy the build, with `parameters` over the local stage's own, as a new stack or an update."""
    # Instead of `resolve_s3`, for which sam first deploys an extra stack, 6 s at every start.
    account.client("s3").create_bucket(Bucket=BUCKET)  # in us-east-1, this succeeds also for an existing bucket
    values = checked({**stage_parameters("local"), **parameters}, declared_parameters())
    command = sam_command(
        "deploy",
        "--config-env",
        "local",
        "--template-file",
        str(BUILD / "template.yaml"),
        "--config-file",
        str(SAMCONFIG),
        "--parameter-overrides",
        write_for_sam(values, log_path.with_name("parameters.yaml")),
    )
    environment = {
        **sam_environment(),
        **account.environment,
        "SAM_CLI_POLL_DELAY": "0.1",  # the emulator deploys in seconds, AWS in minutes
    }
    environment.pop("AWS_PROFILE", None)
    environment.pop("AWS_SESSION_TOKEN", None)
    with log_path.open("wb") as log:
        result = subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        )
    if result.returncode != 0:
        raise LocalStackError(
            f"The deployment failed. The reason is in {log_path}. If the emulated AWS cannot change a deployed stack,"
            " FRESH=1 make run starts with an empty account."
        )


def deploy_template(
    account: EmulatedAccount, template: str, parameters: Mapping[str, str], stack_name: str
) -> dict[str, str]:
    """Deploy a template as a new stack, and return its outputs by name. Its code must be in the emulated S3."""
    # By URL, because CloudFormation accepts at most 50 KiB in a request.
    account.client("s3").put_object(Bucket=BUCKET, Key=f"{stack_name}.template", Body=template.encode())
    cloudformation = account.client("cloudformation")
    cloudformation.create_stack(
        StackName=stack_name,
        TemplateURL=f"{account.endpoint_url}/{BUCKET}/{stack_name}.template",
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    try:
        waiter = cloudformation.get_waiter("stack_create_complete")
        waiter.wait(StackName=stack_name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
    except WaiterError as error:
        raise LocalStackError(f"The stack {stack_name} could not be created: {error}") from None
    return stack_outputs(account, stack_name)


def is_deployed(account: EmulatedAccount, stack_name: str) -> bool:
    """Return whether a stack with this name exists."""
    stacks = account.client("cloudformation").get_paginator("describe_stacks").paginate()
    return any(stack["StackName"] == stack_name for page in stacks for stack in page["Stacks"])


def stack_outputs(account: EmulatedAccount, stack_name: str = STACK_NAME) -> dict[str, str]:
    """Return a deployed stack's outputs by name."""
    stack = account.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def packaged_template(account: EmulatedAccount) -> str:
    """Return the template that `sam deploy` sent: with its code in the emulated S3, before SAM's transform."""
    response = account.client("cloudformation").get_template(StackName=STACK_NAME, TemplateStage="Original")
    return str(response["TemplateBody"])


def processed_template(account: EmulatedAccount, stack_name: str = STACK_NAME) -> dict[str, Any]:
    """Return the template after SAM's transform."""
    response = account.client("cloudformation").get_template(StackName=stack_name, TemplateStage="Processed")
    body = response["TemplateBody"]
    template: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
    return template
