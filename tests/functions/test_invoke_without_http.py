"""The example in docs/integrate/api-keys.md that verifies a key without HTTP."""

import io
import json
import re
from types import SimpleNamespace
from typing import Any

import pytest

from tests.docs.pages import page
from tests.functions.callers import made_key
from tests.functions.calls import invoke

(EXAMPLE,) = re.findall(r"### Without HTTP.*?```python\n(.*?)```", page("integrate/api-keys.md"), re.DOTALL)


def run_example(key: Any) -> Any:
    """Run the example with a Lambda client that calls the function in this process. Return its `result`."""

    def invoked(*, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - names of boto3
        assert FunctionName == "verify"
        try:
            result = invoke("verify_api_key", json.loads(Payload))
        except Exception as error:  # noqa: BLE001 - as Lambda does
            failure = json.dumps({"errorType": type(error).__name__})
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(failure.encode())}
        return {"Payload": io.BytesIO(json.dumps(result).encode())}

    boto3 = SimpleNamespace(client=lambda _: SimpleNamespace(invoke=invoked))
    names = {"boto3": boto3, "json": json, "key": key, "function_name": "verify"}
    exec(EXAMPLE, names)  # noqa: S102 - the example on the page
    return names["result"]


def test_example_returns_the_result_of_a_verification() -> None:
    assert run_example(made_key("orders:read")["key"])["code"] == "VALID"
    assert run_example(made_key("orders:write")["key"])["code"] == "INSUFFICIENT_SCOPE"


def test_example_raises_for_an_invalid_request() -> None:
    with pytest.raises(RuntimeError, match="InvalidFieldsError"):
        run_example(7)
