"""A local stack keeps its data, deploys only a changed product, and runs once in a directory."""

import fcntl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import requests

from local import kept_values
from local.emulator import Emulator
from local.kept_values import KeptValues, deployment_fingerprint
from local.stack import LocalStack, RunningStack
from local.stages import ROOT

RUN = """
import sys
from pathlib import Path
from local import run
run.DIRECTORY = Path(sys.argv[1])
sys.exit(run.main())
"""


def steps(done: list[str]) -> Callable[[str], AbstractContextManager[object]]:
    """Return a progress that records the first word of each step."""

    @contextmanager
    def step(doing: str) -> Iterator[None]:
        done.append(doing.split(maxsplit=1)[0])
        yield

    return step


def key_names(stack: RunningStack) -> list[str]:
    headers = {"Authorization": f"Bearer {stack.tokens.account_token()}"}
    response = requests.get(f"{stack.base_url}/api-keys", headers=headers, timeout=60)
    return [key["name"] for key in response.json()["data"]]


def create_key(stack: RunningStack, name: str) -> None:
    headers = {"Authorization": f"Bearer {stack.tokens.account_token()}"}
    body = {"name": name, "scopes": ["orders:read"]}
    requests.post(f"{stack.base_url}/api-keys", json=body, headers=headers, timeout=60).raise_for_status()


def test_restart_keeps_data_and_deploys_no_unchanged_product(tmp_path: Path) -> None:
    first: list[str] = []
    with LocalStack(tmp_path, keep_data=True, progress=steps(first)) as stack:
        assert not stack.has_kept_data
        create_key(stack, "Kept")
        operator_api_key = stack.operator_api_key
    second: list[str] = []
    with LocalStack(tmp_path, keep_data=True, progress=steps(second)) as stack:
        assert stack.has_kept_data
        assert stack.operator_api_key == operator_api_key
        assert key_names(stack) == ["Kept"]
    assert first == ["Building", "Starting", "Deploying", "Creating"]
    assert second == ["Building", "Starting"]


@pytest.mark.parametrize(
    ("state_is_complete", "options", "value"),
    [
        (True, {"keep_state": True}, "value"),
        (True, {"keep_state": True, "start_empty": True}, None),
        (True, {"keep_state": False}, None),
        (False, {"keep_state": True}, None),
    ],
    ids=["kept", "fresh", "not kept", "interrupted"],
)
def test_account_starts_with_the_last_complete_state(
    state_is_complete: bool, options: dict[str, bool], value: str | None, tmp_path: Path
) -> None:
    with Emulator(tmp_path, keep_state=True) as emulator:
        emulator.wait_until_ready()
        KeptValues(emulator.account).put("name", "value")
        emulator.state_is_complete = state_is_complete
    with Emulator(tmp_path, **options) as emulator:
        emulator.wait_until_ready()
        assert KeptValues(emulator.account).get("name") == value


def test_deployment_depends_on_build_parameters_and_corrections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build, correction = tmp_path / "built", tmp_path / "routes.py"
    monkeypatch.setattr(kept_values, "STAMP", build)
    monkeypatch.setattr(kept_values, "CORRECTIONS", (correction,))
    fingerprints = set()
    for build_text, correction_text, value in (("1", "1", "1"), ("2", "1", "1"), ("1", "2", "1"), ("1", "1", "2")):
        build.write_text(build_text)
        correction.write_text(correction_text)
        made = {deployment_fingerprint({"A": value, "B": "b"}), deployment_fingerprint({"B": "b", "A": value})}
        assert len(made) == 1
        fingerprints |= made
    assert len(fingerprints) == 4


def test_second_run_in_a_directory_names_the_url_of_the_first_and_fails(tmp_path: Path) -> None:
    with (tmp_path / "claim").open("w") as claim:
        fcntl.flock(claim, fcntl.LOCK_EX)
        claim.write("http://localhost:8787")
        claim.flush()
        run = subprocess.run(
            [sys.executable, "-c", RUN, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert run.returncode == 1
    assert "already runs in this directory, at http://localhost:8787." in run.stdout
