"""The commands of docs/start/getting-started.md, run in order against the deployed product."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.receiver import Receiver
from local.stack import RunningStack
from tests.journeys.product import PATIENCE_SECONDS, new_account

PAGE = (Path(__file__).parents[2] / "docs" / "start" / "getting-started.md").read_text(encoding="utf-8")
START, VARIABLES = "make run\n", "session() {"


def commands() -> list[str]:
    """Return the page's shell blocks, without the start of the stack and the variables of this machine."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    assert blocks[0] == START
    assert blocks[1].startswith(VARIABLES)
    return blocks[2:]


def run(stack: RunningStack, account_id: str, script: str) -> str:
    """Run a script with the page's variables and return its output."""
    variables = {
        "api": stack.base_url,
        "admin": stack.tokens.account_token(account_id),
        "operator": stack.tokens.operator_token(),
        "account": account_id,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    done = subprocess.run(["sh", "-euc", script], env=variables, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
def test_getting_started_page_works_as_written(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    field, create, verify, revoke, webhook, publish, see, again = commands()

    output = run(stack, account_id, "\n".join([field, create, verify, revoke]))
    assert '"code": "VALID"' in output
    assert '"code": "REVOKED"' in output

    address = receiver.url("/")
    variables = webhook.replace("http://127.0.0.1:9000/", address) + 'echo "webhook=$webhook"\n'
    created = run(stack, account_id, "\n".join([field, variables, publish]))
    (first,) = receiver.wait_for(1, PATIENCE_SECONDS)

    (name,) = re.findall(r"webhook=(\S+)", created)
    deliveries = f'curl -s "$api/webhooks/{name}/deliveries" -H "Authorization: Bearer $admin"'
    recorded = f"until {deliveries} | grep -q deliveryId; do sleep 1; done"
    run(stack, account_id, "\n".join([f"webhook={name}", field, recorded, see, again]))
    second = receiver.wait_for(2, PATIENCE_SECONDS)[1]
    assert second.headers["webhook-id"] == first.headers["webhook-id"]
    assert second.body == first.body


def test_every_example_uses_the_variables_of_the_page() -> None:
    used = set(re.findall(r"\$(?:\{)?([a-z_]+)", "".join(commands())))
    defined = set(re.findall(r"^([a-z_]+)=", PAGE, re.MULTILINE))
    assert used <= defined
