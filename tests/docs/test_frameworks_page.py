"""The examples of docs/integrate/frameworks.md answer the statuses that the page states."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.npm_packages import node
from local.receiver import Behaviour, Receiver
from tests.docs.pages import page

PAGE = "integrate/frameworks.md"
EXAMPLES = dict(re.findall(r"^## (\w+)\n\n```\w+\n(.*?)```", page(PAGE), re.MULTILINE | re.DOTALL))
VERIFY = "/api-keys/verify"
STATUSES = {
    "VALID": 200,
    "NOT_FOUND": 401,
    "REVOKED": 401,
    "EXPIRED": 401,
    "DISABLED": 401,
    "INSUFFICIENT_SCOPE": 403,
    "IP_NOT_ALLOWED": 403,
    "RATE_LIMITED": 429,
    "USAGE_EXCEEDED": 429,
}

CALLING_NODE = """
let status = 200;
const response = { status(code) { status = code; return this; }, end() { return this; } };
const request = { headers: { "x-api-key": "lh_live_x" }, ip: "203.0.113.7" };
requireKey("orders:read")(request, response, () => {}).then(() => {
  console.log(JSON.stringify([status, request.accountId ?? null]));
});
"""

Call = Callable[[], tuple[int, str | None]]


@pytest.fixture
def latchhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with Receiver() as receiver:
        monkeypatch.setenv("LATCHHOOK_URL", receiver.base_url)
        monkeypatch.setenv("LATCHHOOK_TOKEN", "token")
        yield receiver


def flask_call() -> tuple[int, str | None]:
    """Call the Flask example once."""
    module: dict[str, Any] = {"__name__": "example"}
    exec(EXAMPLES["Flask"], module)  # noqa: S102 - the example on the page
    with module["latchhook"]:
        response = module["app"].test_client().get("/orders", headers={"X-API-Key": "lh_live_x"})
    return response.status_code, response.json["account"] if response.status_code == 200 else None


def node_call() -> tuple[int, str | None]:
    """Call the middleware of the Node example once."""
    run = subprocess.run(
        [str(node()), "--eval", EXAMPLES["Node"] + CALLING_NODE], capture_output=True, text=True, check=True
    )
    status, account = json.loads(run.stdout)
    return status, account


each_example = pytest.mark.parametrize("call", [flask_call, node_call])


@each_example
def test_verified_caller_continues_with_its_account(call: Call, latchhook: Receiver) -> None:
    result = {"valid": True, "code": "VALID", "accountId": "acme"}
    latchhook.response(VERIFY, Behaviour(body=json.dumps(result).encode()))

    assert call() == (200, "acme")
    (sent,) = latchhook.requests(VERIFY)
    assert json.loads(sent.body)["key"] == "lh_live_x"
    assert json.loads(sent.body)["requiredScopes"] == ["orders:read"]
    assert sent.headers["authorization"] == "Bearer token"


@each_example
@pytest.mark.parametrize("code", [code for code in STATUSES if code != "VALID"])
def test_refused_key_has_the_status_that_the_page_states(code: str, call: Call, latchhook: Receiver) -> None:
    latchhook.response(VERIFY, Behaviour(body=json.dumps({"valid": False, "code": code}).encode()))

    assert call() == (STATUSES[code], None)


@each_example
def test_error_of_latchhook_is_503_and_no_refusal(call: Call, latchhook: Receiver) -> None:
    latchhook.response(VERIFY, Behaviour(statuses=(503,)))

    assert call() == (503, None)
