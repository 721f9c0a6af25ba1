"""`sam remote invoke` works for every function with its example event, on the deployed stack."""

import json
import subprocess
from pathlib import Path
from typing import Any

from local.declared_functions import DeclaredFunction, declared_functions
from local.deploy import STACK_NAME
from local.sam import sam_command, sam_environment
from local.stack import RunningStack
from local.stages import ROOT

PUBLIC = {
    "GetOpenapi": 200,
    "ServeConsole": 200,
    "HandleUnknownRoute": 404,
    "GetAuthorizationServerMetadata": 200,
    "GetProtectedResourceMetadata": 200,
    "Authorize": 400,  # the client of its event does not exist
}

END_OF_RESPONSE = "\x1e"

SAM_COMMANDS = f"""
import json, sys
from samcli.cli.main import cli

for arguments in json.load(sys.stdin):
    cli.main(arguments, prog_name="sam", standalone_mode=False)
    print({END_OF_RESPONSE!r}, end="", flush=True)
"""
"""Runs several `sam` commands in one process, because each start of `sam` costs seconds of CPU."""


def remote_invoke(stack: RunningStack, functions: list[DeclaredFunction]) -> dict[str, dict[str, Any]]:
    """Run `sam remote invoke` for each function and return Lambda's complete responses by function."""
    commands = [
        [
            "remote", "invoke", function.logical_id,
            "--stack-name", STACK_NAME,
            "--event-file", f"events/{function.module.rpartition('.')[2]}.json",
            "--output", "json",
        ]
        for function in functions
    ]  # fmt: skip
    done = subprocess.run(
        [str(Path(sam_command()[0]).with_name("python")), "-P", "-c", SAM_COMMANDS],
        input=json.dumps(commands),
        env={**sam_environment(), **stack.aws_environment},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    responses = done.stdout.split(END_OF_RESPONSE)[:-1]
    return {each.logical_id: json.loads(text) for each, text in zip(functions, responses, strict=True)}


def test_every_example_event_is_answered_without_an_error(stack: RunningStack) -> None:
    functions = declared_functions()
    responses = remote_invoke(stack, functions)
    assert len(responses) == len(list((ROOT / "events").iterdir()))
    for function in functions:
        response = responses[function.logical_id]
        assert response["StatusCode"] == 200, function.logical_id
        payload = response["Payload"] if isinstance(response["Payload"], dict) else json.loads(response["Payload"])
        if function.logical_id == "RotateSecretsManagerKey":  # the secret of its event does not exist
            assert payload["errorMessage"] == "describe_secret: AccessDeniedException"
            continue
        assert "FunctionError" not in response, f"{function.logical_id}: {response}"
        if "statusCode" in payload:
            assert payload["statusCode"] == PUBLIC.get(function.logical_id, 401), function.logical_id
        elif "batchItemFailures" in payload:
            assert payload["batchItemFailures"] == [], function.logical_id
