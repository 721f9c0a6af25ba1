"""The Makefile's help, its check of the Python version, and the parameters of `make deploy`."""

import os
import subprocess
from pathlib import Path

import pytest

from local.stages import ROOT


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Without the variables of a `make test` that may run this test.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_help_is_the_default_and_lists_every_target() -> None:
    listed = make().stdout
    targets = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))
    assert all(f"make {target} " in listed for target in targets.split()[1:])


@pytest.mark.parametrize(("prints", "said"), [("echo 3.9; exit 1", "is 3.9"), ("exit 127", "is missing")])
def test_old_python_is_reported_in_one_sentence(tmp_path: Path, prints: str, said: str) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{prints}\n")
    python.chmod(0o755)
    result = make("run", f"PYTHON={python}")
    assert result.returncode != 0
    assert result.stderr.startswith(f"Latchhook needs Python 3.11 or newer, and {python} {said}.")


@pytest.mark.parametrize(
    "value",
    ["A=b&c;d|e", "A=$HOME $$ $(shell id) `id`", """A='two words' "B=it's" C=""", "A=#1 \\back", "A='line\nline'", ""],
)
@pytest.mark.parametrize("given_by", ["argument", "environment"])
def test_deploy_passes_parameters_on_unchanged(
    value: str, given_by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, seen, installed = tmp_path / "python", tmp_path / "seen", tmp_path / "installed"
    python.write_text(f'#!/bin/sh\nprintf %s "$PARAMETERS" > {seen}\nprintf " %s" "$@" > {seen}.arguments\n')
    python.chmod(0o755)
    installed.touch()
    given = [f"PARAMETERS={value}"] if given_by == "argument" else []
    monkeypatch.setenv("PARAMETERS", "" if given else value)
    result = make("deploy", "STAGE=dev", f"BIN={tmp_path}", f"INSTALLED={installed}", *given)
    assert result.returncode == 0, result.stderr
    assert seen.read_text() == value
    assert Path(f"{seen}.arguments").read_text() == " -m local.release dev"
