"""`sam remote invoke` works for every function with its example event, on the deployed stack."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from local.declared_functions import DeclaredFunction, declared_functions
from local.deploy import STACK_NAME
from local.sam import sam_command, sam_environment
from local.stack import RunningStack

ROOT = Path(__file__).parents[2]
AT_ONCE = 3
PUBLIC = {"GetOpenapi": 200, "ServeConsole": 200, "HandleUnknownRoute": 404}


def remote_invoke(stack: RunningStack, function: DeclaredFunction) -> dict[str, Any]:
    """Run `sam remote invoke` and return Lambda's complete response."""
    event = ROOT / "events" / f"{function.module.rpartition('.')[2]}.json"
    command = sam_command(
        "remote", "invoke", function.logical_id,
        "--stack-name", STACK_NAME,
        "--event-file", str(event),
        "--output", "json",
    )  # fmt: skip
    environment = {**sam_environment(), **stack.aws_environment}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, f"{function.logical_id}: {done.stderr}"
    response: dict[str, Any] = json.loads(done.stdout)
    return response


def test_every_example_event_is_answered_without_an_error(stack: RunningStack) -> None:
    functions = declared_functions()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        responses = list(threads.map(lambda function: remote_invoke(stack, function), functions))
    assert len(responses) == len(list((ROOT / "events").iterdir()))
    for function, response in zip(functions, responses, strict=True):
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
